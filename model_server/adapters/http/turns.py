"""Whose turn it is: short jobs before long ones, clients by turns, and one worker always left for short jobs."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

SHORT = 60.0
"""Seconds of sound up to which a job counts as short: a line, not a reel."""

LONG_ENOUGH = 60.0
"""Seconds of waiting after which a long job is overtaken no more."""


@dataclass(frozen=True)
class QueueTurn:
    """A job as far as its turn depends on it. ``sound``: seconds of it; ``since``: when it was queued."""

    id: str
    client: str
    sound: float
    since: float

    @property
    def is_long(self) -> bool:
        return self.sound > SHORT


def in_order(
    queued: Iterable[QueueTurn], running: Sequence[QueueTurn], served: Mapping[str, float], now: float
) -> list[QueueTurn]:
    """``queued`` with the next one first. ``served``: when each client last got a worker.

    The jobs of a client count from those that it has running, so its tenth comes after everybody's first.
    """
    place = Counter(turn.client for turn in running)
    keys: dict[str, tuple[bool, int, float, float]] = {}
    by_age = sorted(queued, key=lambda turn: turn.since)
    for turn in by_age:
        waits_for_short = turn.is_long and now - turn.since < LONG_ENOUGH
        keys[turn.id] = (waits_for_short, place[turn.client], served.get(turn.client, 0.0), turn.since)
        place[turn.client] += 1
    return sorted(by_age, key=lambda turn: keys[turn.id])


def next_turn(ordered: Iterable[QueueTurn], running: Sequence[QueueTurn], workers: int) -> QueueTurn | None:
    """The first of ``ordered`` that may start beside those ``running``: the last worker takes no long job."""
    room_for_long = sum(turn.is_long for turn in running) < max(workers - 1, 1)
    return next((turn for turn in ordered if room_for_long or not turn.is_long), None)
