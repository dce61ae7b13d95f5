"""Everything that is begun ends in an answer or a sentence, whatever the other side does, and in bounded memory."""

import os
import signal
import socketserver
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from model_server.benchmark.memory import resident
from s2f_blender_addon.core import private_folder
from s2f_blender_addon.core.launch import ISOLATED
from s2f_blender_addon.core.messages import Infer
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.process import blender_sound, client, remote
from s2f_blender_addon.process.client import ModelProcess
from s2f_blender_addon.process.command import Interpreter
from s2f_blender_addon.process.connection import ConnectionState
from s2f_blender_addon.process.job import Job, Phase
from s2f_blender_addon.process.remote import RemoteModel
from s2f_blender_addon.process.server import ServerAddress
from tests.own_time import own_seconds

HERE = Interpreter(sys.executable, ISOLATED, "numpy", "this Python", 120.0)
ROOT = str(Path(__file__).parents[2])

_HELLO = f"""
import os, sys, threading, time
sys.path.insert(0, {ROOT!r})
from s2f_blender_addon.core import wire
from s2f_blender_addon.core.messages import *
out = os.fdopen(os.dup(1), "wb")
def say(message): wire.write(out, message.to_frame())
say(Hello(PROTOCOL, "0", "m", "product", "numpy", "cpu", "all", os.getpid()))
"""
_ASKED = _HELLO + "asked = parse(wire.read(sys.stdin.buffer))\n"

EVIL = {
    "leaves at once": ("raise SystemExit(3)", "ended unexpectedly"),
    "says nothing": ("time.sleep(60)", "did not answer within"),
    "greets with noise": ("sys.stdout.write('x' * 100_000)", "cannot be understood"),
    "greets with progress": ("X = Progress(1, 0.5, 'x'); say(X)", "did not say hello"),
    "leaves when asked": (_ASKED, "ended unexpectedly"),
    "falls silent": (_ASKED + "time.sleep(60)", "has not answered for 1 s"),
    "stops itself": (_ASKED + "os.kill(os.getpid(), 19)", "has not answered for 1 s"),
    "answers with noise": (_ASKED + "out.write(b'noise' * 1000); out.flush(); time.sleep(60)", "cannot be understood"),
    "promises gigabytes": (_ASKED + "out.write(wire.PREFIX.pack(b'S2F1', 2, 1 << 30)); out.write(b'{}'); out.close();"
                           " time.sleep(60)", "cannot be understood"),
    "answers half": (_ASKED + "out.write(b'S2F1'); out.flush(); out.close()", "cannot be understood"),
    "closes its output": (_ASKED + "out.close(); os.close(1); time.sleep(60)", "press Bake to start a new one"),
    "sends requests": (_ASKED + "say(Cancel(asked.id)); say(PcmEnd(1)); time.sleep(60)", "has not answered"),
    "answers another": (_ASKED + "say(Cancelled(10**9)); time.sleep(60)", "has not answered"),
    "cancels by itself": (_ASKED + "say(Cancelled(asked.id)); time.sleep(60)", "by itself"),
    "floods its log": (_ASKED + "threading.Thread(target=lambda: [sys.stderr.write('x' * 9999) for _ in iter(int, 1)], "
                       "daemon=True).start(); time.sleep(0.3); os._exit(3)", "ended unexpectedly"),
}  # fmt: skip


@pytest.fixture
def evil(tmp_path: Path) -> Iterator[Callable[[str], ModelProcess]]:
    """``evil(code)`` is a started process whose program is ``code``."""
    started: list[ModelProcess] = []

    def start(code: str, patience: float = 3.0) -> ModelProcess:
        package = tmp_path / str(len(started)) / "model_server" / "adapters"
        package.mkdir(parents=True)
        for folder in (package, package.parent):
            (folder / "__init__.py").touch()
        (package / "stdio.py").write_text(textwrap.dedent(code), encoding="utf-8")
        where = Interpreter(HERE.executable, HERE.arguments, "numpy", "this Python", patience)
        started.append(ModelProcess(where, package.parents[1]))
        started[-1].start()
        return started[-1]

    yield start
    for one in started:
        one.kill()


def asks(sound: str) -> Infer:
    return Infer(0, Request(sound))


def ended(job: Job, seconds: float = 30.0) -> Job:
    end = time.monotonic() + seconds
    while not job.poll():
        assert time.monotonic() < end, job.doing
        time.sleep(0.01)
    return job


