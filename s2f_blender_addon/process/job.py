"""One request to the model process, from its start to its track, its sentence or its end."""

import itertools
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

from ..core.errors import UserError
from ..core.messages import Cancelled, Failure, Infer, Message, Pcm, PcmEnd, Progress, Result
from ..core.track import Array, FaceTrack
from . import blender_sound
from .client import Gone, ModelProcess, State

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


@dataclass(frozen=True)
class Request:
    """What to infer: the absolute path of a recording, sliders 0-1 by name, a seed; see ``messages.Infer``.

    ``keyed`` (n, 8) holds sliders at FPS from second ``start`` on, in place of ``emotion``.
    """

    audio: str
    emotion: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    start: float = 0.0
    end: float = 0.0
    keyed: Array | None = None


class Job:
    """A request on its way. ``poll`` moves it on; nothing here waits."""

    def __init__(self, process: ModelProcess, request: Request, blender: str = "") -> None:
        self.process = process
        self.request = request
        self.phase = Phase.STARTING
        self.fraction = 0.0
        self.doing = "Starting the model"
        self.track: FaceTrack | None = None
        self.sentence = ""
        self.report = ""
        self.notice = ""
        self._id = next(_numbers)
        self._blender = blender
        self._problem: UserError | None = None
        self._wav = ""
        self._sending = threading.Lock()
        self._asked = False
        if process.state is State.READY:
            self._begin()

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

    def _begin(self) -> None:
        self.phase, self.doing = Phase.WORKING, "Reading the sound"
        threading.Thread(target=self._send_sound, name="s2f sound", daemon=True).start()

    def _hear(self, message: Message | Gone) -> None:
        if isinstance(message, Gone):
            if not self.over:
                self._fail(message.sentence, self.process.log)
        elif self.over or getattr(message, "id", None) not in (self._id, -1):
            return
        elif isinstance(message, Progress):
            self.fraction, self.doing = min(max(message.fraction, 0.0), 1.0), message.doing
        elif isinstance(message, Result):
            self.phase, self.fraction, self.track = Phase.DONE, 1.0, message.track
            self.notice = message.notice
            self._clean()
        elif isinstance(message, Failure):
            sentence = message.sentence.replace(self._wav, self.request.audio) if self._wav else message.sentence
            self._fail(sentence, message.report)
        elif isinstance(message, Cancelled):
            self._fail("The model process cancelled the job by itself; press Bake to try again.", self.process.log)

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
            sound = None if self._process_reads(path) else blender_sound.open_sound(path)
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
        request = self.request
        with self._sending:
            if self.over:
                return False
            self._asked = True
            infer = Infer(self._id, audio, dict(request.emotion), request.seed, FPS, request.start, request.end)
            self.process.send(infer if request.keyed is None else replace(infer, emotion={}, keyed=request.keyed))
            return True

    def _process_reads(self, path: str) -> bool:
        """Whether the model process gets the path itself: it reads the file, or has the better sentence why not."""
        hello = self.process.hello
        return hello is None or hello.decodes == "all" or blender_sound.is_plain_wav(path) or not Path(path).is_file()

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
