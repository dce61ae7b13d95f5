"""Where meshes are: whether they touch, lie near, or are two faces in two places."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from bpy.types import Object

from ..core.naming.match import match

Floats = npt.NDArray[np.float64]

_WHOLE = 12
"""A mesh with so many channels is a face of its own, no part of one."""

_SAME = 0.3
"""Share of the smaller of two bounding boxes that lies in the other where two faces are one, as skin and beard are."""


def touch(one: Object, other: Object) -> bool:
    """Whether the world-space bounding boxes of two objects overlap."""
    return bool((_gaps(_bounds(one), _bounds(other)) <= 0).all())


def near(one: Object, other: Object) -> bool:
    """Whether two objects are no farther from each other than the larger of them is wide."""
    a, b = _bounds(one), _bounds(other)
    apart = np.linalg.norm(np.maximum(_gaps(a, b), 0.0))
    return bool(apart <= max(np.ptp(a, axis=0).max(), np.ptp(b, axis=0).max()))


def of_one_face(target: Object, members: Sequence[Object]) -> list[Object]:
    """Those of ``members`` that belong to the face of the mesh ``target``: of several faces that stand apart, its own.

    A part belongs to the face that is nearest to it.
    """
    faces = [o for o in members if _is_whole(o)]
    if len(faces) < 2:
        return list(members)
    anchor = target if target in faces else min(faces, key=lambda o: _away(target, o))
    own = [o for o in faces if o == anchor or _coincide(anchor, o)]
    others = [o for o in faces if o not in own]
    if not others:
        return list(members)
    return [
        o for o in members
        if o in own or (o not in others and min(_away(o, f) for f in own) <= min(_away(o, f) for f in others))
    ]  # fmt: skip


def _is_whole(candidate: Object) -> bool:
    keys = candidate.data.shape_keys
    return len(match([b.name for b in keys.key_blocks if b != keys.reference_key]).channels()) >= _WHOLE


_TELLING = ("jawOpen", "mouthSmileLeft", "browInnerUp", "eyeBlinkLeft")
"""Channels that move one place of a face each, which tells two heads from a head and its beard."""
_APART = 2.0
"""Radii of what a channel moves, beyond which two meshes move in two faces."""
_ALIKE = 0.1
"""Share of the larger movement that the smaller one has where both tell a place: less is what an exporter leaves on
gums when an eye blinks."""


class Movement(NamedTuple):
    """What a shape key moves: its middle (3,) in the world, its radius, and how far the farthest vertex goes."""

    middle: Floats
    radius: float
    farthest: float


def _moves_elsewhere(one: Object, other: Object) -> bool:
    """Whether what both have of ``_TELLING`` moves one place on ``one`` and another on ``other``."""
    far = []
    for channel in _TELLING:
        a, b = _moved(one, channel), _moved(other, channel)
        if a is None or b is None or min(a.radius, b.radius) == 0:  # a single vertex is no place of a face
            continue
        if min(a.farthest, b.farthest) >= _ALIKE * max(a.farthest, b.farthest):
            far.append(float(np.linalg.norm(a.middle - b.middle)) > _APART * max(a.radius, b.radius))
    return 2 * sum(far) > len(far)


def _moved(candidate: Object, channel: str) -> Movement | None:
    """As ``moved_by``, of the key that shows ``channel``."""
    keys = candidate.data.shape_keys
    entries = match([b.name for b in keys.key_blocks if b != keys.reference_key]).direct().get(channel)
    return moved_by(candidate, entries[0].key) if entries else None


def moved_by(candidate: Object, key: str) -> Movement | None:
    """What a shape key moves on a mesh; None where that is nothing."""
    block = candidate.data.shape_keys.key_blocks[key]
    places = np.empty((2, 3 * len(block.data)), np.float32)
    block.relative_key.points.foreach_get("co", places[0])
    block.points.foreach_get("co", places[1])
    base, moved = places.reshape(2, -1, 3).astype(np.float64)
    world = np.array(candidate.matrix_world, float)
    far = np.linalg.norm((moved - base) @ world[:3, :3].T, axis=1)
    if not far.any():
        return None
    base = base @ world[:3, :3].T + world[:3, 3]
    middle = np.average(base, axis=0, weights=far)
    radius = float(np.sqrt(np.average(((base - middle) ** 2).sum(1), weights=far)))
    return Movement(middle, radius, float(far.max()))


def _coincide(one: Object, other: Object) -> bool:
    """Whether two whole faces are one, as skin and beard are: their boxes overlap and they move at one place."""
    a, b = _bounds(one), _bounds(other)
    gaps, smaller = _gaps(a, b), np.minimum(np.ptp(a, axis=0), np.ptp(b, axis=0))
    flat = smaller < 1e-9
    inside = np.where(flat, gaps <= 1e-9, np.clip(-gaps / np.where(flat, 1.0, smaller), 0.0, 1.0))
    return float(np.prod(inside)) >= _SAME and not _moves_elsewhere(one, other)


def _away(one: Object, other: Object) -> float:
    return float(np.linalg.norm(_bounds(one).mean(axis=0) - _bounds(other).mean(axis=0)))


def _gaps(a: Floats, b: Floats) -> Floats:
    """(3,) how far two boxes are apart along each axis; negative by how much they overlap."""
    gaps: Floats = np.maximum(a[0], b[0]) - np.minimum(a[1], b[1])
    return gaps


def _bounds(candidate: Object) -> Floats:
    """(2, 3) lowest and highest corner of the bounding box in the world."""
    world = np.array(candidate.matrix_world, float)
    corners = np.array([tuple(corner) for corner in candidate.bound_box], float) @ world[:3, :3].T + world[:3, 3]
    return np.stack([corners.min(axis=0), corners.max(axis=0)])
