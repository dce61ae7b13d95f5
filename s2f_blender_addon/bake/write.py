"""Values onto shape keys: one new action, filled with foreach_set."""

from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from . import compat
from .frames import Frames
from .reduce import needed

GROUP = "S2F"

Channel = tuple[str, int]
"""Data path and index of one F-curve."""


def value_path(key_name: str) -> str:
    """The data path of a shape key's value, quotes and backslashes in its name escaped."""
    return f'key_blocks["{bpy.utils.escape_identifier(key_name)}"].value'


def write_curves(
    bag: Any, channels: list[Channel], frames: Frames, values: npt.NDArray[np.float32], error: float = 0.0
) -> int:
    """Linear keys for ``values`` (T, len(channels)) at ``frames`` (T,); returns how many keys were written.

    ``error`` > 0 leaves out keys that straight lines replace within it. A curve that never moves gets its first and
    last key only, whatever ``error`` is. Channels must be new to ``bag``.
    """
    group = bag.groups.get(GROUP) or bag.groups.new(GROUP)
    moving = np.ptp(values, axis=0) > 0
    keep = needed(values, error) if error > 0 else None
    points = np.empty((len(frames), 2), np.float32)
    points[:, 0] = frames
    ends = [0, -1] if len(frames) > 1 else [0]
    written, full = 0, None
    for column, (path, index) in enumerate(channels):
        points[:, 1] = values[:, column]
        chosen = points if moving[column] else points[ends]
        if keep is not None and moving[column]:
            chosen = points[keep[:, column]]
        curve = compat.new_fcurve(bag, path, index, len(chosen), full)
        curve.group = group
        curve.keyframe_points.foreach_set("co", chosen.ravel())
        curve.update()
        if chosen is points:
            full = curve
        written += len(chosen)
    return written


def outside(keys: compat.Keys, first: float, last: float) -> compat.Keys:
    """The part of ``keys`` before frame ``first`` and after frame ``last``."""
    time = keys["co"][:, 0]
    away = (time < first) | (time > last)
    return {name: values[away] for name, values in keys.items()}
