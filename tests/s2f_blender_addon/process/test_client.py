"""The life of the model process, seen from Blender: real children, good and bad ones."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

SAMPLE = "model_server/sample/hello.wav"


@pytest.fixture
def interpreter(load, blender):
    return load("process.command").blenders_own(load("bake.compat").python_arguments())


@pytest.fixture
def process(load, interpreter):
    process = load("process.client").ModelProcess(interpreter)
    process.start()
    yield process
    process.kill()


@pytest.fixture
def stand_in(load, interpreter, tmp_path, blender) -> Callable[..., object]:
    """``stand_in(code)`` is a started process whose program is ``code`` instead of the model's."""
    started = []

    def start(code: str, patience: float = 30.0):
        from dataclasses import replace

        package = tmp_path / "model_server" / "adapters"
        package.mkdir(parents=True)
        (package.parent / "__init__.py").touch()
        (package / "__init__.py").touch()
        (package / "stdio.py").write_text(textwrap.dedent(code), encoding="utf-8")
        process = load("process.client").ModelProcess(replace(interpreter, patience=patience), tmp_path)
        process.start()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it takes too long"
        time.sleep(0.005)


def heard(process, seconds: float = 30.0) -> list:
    """The first messages that come."""
    messages: list = []

    def listen() -> bool:
        messages.extend(process.messages())
        return bool(messages)

    until(listen, seconds)
    return messages


def finished(job, seconds: float = 60.0):
    until(job.poll, seconds)
    return job


def speech(load, audio: str, *fields, **named):
    """The message that asks for the face of the recording at ``audio``."""
    return load("core.messages").Infer(0, load("core.request").Request(audio, *fields, **named))


def sample(load) -> str:
    return str(load("process.command").ROOT / SAMPLE)


