"""The model process under attack: killed at every stage, a full disk, a jumping clock, a thousand jobs in a row."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np
import pytest
import soundfile

from model_server.benchmark.memory import resident
from model_server.benchmark.process import running, wait_for
from model_server.benchmark.speech import write_speech
from model_server.sample import SAMPLE
from s2f_blender_addon.core import wire
from s2f_blender_addon.core.messages import Hello, Infer, Pcm, PcmEnd, Progress, Result, parse
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.process.client import ModelProcess
from s2f_blender_addon.process.command import Interpreter
from s2f_blender_addon.process.connection import ConnectionState
from s2f_blender_addon.process.job import Job, Phase

ROOT = Path(__file__).parents[2]
HERE = Interpreter(sys.executable, ("-X", "utf8"), "numpy", "this Python", 120.0)


@pytest.fixture(scope="module")
def long_recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "long.wav"
    write_speech(path, 480)  # so that a fast machine, too, says something at every stage
    return path


@pytest.fixture
def start() -> Iterator[Callable[[], ModelProcess]]:
    """Starts processes and sees to it that none stays."""
    processes: list[ModelProcess] = []

    def begin() -> ModelProcess:
        processes.append(ModelProcess(HERE))
        processes[-1].start()
        return processes[-1]

    yield begin
    for one in processes:
        one.kill()


STAGES = ("starting the model", "Reading the sound", "Listening", "sounds of speech", "Shaping the mouth")
"""What comes after takes a twentieth of a second: too short to hit from outside."""


def reached(job: Job, stage: str) -> bool:
    """Whether ``job`` came as far as ``stage``, by its phase or the words of its progress; a look may miss some."""
    if job.phase.value == stage:
        return True
    return job.phase is Phase.WORKING and any(later in job.doing for later in STAGES[STAGES.index(stage) :])


@pytest.mark.parametrize("stage", STAGES)
def test_a_process_killed_at_any_stage_is_a_sentence_and_the_next_one_works(
    stage: str, start: Callable[[], ModelProcess], long_recording: Path
) -> None:
    process = start()
    job = Job(process, Infer(0, Request(str(long_recording), {"happy": 1.0})))
    while not reached(job, stage):
        assert not job.poll(), f"it never said {stage!r}: {job.sentence}"
        time.sleep(0.001)
    os.kill(process.pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    while not job.poll():
        time.sleep(0.005)
    assert job.phase is Phase.FAILED
    assert "press Bake" in job.sentence
    assert "Traceback" not in job.sentence
    assert process.state is ConnectionState.FAILED
    again = Job(start(), Infer(0, Request(str(SAMPLE))))
    while not again.poll():
        time.sleep(0.005)
    assert again.phase is Phase.DONE, again.sentence


def test_a_thousand_jobs_in_a_row_leave_the_memory_flat() -> None:
    """Every one with a sound of its own, as if an animator worked for a week without closing Blender."""
    rng = np.random.default_rng(0)
    spoken = soundfile.read(SAMPLE, dtype="float32")[0][4000:8000]
    with running("numpy") as process:
        sizes = []
        for number in range(1, 1001):
            sound = spoken * rng.uniform(0.1, 1)
            process.send(Infer(number, Request("", {"happy": 0.5}, number)))
            process.send(Pcm(number, 16000, sound.astype(np.float32)))
            process.send(PcmEnd(number))
            result = wait_for(process, Result)
            assert isinstance(result, Result)
            assert result.id == number
            if number % 100 == 0:
                sizes.append(resident(process.pid))
    # Now and then the C library gives a thread a heap of its own: a few steps are no leak, a slope is one.
    grown = [after - before for before, after in pairwise(sizes[1:])]
    assert median(grown) < 0.25, sizes
    assert sizes[-1] - sizes[1] < 40, sizes


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a process's files")
@pytest.mark.parametrize("suffix", [".csv", ".json", ".s2f"])
def test_a_full_disk_is_one_line_and_leaves_the_old_file(suffix: str, tmp_path: Path) -> None:
    out = tmp_path / f"track{suffix}"
    out.write_text("the old one")
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); "
        "from model_server.cli.main import main; sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "infer", str(SAMPLE), "-o", str(out)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert out.read_text() == "the old one"
    assert list(tmp_path.iterdir()) == [out]


_JUMPING = """
import itertools, runpy, time
real, jumps = time.time, itertools.cycle([0.0, 1e7, -1e7, 3600.0])
time.time = lambda: real() + next(jumps)
runpy.run_module("model_server.adapters.stdio", run_name="__main__", alter_sys=True)
"""


def test_a_clock_that_jumps_changes_nothing() -> None:
    tracks = []
    for start in (("-m", "model_server.adapters.stdio"), ("-c", _JUMPING)):
        child = subprocess.Popen(
            [sys.executable, *start, "--backend", "numpy"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert child.stdin is not None
        assert child.stdout is not None
        wire.write(child.stdin, Infer(1, Request(str(SAMPLE))).to_frame())
        heard: list[type] = []
        while (frame := wire.read(child.stdout)) is not None:
            message = parse(frame)
            heard.append(type(message))
            if isinstance(message, Result):
                tracks.append(message.track.talk)
                child.stdin.close()
        assert child.wait(timeout=60) == 0
        assert heard[0] is Hello
        assert set(heard[1:-1]) == {Progress}
    np.testing.assert_array_equal(tracks[0], tracks[1])