@pytest.mark.parametrize("what", EVIL)
def test_a_process_gone_bad_is_one_sentence(
    what: str, evil: Callable[..., ModelProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, words = EVIL[what]
    monkeypatch.setattr(client, "SILENCE", 1.0)
    code = (_HELLO.partition("say(Hello")[0] + code) if "PROTOCOL" not in code else code
    process = evil(code, 30.0 if "PROTOCOL" in code else 4.0)
    job = ended(Job(process, asks("/sound.wav")))
    assert job.phase is Phase.FAILED and words in job.sentence and "\n" not in job.sentence
    assert process.state in (ConnectionState.FAILED, ConnectionState.READY)


def test_a_flood_of_progress_holds_neither_memory_nor_blender(evil: Callable[..., ModelProcess]) -> None:
    process = evil(_ASKED + "while True: say(Progress(asked.id, 0.5, 'x' * 10_000))", 30.0)
    job = Job(process, asks("/sound.wav"))
    while job.doing != "x" * 10_000:
        job.poll()
        time.sleep(0.01)
    before = resident(os.getpid())
    time.sleep(2.0)  # Blender renders, and nobody polls
    slowest = 0.0
    for _ in range(50):
        began = own_seconds()
        assert not job.poll()
        slowest = max(slowest, own_seconds() - began)
        time.sleep(0.01)
    assert resident(os.getpid()) - before < 60 and slowest < 0.5
    job.cancel()
    assert job.over


@pytest.mark.skipif(sys.platform == "win32", reason="Windows stops no processes")
def test_a_process_that_was_stopped_while_it_worked_can_be_cancelled(evil: Callable[..., ModelProcess]) -> None:
    process = evil(_ASKED + "say(Progress(asked.id, 0.1, 'x')); time.sleep(60)", 30.0)
    job = Job(process, asks("/sound.wav"))
    while job.doing != "x":
        job.poll()
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGSTOP)
    began = own_seconds()
    job.cancel()
    assert job.over and own_seconds() - began < 0.5
    while process.state is ConnectionState.READY:
        process.messages()
        time.sleep(0.01)
    assert "did not let go" in process.problem


FAULTS: tuple[Exception, ...] = (
    FileNotFoundError(2, "No such file or directory", "/gone/blender"), OSError(28, "No space left on device"),
    PermissionError(13, "Permission denied"), MemoryError(), RuntimeError("can't start new thread"), ValueError("x"),
    UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"), RecursionError(), KeyError("x"),
)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize("where", ["decode_to_wav"])
def test_a_sound_that_cannot_be_sent_is_one_sentence(
    fault: Exception, where: str, evil: Callable[..., ModelProcess], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The temp folder is gone, there are no inodes, Blender's binary has moved, a disk is full."""

    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr(blender_sound, "open_sound", lambda _: object())
    monkeypatch.setattr(blender_sound, "is_short", lambda _: False)
    monkeypatch.setattr(blender_sound, where, fail)
    (tmp_path / "sound.m4a").write_bytes(b"x")
    job = ended(Job(evil(_ASKED, 30.0), asks(str(tmp_path / "sound.m4a"))))
    assert job.phase is Phase.FAILED and "cannot be sent" in job.sentence and "sound.m4a" in job.sentence


def test_without_a_temp_folder_there_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private_folder.remove()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    process = ModelProcess(HERE)
    with pytest.raises(Exception, match="gone.*make room there or set TMPDIR"):
        process.start()
    assert process.state is ConnectionState.FAILED


class Evil(socketserver.ThreadingTCPServer):
    """A server that answers every request with what ``answer`` yields."""

    daemon_threads = True
    allow_reuse_address = True
    answer: Callable[[], Iterator[bytes]]


class Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.recv(65536)
        try:
            for part in self.server.answer():  # type: ignore[attr-defined]
                self.request.sendall(part)
        except OSError:
            pass


def endless(head: bytes, part: bytes, pause: float = 0.0) -> Callable[[], Iterator[bytes]]:
    def answer() -> Iterator[bytes]:
        yield head
        while True:
            yield part
            time.sleep(pause)

    return answer


def once(*parts: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: iter(parts)


OK = b"HTTP/1.1 200 OK\r\n"
SERVERS = {
    "endless body": endless(OK + b"\r\n", b"x" * 65536),
    "endless chunks": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
    "endless headers": endless(OK, b"X: " + b"x" * 1000 + b"\r\n"),
    "an endless line": endless(OK, b"x" * 65536),
    "a drip": endless(OK + b"\r\n", b"x", 0.2),
    "a body that is announced and never comes": once(OK + b"Content-Length: 1000000000000\r\n\r\n"),
    "nested JSON": once(OK + b"\r\n", b"[" * 900_000),
    "no HTTP": once(b"SSH-2.0-OpenSSH\r\n"),
    "nothing": once(),
    "an endless refusal": endless(b"HTTP/1.1 500 X\r\n\r\n", b"x" * 65536),
    "another program": once(OK + b"\r\n<html>hello</html>"),
    "numbers that are none": once(OK + b'\r\n{"type": "hello", "protocol": 1e999}'),
    "a protocol of the future": once(OK + b'\r\n{"type": "hello", "protocol": 99, "version": "9", "model": "m", '
        b'"licence_track": "p", "backend": "b", "device": "d", "decodes": "all", "pid": 1}'),
}  # fmt: skip


@pytest.mark.parametrize("what", SERVERS)
def test_an_evil_server_is_one_sentence_in_bounded_memory(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "PATIENCE", 2.0)
    with Evil(("127.0.0.1", 0), Handler) as server:
        server.answer = SERVERS[what]  # type: ignore[method-assign,assignment]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        before = resident(os.getpid())
        connection = RemoteModel(ServerAddress.at(f"127.0.0.1:{server.server_address[1]}", "a-token-for-tests"))
        connection.start()
        job = ended(Job(connection, asks("/sound.wav")), 15.0)
        server.shutdown()
    assert job.phase is Phase.FAILED and job.sentence.endswith(".") and "\n" not in job.sentence
    assert resident(os.getpid()) - before < 60
