"""A model process of one's own, spoken to over its pipes as Blender does."""

import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from s2f_blender_addon.core import wire
from s2f_blender_addon.core.messages import (
    Cancelled,
    Failure,
    Feel,
    Hello,
    Infer,
    Message,
    Pcm,
    PcmEnd,
    Progress,
    Result,
    parse,
)
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.core.subtitles import Cue

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "model_server" / "sample" / "hello.wav"
STDIO = ("-m", "model_server.adapters.stdio")
GENEROUS = 120.0
"""Seconds after which a test is stuck, on the busiest of machines."""


class Child:
    """A running model process. ``heard`` gets (time, message) for all that it says, then (time, None)."""

    def __init__(self, *arguments: str, start: tuple[str, ...] = STDIO) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *start, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
        )
        self.heard: queue.Queue[tuple[float, Message | None]] = queue.Queue()
        self.stderr = b""
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._note, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        while (frame := wire.read(self.process.stdout)) is not None:
            self.heard.put((time.monotonic(), parse(frame)))
        self.heard.put((time.monotonic(), None))

    def _note(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.stderr += line

    def say(self, *messages: Message) -> None:
        assert self.process.stdin is not None
        for message in messages:
            wire.write(self.process.stdin, message.to_frame())

    def say_bytes(self, raw: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(raw)
        self.process.stdin.flush()

    def hang_up(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def hear(self, *kinds: type[Message]) -> Any:
        """The next message of one of ``kinds``, passing over the others."""
        while True:
            _, message = self.heard.get(timeout=GENEROUS)
            assert message is not None, f"the process ended: {self.stderr.decode()}"
            if isinstance(message, kinds):
                return message
            assert not isinstance(message, Failure), message.report

    def answer(self) -> Any:
        return self.hear(Result, Failure, Cancelled)

    def end(self) -> int:
        """Its exit status, once it has left."""
        return self.process.wait(timeout=GENEROUS)


Start = Callable[..., Child]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts children and sees to it that none stays."""
    children: list[Child] = []

    def begin(*arguments: str, **how: Any) -> Child:
        children.append(Child(*arguments, **how))
        return children[-1]

    yield begin
    for child in children:
        child.process.kill()
        child.process.wait()


@pytest.fixture
def child(start: Start) -> Child:
    """A numpy process that has said hello."""
    process = start("--backend", "numpy")
    process.hear(Hello)
    return process


@pytest.fixture(scope="session")
def long_recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty minutes, so that a job is still running when something happens to it."""
    import soundfile

    path = tmp_path_factory.mktemp("long") / "long.wav"
    samples, rate = soundfile.read(SAMPLE, dtype="float32")
    soundfile.write(path, np.tile(samples, round(1200 * rate / len(samples))), rate)
    return path


def request(number: int, audio: Path | str = SAMPLE, **changes: Any) -> Infer:
    """A job with everything at its default."""
    return Infer(number, Request(**{"audio": str(audio), **changes}))


def until_progress(child: Child, beyond: float = 0.0) -> Progress:
    while True:
        told: Progress = child.hear(Progress)
        if told.fraction > beyond:
            return told


def sent_as_pcm(number: int, samples: np.ndarray, rate: int, **changes: object) -> list[Message]:
    blocks = np.array_split(samples, 7)
    return [request(number, "", **changes), *(Pcm(number, rate, block) for block in blocks), PcmEnd(number)]


def feel(number: int, text: str = "", audio: Path | str = SAMPLE, **changes: Any) -> Feel:
    """What does a recording feel like, in which ``text`` is said?"""
    return Feel(number, Request(**{"audio": str(audio), "words": (Cue(text),), "fps": 24.0, **changes}))
