"""Where the lips shut: from the probability of p, b and m to intervals with sharp edges, and the lips' envelope."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model_server.speech.phones import BILABIAL, CLASS_INDEX

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Rule:
    """Hysteresis on the probability of a bilabial, and what lips make of it (seconds).

    A closure must reach ``peak``; it lasts while above ``edge``. Shorter ones than ``least`` grow to it about their
    centre. Lips meet ``late`` after the sound tells of it, and take ``ramp`` to meet or part: so they do on the
    captured takes that training hears. They begin to part ``early``, since a phone's sound goes on after its burst.
    """

    peak: float = 0.5
    edge: float = 0.3
    least: float = 0.05
    late: float = 0.02
    ramp: float = 0.03
    early: float = 0.01


SPOKEN = 0.25
"""Probability of speech up to which a bilabial is judged against it alone."""
_LIPS = [CLASS_INDEX[name] for name in BILABIAL]
_SILENCE = CLASS_INDEX["sil"]


def bilabial(phones: Array) -> Array:
    """(T,) how likely lips are shut where somebody speaks, from posteriors (T, K).

    At the edge of a pause a faint b shares its probability with silence, behind which lips are shut as well.
    """
    likely: Array = phones[:, _LIPS].sum(1) / np.maximum(1 - phones[:, _SILENCE], SPOKEN)
    return np.minimum(likely, 1)


def crossing(values: Array, low: int, high: int, level: float) -> float:
    """Where between frames ``low`` and ``high`` the line from one value to the other meets ``level``."""
    a, b = float(values[low]), float(values[high])
    return low + (level - a) / (b - a) if b != a else float(high)


def closures(probability: Array, rate: float, rule: Rule) -> list[tuple[float, float]]:
    """(start s, end s) of what sounds shut, from the probability (T,) at ``rate`` Hz, to a fraction of a frame."""
    above = np.concatenate([[False], probability >= rule.edge, [False]])
    starts, stops = np.flatnonzero(above[1:] & ~above[:-1]), np.flatnonzero(~above[1:] & above[:-1])
    found: list[tuple[float, float]] = []
    for start, stop in zip(starts, stops, strict=True):
        if probability[start:stop].max() < rule.peak:
            continue
        first = crossing(probability, start - 1, start, rule.edge) if start > 0 else 0.0
        last = crossing(probability, stop - 1, stop, rule.edge) if stop < len(probability) else stop - 1.0
        a, b = first / rate, last / rate
        short = max(0.0, rule.least - (b - a)) / 2
        a, b = a - short, b + short
        if found and a <= found[-1][1]:
            a = found.pop()[0]
        found.append((a, b))
    return found


def envelope(intervals: list[tuple[float, float]], times: npt.NDArray[np.float64], rule: Rule) -> Array:
    """(T,) 0-1 at ``times``: 1 while the lips are shut for each of ``intervals``, a raised cosine to 0 outside."""
    closed = np.zeros(len(times))
    for start, end in intervals:
        b = max(end - rule.early, min(end, start + rule.least))
        a = max(start, min(start + rule.late, b - rule.least))  # late, unless too little would be left to see
        low, high = np.searchsorted(times, (a - rule.ramp, b + rule.ramp))
        near = times[low:high]
        outside = np.maximum(np.maximum(a - near, near - b), 0) / rule.ramp
        closed[low:high] = np.maximum(closed[low:high], 0.5 + 0.5 * np.cos(np.pi * np.minimum(outside, 1)))
    return closed.astype(np.float32)
