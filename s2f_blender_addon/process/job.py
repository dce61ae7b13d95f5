"""One request to the model process, from its start to its answer, its sentence or its end."""

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from pathlib import Path

from ..core import patient
from ..core.drive import Drive
from ..core.errors import UserError
from ..core.messages import (
    Answer,
    Cancelled,
    Describe,
    Diarize,
    Failure,
    Feel,
    Infer,
    Know,
    Message,
    Mood,
    Pcm,
    PcmEnd,
    Progress,
    Read,
    Result,
    Transcribe,
    WithSound,
)
from ..core.script import SpokenWord
from ..core.track import FaceTrack
from . import blender_sound
from .connection import Connection, ConnectionState, Gone

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


Order = WithSound | Describe | Callable[[], Read | Mood]
"""What is asked: about a recording, whose path here is ``request.audio``; about a model file; or what makes a message
in a thread.
"""


class Job:
    """What is asked, on its way. ``poll`` moves it on; nothing here waits.

    The message that ``order`` is or makes is numbered here.
    """

    def __init__(self, process: Connection, order: Order, blender: str = "") -> None:
        self.process = process
        self.order = order
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
        self._notes: tuple[str, ...] = ()
        self._sending = threading.Lock()
        self._asked = False
        self._thread: threading.Thread | None = None
        if process.state is ConnectionState.READY:
            self._begin()

    @property
    def track(self) -> FaceTrack | None:
        """What came of an Infer that is done, with what was assumed about its sound here."""
        if not isinstance(self.answer, Result):
            return None
        track = self.answer.track
        return replace(track, provenance=replace(track.provenance, notes=self._notes + track.provenance.notes))

    @property
    def drive(self) -> Drive:
        """What another mood needs; without frames where nobody told."""
        return self.answer.drive if isinstance(self.answer, Result) else Drive()

    @property
    def words(self) -> tuple[SpokenWord, ...]:
        """Those that the request said, with their times; see ``messages.Result``."""
        return self.answer.words if isinstance(self.answer, Result) else ()

    @property
    def over(self) -> bool:
        return self.phase in (Phase.DONE, Phase.FAILED, Phase.CANCELLED)

    def poll(self) -> bool:
        """Take in what the process said; whether the job is over."""
        for message in self.process.messages():
            self._hear(message)
        if not self.over and self._problem is not None:
            self._fail(str(self._problem), "")
        if not self.over and self.phase is Phase.STARTING and self.process.state is ConnectionState.READY:
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
            sentence = message.sentence.replace(self._wav, self._audio) if self._wav else message.sentence
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
            patient.delete(wav)

    @property
    def _audio(self) -> str:
        """The absolute path of the recording, or empty where there is none to send."""
        return self.order.request.audio if isinstance(self.order, WithSound) else ""

    @property
    def _ear(self) -> str:
        """Which channels of the recording are heard."""
        return self.order.request.ear if isinstance(self.order, Infer | Feel | Know | Transcribe) else "all"

    def _send_sound(self) -> None:
        """In a thread: hand the recording over in the way that both sides understand."""
        path = self._audio
        try:
            sound = None if not path or self._process_reads(path) else blender_sound.open_sound(path)
            if sound is None:
                self._send(path)
            elif blender_sound.is_short(sound) and not isinstance(self.order, Diarize):  # whose channels count
                self._send_blocks(path, sound)
            else:
                self._wav = blender_sound.decode_to_wav(path, self._blender, lambda: not self.over)
                if self._wav:
                    self._tell(blender_sound.missing_end(path, sound, blender_sound.seconds_in(self._wav)))
                if not self._send(self._wav):
                    self._clean()
        except UserError as error:
            self._problem = error
        except Exception as error:  # whatever it is, a thread that says nothing would leave the user waiting
            reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
            what = path or "The request"
            self._problem = UserError(f"{what} cannot be sent ({reason}); try again, or restart Blender.")

    def _send(self, audio: str) -> bool:
        """Ask, unless the job is over by now: the process must not hear of it after its Cancel.

        ``audio`` as the process is to get it: a path, or empty where Pcm follows.
        """
        if callable(self.order):
            message: Message = replace(self.order(), id=self._id)
        elif isinstance(self.order, Describe):
            message = replace(self.order, id=self._id)
        else:
            request = self.order.request
            sent = replace(request, audio=audio, name=request.title)
            message = replace(self.order, id=self._id, request=sent)
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
        if hello.decodes == "all" and blender_sound.libsndfile_reads(path):
            return True
        return blender_sound.is_plain_wav(path)

    def _tell(self, *notes: str) -> None:
        self._notes = tuple(filter(None, notes))

    def _send_blocks(self, path: str, sound: object) -> None:
        if not self._send(""):
            return
        rate, mono, about_channels = blender_sound.mono(sound, self._ear)
        self._tell(blender_sound.missing_end(path, sound, len(mono) / max(rate, 1)), about_channels)
        for samples in blender_sound.blocks(mono):
            while self.process.waiting() > PENDING and not self.over:
                time.sleep(0.005)
            if self.over:
                return
            self.process.send(Pcm(self._id, rate, samples))
        self.process.send(PcmEnd(self._id))
