"""What every way to a model has in common: its state, the queue of what was said, and jobs that were cancelled."""

import queue
import time
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..core.messages import PROTOCOL, Answer, Failure, Hello, Message, Progress

LOG_LINES = 400
LONGEST_LINE = 1 << 14
"""Bytes of a line of the log that are read at once, whatever floods it."""

AT_ONCE = 1000
"""Messages that are taken in at once, so that a flood of them does not hold Blender."""


class ConnectionState(Enum):
    """Where a connection is in its life."""

    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class Gone:
    """The model is out of reach. ``sentence`` says so to the user; empty when it was asked to leave."""

    sentence: str


class Connection(ABC):
    """A way to one model. Every method is called from one thread, except ``send``, which any thread may call.

    ``where`` is what it leads to, with a ``title`` for the user; ``problem`` is why it FAILED.
    """

    name = "The model process"
    """At the beginning of a sentence."""

    def __init__(self, where: Any) -> None:
        self.where = where
        self.state = ConnectionState.STOPPED
        self.hello: Hello | None = None
        self.problem = ""
        self._heard: queue.SimpleQueue[Message | Gone] = queue.SimpleQueue()
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self._cancelled: dict[int, float] = {}

    @abstractmethod
    def start(self) -> None:
        """Begin; ``Hello`` follows among the messages. Raises UserError when the system refuses."""

    @property
    @abstractmethod
    def alive(self) -> bool:
        """Whether messages sent now have a chance to be answered."""

    @abstractmethod
    def send(self, message: Message) -> None:
        """Pass ``message`` on, without waiting for the other side."""

    @abstractmethod
    def waiting(self) -> int:
        """How many messages are not on their way yet, so that a sender of much sound can keep memory bounded."""

    @abstractmethod
    def stop(self) -> None:
        """End it in good order."""

    @abstractmethod
    def kill(self) -> None:
        """End it at once."""

    @abstractmethod
    def _tell_cancel(self, job: int) -> None:
        """Pass on that nobody waits for ``job`` any more."""

    @property
    def log(self) -> str:
        """The last lines for a report."""
        return "\n".join(self._log)

    def cancel(self, job: int) -> None:
        """Tell the other side to stop ``job``. Nothing more is heard of it."""
        self._cancelled[job] = time.monotonic()
        self._tell_cancel(job)

    @property
    def settled(self) -> bool:
        """Whether no cancelled job is left that the other side still has to let go of."""
        return not self._cancelled

    def messages(self) -> list[Message | Gone]:
        """What was said since the last call. A ``Gone`` is always the last one."""
        heard: list[Message | Gone] = []
        while self.state in (ConnectionState.STARTING, ConnectionState.READY) and len(heard) < AT_ONCE:
            try:
                message = self._heard.get_nowait()
            except queue.Empty:
                break
            if self.state is ConnectionState.STARTING:
                message = self._greeted(message)
            if not self._is_of_cancelled(message):
                heard.append(message)
            if isinstance(message, Gone):
                self._ended(message)
        late = self._late()
        if late:
            heard.append(Gone(late))
            self._ended(Gone(late))
        return heard

    def _hear(self, message: Message | Gone) -> None:
        """Queue what a thread heard: progress that nobody takes in is dropped, and for the rest the thread waits."""
        while self._heard.qsize() >= AT_ONCE and not isinstance(message, Gone):
            if isinstance(message, Progress) or self.state not in (ConnectionState.STARTING, ConnectionState.READY):
                return
            time.sleep(0.01)
        self._heard.put(message)

    def _is_of_cancelled(self, message: Message | Gone) -> bool:
        job = getattr(message, "id", None)
        if job not in self._cancelled:
            return False
        if isinstance(message, Answer):
            del self._cancelled[job]
        return True

    def _late(self) -> str:
        """A sentence once the other side took longer than it may."""
        return ""

    def _greeted(self, message: Message | Gone) -> Message | Gone:
        """The first message: a Hello of our protocol, or the reason why there will be none."""
        if isinstance(message, Failure):
            return Gone(message.sentence)
        if not isinstance(message, Hello):
            return message if isinstance(message, Gone) else Gone(f"{self.name} did not say hello; reinstall it.")
        if message.protocol != PROTOCOL:
            return Gone(
                f"{self.name} speaks version {message.protocol} of the protocol and this add-on version "
                f"{PROTOCOL}; install both from the same release."
            )
        self.hello, self.state = message, ConnectionState.READY
        return message

    def _ended(self, gone: Gone) -> None:
        self.kill()
        self._cancelled.clear()
        self.state, self.problem = ConnectionState.FAILED, gone.sentence