def is_alive(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    try:
        os.kill(pid, 0)
        return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:  # it may leave between two looks
        return False


def test_the_child_is_another_process_of_blenders_own_python_and_says_hello(load, process):
    (hello,) = heard(process)
    assert hello == process.hello
    assert hello.backend == "numpy"
    assert hello.pid == process.pid != os.getpid()
    assert process.state is load("process.client").ConnectionState.READY


def test_a_recording_becomes_a_track(load, process):
    job = load("process.job").Job(process, speech(load, sample(load), {"happy": 0.5}))
    said = set()
    while not job.poll():
        said.add(job.doing)
        time.sleep(0.001)
    assert job.track is not None, job.sentence
    assert job.track.fps == 60.0
    assert job.track.talk.max() > 0.2
    assert job.track.mood.max() > 0.05
    assert len(said) >= 2


def test_a_cancelled_job_ends_at_once_and_the_process_serves_the_next_one(load, process):
    Job = load("process.job").Job
    heard(process)
    job = Job(process, speech(load, sample(load)))
    job.poll()
    began = time.monotonic()
    job.cancel()
    assert job.over
    until(lambda: process.messages() is not None and process.settled)
    assert time.monotonic() - began < 0.5, "0.2 s on a machine of its own"
    assert finished(Job(process, speech(load, sample(load)))).track is not None


@pytest.mark.one_blender
def test_a_killed_child_gives_a_sentence_and_another_one_works(load, process, interpreter):
    Job = load("process.job").Job
    heard(process)
    job = Job(process, speech(load, sample(load)))
    os.kill(process.pid, signal.SIGTERM)
    finished(job)
    assert job.track is None
    assert "ended unexpectedly" in job.sentence
    assert "press Bake" in job.sentence
    assert not process.alive
    another = load("process.client").ModelProcess(interpreter)
    another.start()
    assert finished(Job(another, speech(load, sample(load)))).track is not None
    another.stop()


def test_the_child_leaves_when_it_is_asked_to(load, process):
    heard(process)
    pid = process.pid
    process.stop()
    until(lambda: not is_alive(pid), 5)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL; its pipes close in the same way")
def test_the_child_leaves_within_two_seconds_when_blender_is_killed(load, interpreter, tmp_path):
    command = load("process.command").command(interpreter)
    code = (
        "import subprocess, sys, time; c = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE,"
        "stdout=subprocess.PIPE); c.stdout.read(4); print(c.pid, flush=True); time.sleep(100)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, *command], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert is_alive(pid)
    parent.kill()
    parent.wait()
    until(lambda: not is_alive(pid), 2.0)


@pytest.mark.one_blender
def test_two_at_once_do_not_disturb_one_another(load, process, interpreter):
    Job = load("process.job").Job
    other = load("process.client").ModelProcess(interpreter)
    other.start()
    jobs = [Job(p, speech(load, sample(load), seed=i)) for i, p in enumerate((process, other))]
    until(lambda: all([job.poll() for job in jobs]), 60)
    assert all(job.track is not None for job in jobs)
    other.stop()


@pytest.mark.one_blender
def test_a_python_that_is_not_there_gets_its_sentence(load, blender, tmp_path):
    with pytest.raises(load("core.errors").UserError, match="There is no Python at"):
        load("process.command").with_torch(str(tmp_path / "nowhere"))


@pytest.mark.one_blender
def test_a_file_that_is_no_program_gets_its_sentence(load, blender, tmp_path):
    fake = tmp_path / "python"
    fake.write_text("no program")
    process = load("process.client").ModelProcess(load("process.command").with_torch(str(fake)))
    with pytest.raises(load("core.errors").UserError, match="cannot start"):
        process.start()


@pytest.mark.one_blender
def test_a_child_of_another_version_gets_its_sentence(load, stand_in):
    process = stand_in("""
        import sys
        from dataclasses import replace
        import struct, json
        header = json.dumps({"type": "hello", "protocol": 99, "version": "9", "model": "m", "licence_track": "product",
                             "backend": "numpy", "device": "cpu", "decodes": "wav", "pid": 1, "arrays": []}).encode()
        sys.stdout.buffer.write(struct.pack("<4sIQ", b"S2F1", len(header), 0) + header)
        sys.stdout.buffer.flush()
        sys.stdin.read()
    """)
    (gone,) = heard(process)
    assert "version 99 of the protocol" in gone.sentence


@pytest.mark.one_blender
def test_a_child_that_prints_on_the_pipe_gets_its_sentence(load, stand_in):
    (gone,) = heard(stand_in("print('Hello from a library that prints')"))
    assert "cannot be understood" in gone.sentence


@pytest.mark.one_blender
def test_a_child_that_fails_to_start_leaves_its_last_words_for_the_report(load, stand_in):
    process = stand_in("raise SystemExit('no numpy here')")
    (gone,) = heard(process)
    assert "ended unexpectedly (exit status 1)" in gone.sentence
    until(lambda: "no numpy here" in process.log)


@pytest.mark.one_blender
def test_a_silent_child_is_given_up(load, stand_in):
    process = stand_in("import time; time.sleep(60)", patience=0.3)
    pid = process.pid
    (gone,) = heard(process)
    assert "did not answer within" in gone.sentence
    until(lambda: not is_alive(pid), 5)


@pytest.mark.one_blender
def test_a_child_that_does_not_let_go_of_a_cancelled_job_is_replaced(load, stand_in):
    process = stand_in("""
        import json, struct, sys, time
        header = json.dumps({"type": "hello", "protocol": 3, "version": "9", "model": "m", "licence_track": "product",
                             "backend": "numpy", "device": "cpu", "decodes": "all", "pid": 1, "arrays": []}).encode()
        sys.stdout.buffer.write(struct.pack("<4sIQ", b"S2F1", len(header), 0) + header)
        sys.stdout.buffer.flush()
        time.sleep(60)
    """)
    heard(process)
    job = load("process.job").Job(process, speech(load, sample(load)))
    until(lambda: job._asked)
    job.cancel()
    assert not process.settled
    (gone,) = heard(process, 5)
    assert "did not let go" in gone.sentence
    assert not process.alive


@pytest.mark.one_blender
def test_a_failure_in_the_model_is_a_sentence_and_the_process_goes_on(load, process, tmp_path):
    Job = load("process.job").Job
    bad = tmp_path / "süß.wav"
    bad.write_bytes(b"RIFF\x00\x00")
    job = finished(Job(process, speech(load, str(bad))))
    assert "süß.wav" in job.sentence
    assert job.sentence.count("\n") == 0
    assert finished(Job(process, speech(load, sample(load)))).track is not None


@pytest.mark.one_blender
@pytest.mark.skipif("S2F_MODEL_PYTHON" not in os.environ, reason="dev.py test names the Python that has torch")
def test_both_backends_give_the_same_curves(load, process):
    import numpy as np

    torch = load("process.client").ModelProcess(load("process.command").with_torch(os.environ["S2F_MODEL_PYTHON"]))
    torch.start()
    Job = load("process.job").Job
    wanted = speech(load, sample(load), {"sad": 0.7}, seed=3)
    one, other = finished(Job(process, wanted)), finished(Job(torch, wanted), 180)
    assert torch.hello.backend == "torch"
    assert np.abs(one.track.talk - other.track.talk).max() <= 1e-4
    assert np.abs(one.track.mood - other.track.mood).max() <= 1e-4
    torch.stop()


def test_files_in_the_folder_for_temporary_files_are_never_run(load, interpreter, tmp_path, monkeypatch) -> None:
    """Everybody on this computer can put some there."""
    for name in ("numpy", "json", "runpy", "model_server"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'RAN')!r}, 'w')")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    load("core.private_folder").remove()
    chosen = load("process.command").with_torch(os.environ.get("S2F_MODEL_PYTHON", sys.executable))
    for python in (interpreter, chosen):
        process = load("process.client").ModelProcess(python)
        process.start()
        until(lambda process=process: process.messages() or process.state.value == "failed")
        assert process.hello is not None, process.problem
        process.kill()
    assert not (tmp_path / "RAN").exists()
    load("core.private_folder").remove()


