"""A line that goes elsewhere in the shot, and where what lies on its frames goes with it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

REACH = 1.0
"""Seconds before and after a line in which keys are its own, where no other line is nearer."""


@dataclass(frozen=True)
class Moved:
    """A line of this name in records that played on the scene frames ``first`` to ``last``.

    origin: the frame of its second 0 then; rate: frames a second then; to, to_rate: the same now. low, high: the frames
    around it on which keys are its own.
    """

    line: str
    first: float
    last: float
    origin: float
    rate: float
    to: float
    to_rate: float
    low: float
    high: float

    @property
    def stretched(self) -> float:
        """Frames now for a frame then."""
        return self.to_rate / self.rate

    @property
    def span(self) -> tuple[float, float]:
        """Where ``first`` to ``last`` are now."""
        return self.frame(self.first), self.frame(self.last)

    @property
    def apart(self) -> bool:
        """Whether ``span`` meets none of the frames on which the line played."""
        first, last = self.span
        return first > self.last or last < self.first

    def frame(self, then: float) -> float:
        """Where the frame ``then`` is now; whole ones stay whole where the rate stays."""
        if self.rate == self.to_rate:
            return then + round(self.to - self.origin)
        return self.to + (then - self.origin) * self.stretched


def whose(frames: npt.ArrayLike, moves: Sequence[Moved]) -> npt.NDArray[np.int64]:
    """(n,) which of ``moves`` each of ``frames`` (n,) goes along with, -1 where none.

    Of two lines on one frame it is the one that is seen there, which begins later.
    """
    every = np.asarray(frames, np.float64).reshape(-1)
    found = np.full(len(every), -1, np.int64)
    order = sorted(range(len(moves)), key=lambda number: moves[number].first)
    for number in order:
        found[(every >= moves[number].low) & (every <= moves[number].high)] = number
    for number in order:
        found[(every >= moves[number].first - 0.5) & (every <= moves[number].last + 0.5)] = number
    return found


def mostly(first: float, last: float, moves: Sequence[Moved]) -> Moved | None:
    """The one of ``moves`` on whose frames at least half of ``first`` to ``last`` lies."""
    shared = [(min(last, move.last) - max(first, move.first), number) for number, move in enumerate(moves)]
    most, number = max(shared, default=(-1.0, 0))
    return moves[number] if most >= (last - first) / 2 and most >= 0 else None
