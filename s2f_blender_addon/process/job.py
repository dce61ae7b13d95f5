"""One request to the model process, from its start to its answer, its sentence or its end."""

import itertools
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ..core.channels import EMOTIONS
from ..core.errors import UserError
from ..core.messages import Answer, Cancelled, Failure, Feel, Infer, Message, Pcm, PcmEnd, Progress, Read, Result
from ..core.track import Array, FaceTrack
from . import blender_sound
from .connection import Connection, Gone, State

FPS = 60.0
PENDING = 8
"""Blocks of sound that may wait in the pipe's queue."""

_numbers = itertools.count(1)


class Phase(Enum):
    """What a job is doing; the last three are final."""

    STARTING = "starting the model"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Order(Protocol):
    """What a job asks for. ``audio`` is the absolute path of a recording, or empty where there is none to send."""

    @property
    def audio(self) -> str: ...

    def message(self, job: int, audio: str) -> Message:
        """The message that asks, with ``audio`` as the process is to get it: a path, or empty where Pcm follows."""
        ...


@dataclass(frozen=True)
class Request:
    """What to infer: the absolute path of a recording, sliders 0-1 by name, a seed; see ``messages.Infer``.

    ``keyed`` (n, 8 + len(own)) holds sliders at FPS from second ``start`` on, in place of ``emotion``.
    """

    audio: str
    emotion: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    start: float = 0.0
    end: float = 0.0
    keyed: Array | None = None
    own: Sequence[Mapping[str, Any]] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    said: Sequence[Mapping[str, Any]] = ()
    language: str = "en"

    def message(self, job: int, audio: str) -> Infer:
        """An Infer."""
        nothing = np.zeros((0, len(EMOTIONS)), np.float32)
        return Infer(
            job, audio, dict(self.emotion) if self.keyed is None else {}, self.seed, FPS, self.start, self.end,
            dict(self.options), [dict(one) for one in self.own], nothing if self.keyed is None else self.keyed,
            [dict(one) for one in self.said], self.language,
        )  # fmt: skip


@dataclass(frozen=True)
class FeelRequest:
    """What a recording feels like, ``fps`` times a second; see ``messages.Feel``."""

    audio: str
    fps: float
    text: str
    weights: Mapping[str, float]
    start: float = 0.0
    end: float = 0.0
    options: Mapping[str, Any] = field(default_factory=dict)
    said: Sequence[Mapping[str, Any]] = ()
    language: str = "en"

    def message(self, job: int, audio: str) -> Feel:
        """A Feel."""
        return Feel(
            job, audio, self.fps, self.text, dict(self.weights), self.start, self.end, dict(self.options),
            [dict(one) for one in self.said], self.language,
        )  # fmt: skip


@dataclass(frozen=True)
class ReadRequest:
    """What a face shows; ``values`` gives (T, 52) at ``fps`` and is called in a thread."""

    fps: float
    values: Callable[[], Array]
    audio: str = ""

    def message(self, job: int, audio: str) -> Read:
        """A Read."""
        return Read(job, self.fps, self.values())


