"""Where a new character stands: clear of what is there already."""

from collections.abc import Iterable

import bpy
import numpy as np
from mathutils import Vector

from .curves import Floats

APART = 0.06
"""Metres left between two things."""

SURROUNDS = 4.0
"""Metres: what would have to be left as far as this is a room, a ground or a sky, which one stands in."""

WIDE = 3.0
"""Widths of the character from which on it stands before a thing, which then is its background, not beside it."""

SOLID = {"MESH", "CURVE", "CURVES", "SURFACE", "META", "FONT", "VOLUME", "GPENCIL", "GREASEPENCIL", "POINTCLOUD"}
"""Types of objects that one sees and that take up room."""


def bounds(objects: Iterable[bpy.types.Object]) -> Floats:
    """(2, 3) the lowest and the highest corner of ``objects`` in the world; there must be one."""
    corners = np.array([o.matrix_world @ Vector(corner) for o in objects for corner in o.bound_box])
    return np.stack([corners.min(0), corners.max(0)])


def solid(view_layer: bpy.types.ViewLayer) -> list[Floats]:
    """``bounds`` of everything that is shown and takes up room."""
    shown = (o for o in view_layer.objects if o.type in SOLID and o.visible_get(view_layer=view_layer))
    return [bounds([o]) for o in shown]


def way_out(own: Floats, others: list[Floats]) -> Vector:
    """By how much ``own`` (2, 3) has to go, before or beside what is there, to stand clear of ``others``."""
    moved = own.copy()
    for _ in range(len(others) + 1):
        met = next((box for box in others if _meet(moved, box) and _out_of(own, box) < SURROUNDS), None)
        if met is None:
            break
        if met[1, 0] - met[0, 0] > WIDE * (own[1, 0] - own[0, 0]):
            moved[:, 1] += met[0, 1] - APART - moved[1, 1]
        else:
            moved[:, 0] += met[1, 0] + APART - moved[0, 0]
    return Vector(moved[0] - own[0])


def _meet(one: Floats, other: Floats) -> bool:
    """Whether two boxes share room or stand too near; one that only stands on the other does neither."""
    shared = np.minimum(one[1], other[1]) - np.maximum(one[0], other[0])
    near = 1e-4 - APART
    return bool((shared > (near, near, APART / 3)).all())


def _out_of(own: Floats, box: Floats) -> float:
    """Metres to the nearer of the two ways out of ``box``: before it or beside it."""
    return float(min(own[1, 1] - box[0, 1], box[1, 0] - own[0, 0]))
