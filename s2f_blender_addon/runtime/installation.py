"""How an installation goes: what it tells, and whether the user still wants it."""

import queue
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from .journal import Journal
from .state import RuntimeState

BETWEEN = 0.1
"""Seconds between two words about the same thing."""


class InstallationCancelled(Exception):
    """The user does not want it any more."""


@dataclass(frozen=True)
class News:
    """What is going on. ``fraction`` 0-1 of the whole; ``sentence`` is set when it is over and failed."""

    state: RuntimeState
    fraction: float
    doing: str
    sentence: str = ""
    over: bool = False


class Installation:
    """Shared by the thread that works and the one that watches."""

    def __init__(self, folder: Path) -> None:
        self.news: queue.SimpleQueue[News] = queue.SimpleQueue()
        self.state = RuntimeState.INSTALLING
        self.doing = "Setting up the GPU runtime"
        self._journal = Journal(folder)
        self._cancelled = threading.Event()
        self._told = 0.0

    def cancel(self) -> None:
        """Make the next ``tick`` raise."""
        self._cancelled.set()

    def tick(self) -> None:
        """Raise Cancelled once the user has cancelled. To be called ten times a second."""
        if self._cancelled.is_set():
            raise InstallationCancelled

    def log(self, text: str) -> None:
        """Into the log alone."""
        self._journal.write(text)

    def step(self, fraction: float, doing: str) -> None:
        """Something new begins."""
        self.log(doing)
        self.doing = doing
        self._told = time.monotonic()
        self.news.put(News(self.state, fraction, doing))
        self.tick()

    def go_on(self, fraction: float, doing: str) -> None:
        """The same thing goes on; says so now and then."""
        self.tick()
        now = time.monotonic()
        if now - self._told >= BETWEEN:
            self._told = now
            self.news.put(News(self.state, fraction, doing))

    def end(self, state: RuntimeState, sentence: str = "") -> None:
        """It is over; ``state`` is what the folder is in now."""
        self.log(sentence or "Done")
        self.news.put(News(state, 1.0, "", sentence, over=True))


class Speed:
    """Bytes per second over the last few seconds."""

    SECONDS = 5.0

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def at(self, count: int) -> float:
        """The speed, now that ``count`` bytes are there; 0 while it is not known."""
        now = time.monotonic()
        self._seen.append((now, count))
        while len(self._seen) > 2 and now - self._seen[0][0] > self.SECONDS:
            self._seen.popleft()
        (since, before) = self._seen[0]
        return (count - before) / (now - since) if now - since > 0.5 else 0.0
