"""The keys of one F-curve as arrays: made, read, cut, split and joined as Blender would, without Blender."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from ..core.track import AnyArray

Keys = dict[str, AnyArray]
"""Field of a keyframe -> (n,), or (n, 2) of frame and value; in the order of time."""

Values = npt.NDArray[np.float64]

CONSTANT, LINEAR, BEZIER = 0, 1, 2
"""The numbers of these in Keyframe.interpolation, the same in every version of Blender."""

FREE, AUTO, VECTOR, ALIGNED, AUTO_CLAMPED = 0, 1, 2, 3, 4
"""The numbers of these in Keyframe.handle_left_type."""

KEYFRAME, GENERATED = 0, 5
"""The numbers of these in Keyframe.type."""

FIELDS: tuple[tuple[str, int, type], ...] = (
    ("co", 2, np.float32), ("handle_left", 2, np.float32), ("handle_right", 2, np.float32),
    ("interpolation", 1, np.intc), ("easing", 1, np.intc), ("handle_left_type", 1, np.intc),
    ("handle_right_type", 1, np.intc), ("type", 1, np.intc),
)  # fmt: skip

SAME_FRAME = 1e-3
"""Frames by which two keys may lie apart and still be at one place."""


def no_keys() -> Keys:
    """The keys of an empty curve."""
    return {name: np.zeros((0, 2) if width == 2 else 0, kind) for name, width, kind in FIELDS}


def made(
    frames: Values, values: Values, left: Values, right: Values, interpolation: int = BEZIER, kind: int = GENERATED
) -> Keys:
    """Keys at ``frames`` (n,) with ``values`` (n,) and the slopes ``left`` and ``right`` (n,), in units a frame.

    Handles reach a third of the way to the next key; beyond the ends as far as on the inner side.
    """
    before, after = _third(np.diff(frames), len(frames))
    keys = no_keys()
    keys["co"] = np.stack([frames, values], axis=1).astype(np.float32)
    keys["handle_left"] = np.stack([frames - before, values - left * before], axis=1).astype(np.float32)
    keys["handle_right"] = np.stack([frames + after, values + right * after], axis=1).astype(np.float32)
    count = len(frames)
    keys["interpolation"] = np.full(count, interpolation, np.intc)
    keys["easing"] = np.zeros(count, np.intc)
    keys["handle_left_type"] = np.where(np.abs(left - right) < 1e-7, ALIGNED, FREE).astype(np.intc)
    keys["handle_right_type"] = keys["handle_left_type"].copy()
    keys["type"] = np.full(count, kind, np.intc)
    return keys


def linear(points: npt.NDArray[np.float32]) -> Keys:
    """Keys at ``points`` (n, 2), frame and value, with lines between."""
    count = len(points)
    reach = _third(np.diff(points[:, 0].astype(np.float64)), count)
    keys = no_keys()
    keys["co"] = points.copy()
    for side, way in (("handle_left", -reach[0]), ("handle_right", reach[1])):
        keys[side] = points.copy()
        keys[side][:, 0] = points[:, 0] + way
    for name, number in (
        ("interpolation", LINEAR), ("easing", 0), ("handle_left_type", ALIGNED), ("handle_right_type", ALIGNED),
        ("type", GENERATED),
    ):  # fmt: skip
        keys[name] = np.full(count, number, np.intc)
    return keys


def _third(gaps: Values, count: int) -> tuple[Values, Values]:
    """Frames that the handles of ``count`` keys, ``gaps`` (n - 1,) apart, reach to the left and to the right."""
    before = np.concatenate([gaps[:1], gaps]) if len(gaps) else np.ones(count)
    after = np.concatenate([gaps, gaps[-1:]]) if len(gaps) else np.ones(count)
    return before / 3, after / 3


def chosen(keys: Keys, which: AnyArray) -> Keys:
    """Those of ``keys`` in the mask or at the places ``which``; ``keys`` themselves where a mask leaves none out."""
    if which.dtype == bool and which.all():
        return keys
    return {name: array[which] for name, array in keys.items()}


def frames_of(keys: Keys) -> Values:
    """(n,) the frames of ``keys``."""
    return keys["co"][:, 0].astype(np.float64)


def values_of(keys: Keys) -> Values:
    """(n,) the values of ``keys``."""
    return keys["co"][:, 1].astype(np.float64)


def joined(*parts: Keys) -> Keys:
    """All keys of ``parts`` in the order of time; where two lie at one place, that of the later part stays."""
    filled = [part for part in parts if len(part["co"])] or parts[:1]
    every = {name: np.concatenate([part[name] for part in filled]) for name in parts[0]} if filled[1:] else filled[0]
    frames = frames_of(every)
    if (np.diff(frames) < 0).any():
        every = chosen(every, np.argsort(frames, kind="stable"))
        frames = frames_of(every)
    return chosen(every, np.append(np.diff(frames) > SAME_FRAME, True) if len(frames) else np.zeros(0, bool))


def outside(keys: Keys, first: float, last: float) -> Keys:
    """Those of ``keys`` before the frame ``first`` and after ``last``."""
    return beside(keys, ((first, last),))


def beside(keys: Keys, spans: Iterable[tuple[float, float]]) -> Keys:
    """Those of ``keys`` that are outside of all ``spans``, of a first and a last frame each."""
    frames = frames_of(keys)
    free = np.ones(len(frames), bool)
    for first, last in spans:
        free &= (frames < first - SAME_FRAME) | (frames > last + SAME_FRAME)
    return chosen(keys, free)


def inside(keys: Keys, first: float, last: float) -> Keys:
    """Those of ``keys`` from the frame ``first`` to ``last``."""
    frames = frames_of(keys)
    return chosen(keys, (frames >= first - SAME_FRAME) & (frames <= last + SAME_FRAME))


def evaluate(keys: Keys, frames: Values) -> Values:
    """(m,) values of the curve at ``frames`` (m,); the first and the last key hold beyond. ``keys``: at least one.

    Constant, linear and Bezier pieces are as Blender has them, easing ones are taken for lines.
    """
    times, values = frames_of(keys), values_of(keys)
    if len(times) == 1:
        return np.full(len(frames), values[0])
    at = np.clip(np.searchsorted(times, frames, side="right") - 1, 0, len(times) - 2)
    spent = np.clip((frames - times[at]) / np.maximum(times[at + 1] - times[at], 1e-9), 0.0, 1.0)
    result: Values = values[at] + spent * (values[at + 1] - values[at])
    kinds = keys["interpolation"][at]
    held = (kinds == CONSTANT) & (spent < 1)
    result[held] = values[at][held]
    bent = np.flatnonzero(kinds == BEZIER)
    if len(bent):
        x, y = _corners(keys, at[bent])
        share = _share(x, np.clip(frames[bent], times[0], times[-1]))
        result[bent] = _cubic(y, share)
    return result


def split(keys: Keys, frame: float) -> Keys:
    """``keys`` with one more at ``frame``, of the type of the one before, that leaves the curve as it is.

    Outside of all keys, and where there is one, nothing is added. Automatic handles are ``settled``: they would move.
    """
    times = frames_of(keys)
    if not len(times) or not times[0] + SAME_FRAME < frame < times[-1] - SAME_FRAME:
        return keys
    before = int(np.searchsorted(times, frame)) - 1
    if min(frame - times[before], times[before + 1] - frame) <= SAME_FRAME:
        return keys
    keys = settled(keys)
    new = chosen(keys, np.array([before]))
    new["co"] = np.array([[frame, evaluate(keys, np.array([frame]))[0]]], np.float32)
    new["handle_left"] = new["handle_right"] = new["co"].copy()
    if keys["interpolation"][before] == BEZIER:
        _split_bezier(keys, before, new, frame)
    return joined(keys, new)


def settled(keys: Keys) -> Keys:
    """A copy of ``keys`` whose handles stay where they are when keys beside them come or go."""
    keys = {name: array.copy() for name, array in keys.items()}
    for field in ("handle_left_type", "handle_right_type"):
        keys[field][np.isin(keys[field], (AUTO, AUTO_CLAMPED))] = ALIGNED
        keys[field][keys[field] == VECTOR] = FREE
    return keys


def _split_bezier(keys: Keys, before: int, new: Keys, frame: float) -> None:
    """De Casteljau: the handles of ``new`` and of its two neighbours."""
    x, y = _corners(keys, np.array([before]))
    share = float(_share(x, np.array([frame]))[0])
    corners = np.stack([x[0], y[0]], axis=1)
    once = corners[:-1] + share * np.diff(corners, axis=0)
    twice = once[:-1] + share * np.diff(once, axis=0)
    keys["handle_right"][before], keys["handle_left"][before + 1] = once[0], once[2]
    new["handle_left"], new["handle_right"] = twice[:1].astype(np.float32), twice[1:].astype(np.float32)
    for field in ("handle_left_type", "handle_right_type"):
        new[field] = np.full(1, ALIGNED, np.intc)


def _corners(keys: Keys, at: npt.NDArray[np.int64]) -> tuple[Values, Values]:
    """((m, 4) frames, (m, 4) values) of the control points of the pieces after the keys ``at``.

    A handle reaches no further in time than the next key, as Blender has it (BKE_fcurve_correct_bezpart).
    """
    points = [keys["co"][at], keys["handle_right"][at], keys["handle_left"][at + 1], keys["co"][at + 1]]
    x, y = (np.stack([p[:, axis] for p in points], axis=1).astype(np.float64) for axis in (0, 1))
    length = x[:, 3] - x[:, 0]
    for key, handle in ((0, 1), (3, 2)):
        shorten = np.minimum(length / np.maximum(np.abs(x[:, handle] - x[:, key]), 1e-12), 1.0)
        for line in (x, y):
            line[:, handle] = line[:, key] + shorten * (line[:, handle] - line[:, key])
    return x, y


def _share(x: Values, frames: Values) -> Values:
    """(m,) where along its piece, 0-1, each frame lies: frames run evenly there or are found by halving."""
    length = x[:, 3] - x[:, 0]
    even: Values = (frames - x[:, 0]) / np.maximum(length, 1e-9)
    off = np.abs(x[:, 1] - x[:, 0] - length / 3) + np.abs(x[:, 3] - x[:, 2] - length / 3)
    uneven = off > 1e-6 * (length + np.abs(x[:, 0]))  # more than 32 bits make of thirds
    if not uneven.any():
        return even
    x, frames = x[uneven], frames[uneven]
    low, high = np.zeros(len(x)), np.ones(len(x))
    for _ in range(48):
        middle = (low + high) / 2
        early = _cubic(x, middle) < frames
        low, high = np.where(early, middle, low), np.where(early, high, middle)
    even[uneven] = (low + high) / 2
    return even


def _cubic(points: Values, share: Values) -> Values:
    """(m,) Bernstein cubics with the control points (m, 4)."""
    rest = 1 - share
    weights = np.stack([rest**3, 3 * share * rest**2, 3 * share**2 * rest, share**3], axis=1)
    total: Values = (points * weights).sum(axis=1)
    return total
