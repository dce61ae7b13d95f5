"""When somebody speaks at all: the mouth comes to rest in real pauses, not between two words."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class PauseRule:
    """Silence above ``level`` that lasts ``least`` seconds is a pause; lips open ``opening`` s before speech starts
    and fall shut within ``closing`` s after it ends."""

    level: float = 0.3
    least: float = 0.22
    opening: float = 0.06
    closing: float = 0.07


ABOUT = PauseRule(opening=0.2, closing=0.28)
"""Slower: when lips have parted for a phrase with the breath before it, and have closed after it."""


def speaking(silence: Array, rate: float, times: npt.NDArray[np.float64], rule: PauseRule) -> Array:
    """(T,) 0-1 at ``times`` from the probability of silence (N,) at ``rate`` Hz."""
    quiet = np.concatenate([[False], silence > rule.level, [False]])
    starts, stops = np.flatnonzero(quiet[1:] & ~quiet[:-1]), np.flatnonzero(~quiet[1:] & quiet[:-1])
    result = np.ones(len(times))
    for start, stop in zip(starts, stops, strict=True):
        at_edge = start == 0 or stop == len(silence)
        if (stop - start) / rate < rule.least and not at_edge:
            continue
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
