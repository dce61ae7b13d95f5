"""The model process as a process: its turns, its ends, what it prints, what it needs and how much it takes."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from model_server import VERSION
from s2f_blender_addon.core import wire
from s2f_blender_addon.core.messages import (
    PROTOCOL,
    Cancel,
    Cancelled,
    Failure,
    Felt,
    Hello,
    Pcm,
    PcmEnd,
    Progress,
    Result,
)  # fmt: skip

from .conftest import GENEROUS, ROOT, STDIO, Child, Start, feel, request, until_progress


def test_it_greets_with_versions_model_and_device(start: Start) -> None:
    hello = start("--backend", "numpy").hear(Hello)
    assert (hello.protocol, hello.version) == (PROTOCOL, VERSION)
    assert (hello.backend, hello.device, hello.decodes) == ("numpy", "cpu", "all")
    assert hello.model
    assert hello.licence_track == "product"


def test_jobs_wait_in_line_and_each_gets_one_answer(child: Child) -> None:
    child.say(*(request(n, seed=n) for n in range(1, 6)))
    assert [child.answer().id for _ in range(5)] == [1, 2, 3, 4, 5]


def test_a_cancel_is_answered_within_200_ms(child: Child, long_recording: Path) -> None:
    waits = []
    for number in range(1, 4):
        child.say(request(number, long_recording, fps=59.0 + number))  # another rate, so that nothing is remembered
        until_progress(child, 0.1 + 0.25 * number / 4)
        asked = time.monotonic()
        child.say(Cancel(number))
        while True:
            heard, message = child.heard.get(timeout=GENEROUS)
            if isinstance(message, Cancelled):
                break
            assert isinstance(message, Progress)
        assert message.id == number
        waits.append(heard - asked)
    assert statistics.median(waits) < 0.2
    child.say(request(9))
    assert isinstance(child.answer(), Result)


def test_a_job_that_still_waits_or_still_arrives_can_be_cancelled(child: Child, long_recording: Path) -> None:
    child.say(request(1, long_recording), request(2), request(3, ""), Pcm(3, 16000, np.zeros(100, np.float32)))
    until_progress(child)
    child.say(Cancel(3), Cancel(2), Cancel(1), PcmEnd(3), Cancel(99))
    assert sorted(child.answer().id for _ in range(3)) == [1, 2, 3]
    child.say(request(4))
    assert child.answer().id == 4


@pytest.mark.parametrize("busy", [False, True])
def test_it_leaves_when_stdin_ends(busy: bool, child: Child, long_recording: Path) -> None:
    if busy:
        child.say(request(1, long_recording))
        until_progress(child, 0.1)
    asked = time.monotonic()
    child.hang_up()
    assert child.end() == 0
    assert time.monotonic() - asked < 2


def test_it_leaves_even_when_nobody_reads_what_it_says(start: Start, long_recording: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, *STDIO, "--backend", "numpy"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdin is not None
    for number in range(20):  # results that no pipe holds
        wire.write(process.stdin, request(number).to_frame())
    time.sleep(1)
    asked = time.monotonic()
    process.stdin.close()
    assert process.wait(timeout=GENEROUS) == 0
    assert time.monotonic() - asked < 2


_BLENDER = """
import subprocess, sys, time
sys.path.insert(0, sys.argv[1])
from s2f_blender_addon.core import wire
from s2f_blender_addon.core.messages import Infer
from s2f_blender_addon.core.request import Request
child = subprocess.Popen([sys.executable, "-m", "model_server.adapters.stdio", "--backend", "numpy"],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=sys.argv[1])
wire.read(child.stdout)
if sys.argv[2]:
    wire.write(child.stdin, Infer(1, Request(sys.argv[2])).to_frame())
    wire.read(child.stdout)
print("ready", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("busy", [False, True])
def test_it_is_gone_two_seconds_after_blender_was_killed(busy: bool, long_recording: Path) -> None:
    """The child shares its parent's stderr: that pipe ends when both are gone, on any system."""
    blender = subprocess.Popen(
        [sys.executable, "-c", _BLENDER, str(ROOT), str(long_recording) if busy else ""],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert blender.stdout is not None
    assert blender.stderr is not None
    assert blender.stdout.readline().strip() == b"ready"
    blender.kill()
    killed = time.monotonic()
    assert blender.stderr.read() == b""
    assert time.monotonic() - killed < 2
    blender.wait()


_CHATTY = """
import ctypes, os, sys, runpy
from model_server.audio import decode as module
quiet = module.decode
def chatty(*arguments):
    print("a library prints")
    sys.__stdout__.write("and writes")
    os.write(1, b"to the descriptor itself")
    if os.name == "posix":
        libc = ctypes.CDLL(None)
        libc.puts(b"and from C")
        libc.fflush(None)
    return quiet(*arguments)
module.decode = chatty
import model_server.adapters.job
model_server.adapters.job.decode = chatty
runpy.run_module("model_server.adapters.stdio", run_name="__main__", alter_sys=True)
"""


def test_what_libraries_print_goes_to_stderr_and_not_into_the_frames(start: Start) -> None:
    child = start("--backend", "numpy", start=("-c", _CHATTY))
    child.hear(Hello)
    child.say(request(1), request(2))
    assert [child.answer().id for _ in range(2)] == [1, 2]
    child.hang_up()
    child.end()
    time.sleep(0.1)
    assert b"a library prints" in child.stderr
    assert b"to the descriptor itself" in child.stderr


def test_a_model_that_is_not_there_is_a_sentence_and_an_end(start: Start, tmp_path: Path) -> None:
    child = start("--backend", "numpy", "--model", str(tmp_path / "none.safetensors"))
    failure = child.hear(Failure)
    assert failure.id == -1
    assert "none.safetensors" in failure.sentence
    assert child.end() == 2


def test_two_processes_at_once_do_not_disturb_each_other(start: Start) -> None:
    children = [start("--backend", "numpy") for _ in range(2)]
    for child in children:
        child.hear(Hello)
        child.say(request(1, seed=5))
    one, other = (child.answer().track for child in children)
    np.testing.assert_array_equal(one.talk, other.talk)


_ALONE = """
import sys
allowed = sys.stdlib_module_names | {"numpy", "model_server", "s2f_blender_addon"}
from importlib.machinery import PathFinder
class NumpyAlone:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return PathFinder.find_spec(name, path, target) if name.partition(".")[0] in allowed else None
sys.meta_path[:] = [f for f in sys.meta_path if f is not PathFinder] + [NumpyAlone]
sys.path.insert(0, sys.argv.pop(1))
import runpy
runpy.run_module("model_server.adapters.stdio", run_name="__main__", alter_sys=True)
"""


def test_a_python_with_numpy_alone_does_the_whole_job(start: Start) -> None:
    """As in Blender's own Python, where ``auto`` must not even look for torch."""
    child = start(str(ROOT), start=("-I", "-c", _ALONE))
    hello = child.hear(Hello)
    assert (hello.backend, hello.decodes) == ("numpy", "wav")
    child.say(request(1, emotion={"sad": 1.0}), feel(2, "I am happy."))
    assert isinstance(child.answer(), Result)
    assert child.hear(Felt).sliders.any()


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
@pytest.mark.parametrize(("backend", "megabytes"), [("numpy", 150), ("torch", 600)])
def test_an_idle_process_is_small(backend: str, megabytes: int, start: Start) -> None:
    child = start("--backend", backend, "--device", "cpu")
    pid = child.hear(Hello).pid
    child.say(request(1))
    child.answer()
    status = Path(f"/proc/{pid}/status").read_text()
    resident = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])
    assert resident / 1024 < megabytes