class Job:
    """A request on its way. ``poll`` moves it on; nothing here waits."""

    def __init__(self, process: Connection, request: Order, blender: str = "") -> None:
        self.process = process
        self.request = request
        self.phase = Phase.STARTING
        self.fraction = 0.0
        self.doing = "Starting the model"
        self.answer: Message | None = None
        self.sentence = ""
        self.report = ""
        self.notice = ""
        self._id = next(_numbers)
        self._blender = blender
        self._problem: UserError | None = None
        self._wav = ""
        self._sending = threading.Lock()
        self._asked = False
        self._thread: threading.Thread | None = None
        if process.state is State.READY:
            self._begin()

    @property
    def track(self) -> FaceTrack | None:
        """What came of a Request that is done."""
        return self.answer.track if isinstance(self.answer, Result) else None

    @property
    def words(self) -> tuple[Mapping[str, Any], ...]:
        """Those that the Request said, with their times; see ``messages.Result``."""
        return tuple(self.answer.words) if isinstance(self.answer, Result) else ()

    @property
    def over(self) -> bool:
        return self.phase in (Phase.DONE, Phase.FAILED, Phase.CANCELLED)

    def poll(self) -> bool:
        """Take in what the process said; whether the job is over."""
        for message in self.process.messages():
            self._hear(message)
        if not self.over and self._problem is not None:
            self._fail(str(self._problem), "")
        if not self.over and self.phase is Phase.STARTING and self.process.state is State.READY:
            self._begin()
        return self.over

    def cancel(self) -> None:
        """End the job now, whatever the process is doing."""
        if self.over:
            return
        with self._sending:
            self.phase, self.doing = Phase.CANCELLED, "Cancelled"
            if self._asked:
                self.process.cancel(self._id)
        self._clean()

    def join(self) -> None:
        """Wait until nothing of this job computes in a thread; short for a job that sends no sound."""
        if self._thread is not None:
            self._thread.join()

    def _begin(self) -> None:
        self.phase, self.doing = Phase.WORKING, "Reading the sound"
        self._thread = threading.Thread(target=self._send_sound, name="s2f sound", daemon=True)
        self._thread.start()

    def _hear(self, message: Message | Gone) -> None:
        if isinstance(message, Gone):
            if not self.over:
                self._fail(message.sentence, self.process.log)
        elif self.over or getattr(message, "id", None) not in (self._id, -1):
            return
        elif isinstance(message, Progress):
            self.fraction, self.doing = min(max(message.fraction, 0.0), 1.0), message.doing
        elif isinstance(message, Failure):
            sentence = message.sentence.replace(self._wav, self.request.audio) if self._wav else message.sentence
            self._fail(sentence, message.report)
        elif isinstance(message, Cancelled):
            self._fail("The model process cancelled the job by itself; press Bake to try again.", self.process.log)
        elif isinstance(message, Answer):
            self.phase, self.fraction, self.answer = Phase.DONE, 1.0, message
            self.notice = message.notice if isinstance(message, Result) else ""
            self._clean()

    def _fail(self, sentence: str, report: str) -> None:
        self.phase, self.sentence, self.report = Phase.FAILED, sentence, report
        self._clean()

    def _clean(self) -> None:
        if self._wav:
            wav, self._wav = self._wav, ""
            Path(wav).unlink(missing_ok=True)

    def _send_sound(self) -> None:
        """In a thread: hand the recording over in the way that both sides understand."""
        path = self.request.audio
        try:
            sound = None if not path or self._process_reads(path) else blender_sound.open_sound(path)
            if sound is None:
                self._ask(path)
            elif blender_sound.is_short(sound):
                self._send_blocks(sound)
            else:
                self._wav = blender_sound.decode_to_wav(path, self._blender, lambda: not self.over)
                if not self._ask(self._wav):
                    self._clean()
        except UserError as error:
            self._problem = error

    def _ask(self, audio: str) -> bool:
        """Send the request, unless the job is over by now: the process must not hear of it after its Cancel."""
        message = self.request.message(self._id, audio)
        with self._sending:
            if self.over:
                return False
            self._asked = True
            self.process.send(message)
            return True

    def _process_reads(self, path: str) -> bool:
        """Whether the model process gets the path itself: it reads the file, or has the better sentence why not."""
        hello = self.process.hello
        if hello is None or not Path(path).is_file():
            return True
        if hello.decodes == "all" and Path(path).suffix.lower() in blender_sound.LIBSNDFILE:
            return True
        return blender_sound.is_plain_wav(path)

    def _send_blocks(self, sound: object) -> None:
        if not self._ask(""):
            return
        for rate, samples in blender_sound.blocks(sound):
            while self.process.waiting() > PENDING and not self.over:
                time.sleep(0.005)
            if self.over:
                return
            self.process.send(Pcm(self._id, rate, samples))
        self.process.send(PcmEnd(self._id))
