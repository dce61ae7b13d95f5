"""Somebody who talks behind the speaker: sentences of one speaker with pauses, and in the pauses another's, softer.

A mouth ought to rest there. What is counted is how much of the pauses its lips move in, beside the same file with
silence in its pauses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from model_server.evaluation.mixed import SOUND_RATE, LabelledSpeech, Samples, moving, said
from s2f_blender_addon.core.request import Ear

CASES: tuple[tuple[Ear, float], ...] = tuple(
    (ear, below) for ear in ("all", "nearest") for below in (-15.0, -20.0, -25.0, -np.inf)
)
"""How the line listens, and decibels of the other under the speaker; the last is silence."""
SENTENCES = 3
PAUSES = (1.5, 3.0)
"""Seconds, at least and at most."""
EDGE = 0.35
"""Seconds of a pause in which the mouth may come to rest or part for the next sentence."""
ROOM_TONE = 1e-3


@dataclass(frozen=True)
class Behind:
    """samples (N,) mono 16 kHz; the pauses (start s, end s) in which the other talks."""

    samples: Samples
    pauses: list[tuple[float, float]]


@dataclass
class BehindCount:
    """Shares of the pauses in which lips move, by ``CASES``."""

    moving: dict[tuple[Ear, float], list[float]] = field(default_factory=lambda: {case: [] for case in CASES})

    def figures(self) -> dict[str, dict[str, float]]:
        return {
            f"listens to {ear}, {f'another at {below:g} dB' if np.isfinite(below) else 'nobody'} in the pauses": {
                "pauses_that_move": round(float(np.mean(found)), 3)
            }
            for (ear, below), found in self.moving.items() if found
        }  # fmt: skip


def behind(
    own: Sequence[LabelledSpeech], others: Sequence[LabelledSpeech], decibels: float, random: np.random.Generator
) -> Behind:
    """``SENTENCES`` of ``own`` with pauses between, in which ``others`` go on, ``decibels`` softer.

    The same ``random`` gives the same sentences and pauses whatever ``decibels`` is.
    """
    chosen = random.permutation(len(own))[:SENTENCES]
    talk = np.concatenate([said(others[i], 0.0) for i in random.permutation(len(others))])
    sound, pauses = said(own[chosen[0]], 0.0), list[tuple[float, float]]()
    for which in chosen[1:]:
        count = int(random.uniform(*PAUSES) * SOUND_RATE)
        tone = random.normal(size=count) * ROOM_TONE * float(np.sqrt(np.mean(sound[:SOUND_RATE] ** 2)))
        first = int(random.integers(len(talk)))
        other = talk[(first + np.arange(count)) % len(talk)] * 10 ** (decibels / 20)
        pauses.append((len(sound) / SOUND_RATE, (len(sound) + count) / SOUND_RATE))
        sound = np.concatenate([sound, (tone + other).astype(np.float32), said(own[which], 0.0)])
    return Behind((sound / max(1.0, float(np.abs(sound).max()))).astype(np.float32), pauses)


def tally(
    total: BehindCount,
    case: tuple[Ear, float],
    times: npt.NDArray[np.float64],
    values: npt.NDArray[np.floating[Any]],
    one: Behind,
) -> None:
    """Add one file: its track ``values`` (T, 52) at ``times`` (T,) s."""
    for start, end in one.pauses:
        inside = (times >= start + EDGE) & (times <= end - EDGE)
        total.moving[case].append(moving(times[inside] - times[inside][0], values[inside], []))
