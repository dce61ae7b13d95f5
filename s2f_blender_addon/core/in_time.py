"""What is asked of a disk that may be slow, by who cannot wait: the answer if it comes at once, else the last one.

A share of the network whose server is off, a drive that wakes up: each file there is waited for half a minute.
"""

import contextlib
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

SOON = 0.25
"""Seconds that an answer is waited for while something is drawn, once for each time that a question is asked."""

STUCK = 4
"""Questions that may wait for a disk at once; further ones are not asked before one of them is answered."""

KEPT = 32
"""Answers that are remembered."""

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")

_asking = threading.BoundedSemaphore(STUCK)


@dataclass
class _Asked(Generic[Answer]):
    """``coming``: what a thread finds out, since the moment ``at``; ``last``: what the thread before it found."""

    last: Answer
    at: float = 0.0
    coming: "Future[Answer]" = field(default_factory=Future)


class InTime(Generic[Key, Answer]):
    """``work`` in threads, asked by one thread. It may take for ever, and must not touch Blender.

    ``meanwhile``: the answer as long as there is none. ``fresh``: seconds after which a question is asked anew,
    ``soon``: for how many an answer is waited for.
    """

    def __init__(self, work: Callable[[Key], Answer], meanwhile: Answer, fresh: float, soon: float = SOON) -> None:
        self._work, self._meanwhile, self._fresh, self._soon = work, meanwhile, fresh, soon
        self._asked: OrderedDict[Key, _Asked[Answer]] = OrderedDict()

    def __call__(self, key: Key) -> Answer:
        """The answer to ``key``, after ``soon`` seconds at the latest. Raises what ``work`` has raised."""
        asked = self._asked.get(key)
        if asked is None or (asked.coming.done() and time.monotonic() - asked.at > self._fresh):
            asked = self._ask(key, asked)
        return asked.coming.result() if asked.coming.done() else asked.last

    def again(self) -> None:
        """What was answered is asked anew."""
        for asked in self._asked.values():
            asked.at = -math.inf

    def _ask(self, key: Key, before: "_Asked[Answer] | None") -> "_Asked[Answer]":
        known = before is not None and before.coming.exception() is None
        asked = _Asked(before.coming.result() if before is not None and known else self._meanwhile, time.monotonic())
        places = _asking
        if not places.acquire(blocking=False):
            return before or asked
        self._asked[key] = asked
        while len(self._asked) > KEPT:
            self._asked.popitem(last=False)

        def find_out() -> None:
            try:
                asked.coming.set_result(self._work(key))
            except Exception as error:
                asked.coming.set_exception(error)
            finally:
                places.release()

        threading.Thread(target=find_out, name="s2f disk", daemon=True).start()
        with contextlib.suppress(TimeoutError):
            asked.coming.exception(self._soon)
        return asked
