"""What arrives on the pipe, read on a thread of its own so that a Cancel is heard while a job runs."""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from model_server.adapters.job import failure
from model_server.audio.sound import Sound, SoundBuilder
from s2f_blender_addon.core import wire
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.messages import (
    Ask,
    Cancel,
    Cancelled,
    Message,
    Pcm,
    PcmEnd,
    Soundless,
    WithSound,
    parse,
)


@dataclass(frozen=True)
class QueuedJob:
    """What can start; ``sound`` is None where the process reads the file itself."""

    ask: Ask
    sound: Sound | None


class Inbox:
    """Reads messages from ``stream`` until its end. ``answer`` sends one back; it is called from the thread.

    ``ended`` is set once nobody is there any more; ``broken`` says that it was not a clean end. Then ``leave`` is
    called, from the thread, too.
    """

    def __init__(self, stream: BinaryIO, answer: Callable[[Message], None], leave: Callable[[], None]) -> None:
        self.ended = threading.Event()
        self.broken = False
        self._stream = stream
        self._answer = answer
        self._leave = leave
        self._jobs: queue.Queue[QueuedJob | None] = queue.Queue()
        self._arriving: dict[int, tuple[WithSound, SoundBuilder | None]] = {}
        self._waiting: set[int] = set()  # without an answer; whoever removes a job gives it
        threading.Thread(target=self._listen, name="inbox", daemon=True).start()

    def next(self) -> QueuedJob | None:
        """The next job, waiting for it; None when the other side is gone."""
        return self._jobs.get()

    def unwanted(self, job: int) -> bool:
        """Whether nobody waits for ``job`` any more."""
        return job not in self._waiting or self.ended.is_set()

    def claim(self, job: int) -> bool:
        """Whether the caller is the one to answer ``job``: one claim succeeds, of its maker or of its cancel."""
        try:
            self._waiting.remove(job)
        except KeyError:
            return False
        return True

    def _listen(self) -> None:
        try:
            while (frame := wire.read(self._stream)) is not None:
                try:
                    self._take(parse(frame))
                except wire.WireError as error:
                    self._refuse(frame.header.get("id"), _not_understood(error))
                except UserError as error:
                    self._refuse(frame.header.get("id"), error)
        except Exception as error:  # also no memory for a frame: nothing more can be read, so the process leaves
            self.broken = True
            self._refuse(None, _not_understood(error))
        self.ended.set()
        self._jobs.put(None)
        self._leave()

    def _refuse(self, job: object, error: UserError) -> None:
        self._answer(failure(job if isinstance(job, int) else -1, error))

    def _take(self, message: Message) -> None:
        if isinstance(message, WithSound):
            self._waiting.add(message.id)
            if message.request.audio:
                self._jobs.put(QueuedJob(message, None))
            else:
                self._arriving[message.id] = (message, None)
        elif isinstance(message, Soundless):
            self._waiting.add(message.id)
            self._jobs.put(QueuedJob(message, None))
        elif isinstance(message, Cancel):
            self._cancel(message.id)
        elif isinstance(message, Pcm | PcmEnd):
            if message.id in self._arriving:  # else it failed or was cancelled, and the rest is on its way
                self._sound(message)
        else:
            raise wire.WireError(f"a {message.type} message goes the other way")

    def _cancel(self, job: int) -> None:
        """Answer at once; a job that runs hears of it at its next progress, which may be a long product away."""
        self._arriving.pop(job, None)
        if self.claim(job):
            self._answer(Cancelled(job))

    def _sound(self, message: Pcm | PcmEnd) -> None:
        ask, builder = self._arriving[message.id]
        name = ask.request.title
        try:
            if isinstance(message, Pcm):
                builder = builder or SoundBuilder(message.rate, name)
                builder.add(message.samples)
                self._arriving[message.id] = (ask, builder)
                return
            if builder is None:
                raise UserError(f"{name} holds no sound (zero samples); choose another recording.")
            self._jobs.put(QueuedJob(ask, builder.finish()))
        except (UserError, MemoryError) as error:
            self.claim(ask.id)
            self._answer(failure(ask.id, error))
        del self._arriving[message.id]


def _not_understood(error: Exception) -> UserError:
    return UserError(f"The model process got a message that it does not understand ({error}); restart it and Blender.")
