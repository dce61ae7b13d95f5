"""Which keys of a slider are as the voice has written them: whatever else is there, or is gone, is the animator's.

What was written is kept with the action, so that undo, copying and removing it take both along or neither.
"""

import json
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from bpy.types import Action

from ..bake import compat
from ..bake.keyed import Keys, frames_of, values_of
from ..bake.stretch import Span

VOICE_KEY = compat.BREAKDOWN
"""Blender's keyframe type of the keys that come from the voice."""

Written = npt.NDArray[np.float64]
"""(n, 2): frames and values of keys, in the order of time."""
Mask = npt.NDArray[np.bool_]

NOTHING: Written = np.zeros((0, 2))

EDGE = 1.0
"""Frames before and after a recording at which the sliders are as they were without it."""

_PROPERTY = "s2f_heard"
_SAME_FRAME, _SAME_VALUE = 0.01, 1e-4


def load(action: Action) -> dict[str, Written]:
    """What the voice has written into ``action``, by slider; nothing where that is damaged."""
    try:
        found = json.loads(action.get(_PROPERTY) or "{}")
        return {name: np.array(points, np.float64).reshape(-1, 2) for name, points in found.items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def save(action: Action, written: Mapping[str, Written]) -> None:
    """Keep ``written`` in ``action``."""
    points = {name: np.round(array, 5).tolist() for name, array in written.items() if len(array)}
    action[_PROPERTY] = json.dumps(points)


def carry(source: Action, goal: Action) -> None:
    """The sliders' curves of ``source`` have gone to ``goal``: what was written there goes along."""
    if source.get(_PROPERTY):
        save(goal, load(source) | load(goal))
        del source[_PROPERTY]


def untouched(keys: Keys, written: Written) -> Mask:
    """(n,) which of ``keys`` are as they were ``written``: place, height, handles and interpolation."""
    plain = keys["type"] == VOICE_KEY
    for name, number in compat.SMOOTH.items():
        plain &= keys[name] == number
    return np.asarray(plain & _among(np.stack([frames_of(keys), values_of(keys)], axis=1), written))


def touched(keys: Keys, written: Written, spans: Sequence[Span]) -> list[Span]:
    """Where the animator has set, changed or deleted keys in ``spans``, as far as that shapes the curve.

    An edit reaches to the untouched keys beside it, and where there are none, from its first key to its last.
    """
    same = untouched(keys, written)
    there = np.stack([frames_of(keys), values_of(keys)], axis=1)
    deleted = written[~_among(written, there[same]), 0]
    edits = np.sort(np.concatenate([frames_of(keys)[~same], deleted]))
    edits = edits[covered(edits, spans, EDGE)]
    anchors = frames_of(keys)[same]
    anchors = anchors[covered(anchors, spans, EDGE)]
    gaps = np.searchsorted(anchors, edits)
    found = []
    for gap in np.unique(gaps):
        within = edits[gaps == gap]
        low = anchors[gap - 1] if gap else within[0]
        high = anchors[gap] if gap < len(anchors) else within[-1]
        found.append((float(low), float(high)))
    return found


def covered(frames: npt.NDArray[np.float64], spans: Sequence[Span], beside: float = 0.0) -> Mask:
    """(n,) which of ``frames`` lie in one of ``spans``, or so many frames ``beside``."""
    mask = np.zeros(len(frames), bool)
    for first, last in spans:
        mask |= (frames >= first - beside - _SAME_FRAME) & (frames <= last + beside + _SAME_FRAME)
    return mask


def _among(points: Written, others: Written) -> Mask:
    """(n,) which of ``points`` (n, 2) is also one of ``others`` (m, 2), in the order of time."""
    if not len(points) or not len(others):
        return np.zeros(len(points), bool)
    after = np.searchsorted(others[:, 0], points[:, 0]).clip(0, len(others) - 1)
    found = np.zeros(len(points), bool)
    for at in (after, (after - 1).clip(0)):
        near = np.abs(others[at] - points)
        found |= (near[:, 0] <= _SAME_FRAME) & (near[:, 1] <= _SAME_VALUE)
    return found
