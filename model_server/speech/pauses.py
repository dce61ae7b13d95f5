"""When somebody speaks at all: the mouth comes to rest in real pauses, not between two words."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class PauseRule:
    """Silence above ``level`` that lasts ``least`` seconds is a pause; it goes on to both sides while above ``edge``,
    for ``unsure`` seconds at most.

    Lips open ``opening`` s before speech starts and fall shut within ``closing`` s after it ends.
    """

    level: float = 0.3
    edge: float = 0.12
    unsure: float = 0.06
    least: float = 0.22
    opening: float = 0.06
    closing: float = 0.07


ABOUT = PauseRule(opening=0.25, closing=0.55)
"""Slower: when lips have parted for a phrase with the breath before it, and have closed after it."""


def speaking(silence: Array, rate: float, times: npt.NDArray[np.float64], rule: PauseRule) -> Array:
    """(T,) 0-1 at ``times`` from the probability of silence (N,) at ``rate`` Hz."""
    result = np.ones(len(times))
    for start, stop in _pauses(silence, rate, rule):
        a = -np.inf if start == 0 else (start - 0.5) / rate
        b = np.inf if stop == len(silence) else (stop - 0.5) / rate
        low, high = np.searchsorted(times, (a, b))
        near = times[low:high]
        falling = 0.5 + 0.5 * np.cos(np.pi * np.clip((near - a) / rule.closing, 0, 1)) if start else np.zeros(len(near))
        if stop < len(silence):
            rising = 0.5 + 0.5 * np.cos(np.pi * np.clip((b - near) / rule.opening, 0, 1))
            falling = np.maximum(falling, rising)
        result[low:high] = falling
    return result.astype(np.float32)


def _pauses(silence: Array, rate: float, rule: PauseRule) -> list[tuple[int, int]]:
    """(first frame, one past the last) of each pause; at either end of the recording any silence is one."""
    edges = np.diff((silence > rule.level).astype(np.int8), prepend=0, append=0)
    reach, found = round(rule.unsure * rate), list[tuple[int, int]]()
    for start, stop in zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True):
        if (stop - start) / rate < rule.least and start > 0 and stop < len(silence):
            continue
        before, after = silence[max(0, start - reach) : start][::-1], silence[stop : stop + reach]
        found.append((start - _likely(before, rule.edge), stop + _likely(after, rule.edge)))
    return found


def _likely(silence: Array, edge: float) -> int:
    """How many frames from the first on are above ``edge``."""
    unlikely = np.flatnonzero(silence <= edge)
    return int(unlikely[0]) if len(unlikely) else len(silence)
