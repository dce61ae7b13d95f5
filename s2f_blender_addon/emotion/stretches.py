"""A shot as stretches, in each of which one emotion is the strongest, and what moving one does to the keys. No bpy."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..bake import keyed
from ..bake.keyed import Keys

Floats = npt.NDArray[np.float32]
Frames = npt.NDArray[np.float64]

LEAST = 0.08
"""A slider below this shows on no face."""
NEAREST = 1.0
"""Frames that two edges stay apart."""


@dataclass(frozen=True)
class Stretch:
    """Scene frames ``first`` to ``last``, on which ``name`` is the strongest emotion; strength: its mean there, 0-1."""

    first: float
    last: float
    name: str
    strength: float


def stretches(frames: Frames, values: Floats, names: Sequence[str], least: float = LEAST) -> list[Stretch]:
    """Where one of ``names`` is the strongest of ``values`` (T, n) at ``frames`` (T,), and at least ``least``."""
    if not len(frames) or not len(names):
        return []
    strongest = np.where(values.max(1) >= least, values.argmax(1), -1)
    edges = np.flatnonzero(np.diff(strongest)) + 1
    bounds = np.concatenate([[0], edges, [len(frames)]])
    strengths = np.add.reduceat(values.max(1), bounds[:-1], dtype=np.float64) / np.diff(bounds)
    found = []
    for (a, b), strength in zip(pairwise(bounds.tolist()), strengths.tolist(), strict=True):
        if strongest[a] >= 0:
            last = frames[b] if b < len(frames) else frames[-1]
            found.append(Stretch(float(frames[a]), float(last), names[strongest[a]], strength))
    return found


def at(found: Sequence[Stretch], frame: float) -> Stretch | None:
    """The stretch at ``frame``."""
    return next((one for one in found if one.first <= frame < one.last), None)


def retimed(keys: Keys, old: Sequence[float], new: Sequence[float]) -> Keys:
    """``keys`` with the frames ``old`` moved to ``new`` and those between them along; beyond both ends nothing moves.

    Both rise, and begin and end alike. Handles go with their keys.
    """
    found = {name: array.copy() for name, array in keys.items()}
    for name in ("co", "handle_left", "handle_right"):
        times = found[name][:, 0].astype(np.float64)
        inside = (times > old[0]) & (times < old[-1])
        found[name][inside, 0] = np.interp(times[inside], old, new)
    return found


def scaled(keys: Keys, first: float, last: float, factor: float) -> Keys:
    """``keys`` with values from the frame ``first`` to ``last`` times ``factor``, within 0-1.

    Where no key lies between, one is put in the middle.
    """
    keys = keyed.settled(keys)
    within = _inside(keys, first, last)
    if not within.any():
        keys = keyed.split(keys, (first + last) / 2)
        within = _inside(keys, first, last)
    for name in ("co", "handle_left", "handle_right"):
        keys[name][within, 1] = np.clip(keys[name][within, 1] * factor, 0, 1)
    return keys


def swapped(one: Keys, other: Keys, first: float, last: float) -> tuple[Keys, Keys]:
    """The two curves with what they say from ``first`` to ``last`` changed for one another, and nothing ``NEAREST`` to
    that or farther.
    """
    one, other = (_split_around(keys, first, last) for keys in (one, other))
    return (
        keyed.joined(keyed.outside(one, first, last), keyed.inside(other, first, last)),
        keyed.joined(keyed.outside(other, first, last), keyed.inside(one, first, last)),
    )


def _split_around(keys: Keys, first: float, last: float) -> Keys:
    for frame in (first - NEAREST, first, last, last + NEAREST):
        keys = keyed.split(keys, frame)
    return keys


def _inside(keys: Keys, first: float, last: float) -> npt.NDArray[np.bool_]:
    times = keyed.frames_of(keys)
    return np.asarray((times > first - keyed.SAME_FRAME) & (times < last + keyed.SAME_FRAME))