@pytest.mark.one_blender
@pytest.mark.parametrize("given", ["//python", "//../bin/python", "python3", "./python", "bin/python"])
def test_a_python_beside_a_blend_file_is_not_run(load, blender, given, tmp_path, monkeypatch) -> None:
    """Whoever sends the .blend sends what lies beside it."""
    for name in ("python", "python3", "bin/python"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.chdir(tmp_path)
    blender.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    workplace = load("workplace")
    with pytest.raises(load("core.errors").UserError, match="no full path to a Python"):
        load("process.command").with_torch(given)
    monkeypatch.setattr(workplace, "saved_preferences", lambda: type("Chosen", (), {"python": given, "place": "HERE"}))
    with pytest.raises(load("core.errors").UserError, match="no full path to a Python"):
        workplace.interpreter()


@pytest.mark.skipif(sys.platform == "win32", reason="owner and mode are POSIX's")
@pytest.mark.one_blender
def test_a_python_that_everybody_can_exchange_is_a_sentence(load, blender, tmp_path) -> None:
    (tmp_path / "python").symlink_to(sys.executable)
    tmp_path.chmod(0o777)
    process = load("process.client").ModelProcess(load("process.command").with_torch(str(tmp_path / "python")))
    with pytest.raises(load("core.errors").UserError, match="Every user of this computer can change"):
        process.start()
    assert process.state.value == "failed"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a stopped process that its parent died")
@pytest.mark.one_blender
@pytest.mark.parametrize("stopped", [False, True])
def test_a_child_does_not_survive_blender_even_when_it_was_stopped(load, interpreter, stopped) -> None:
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[1])\n"
        "from s2f_blender_addon.process.client import ModelProcess\n"
        "from s2f_blender_addon.process.command import blenders_own\n"
        "process = ModelProcess(blenders_own(()))\n"
        "process.start()\n"
        "while process.hello is None: process.messages(); time.sleep(0.01)\n"
        "print(process.pid, flush=True); time.sleep(60)"
    )
    root = str(load("process.command").ROOT)
    blender = subprocess.Popen([sys.executable, "-c", code, root], stdout=subprocess.PIPE)
    child = int(blender.stdout.readline())
    if stopped:
        os.kill(child, signal.SIGSTOP)
    blender.kill()
    blender.communicate()
    until(lambda: not alive(child), 10.0)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
