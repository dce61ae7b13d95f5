"""The lower jaw: a hinge before the ears. ``jaw_turn`` and ``jaw_slides`` also carry the lower teeth and the tongue."""

import numpy as np

from ..anatomy import mouth
from ..anatomy.face import Face
from ..curves import Floats, rotation, step
from .lip_space import LipSpace, both_sides

HINGE = np.array([0.0, 22.0, -28.0])
OPEN_DEGREES = 13.0
SLIDES = {"jawForward": (0.0, -9.0, 0.5), "jawLeft": (9.5, 1.0, 0.0)}
"""Millimetres by which the chin moves; jawRight mirrors jawLeft."""

UPPER_SHARE = 0.42
"""Share of a closing that the upper lip makes by coming down; the lower lip makes the rest."""


def jaw_turn(points: Floats) -> Floats:
    """(N, 3) displacement of points that belong wholly to the jaw when it opens fully."""
    turned: Floats = (points - HINGE) @ rotation("x", OPEN_DEGREES).T + HINGE - points
    return turned


def jaw_weight(face: Face, lips: LipSpace) -> Floats:
    """(N,) how far each vertex belongs to the jaw: the chin 1, cheeks between, nose, nape and neck 0."""
    _, y, z = face.vertices.T
    throat = step(-156, -100, z + 0.25 * y)
    behind = step(45, -20, y)
    pocket = np.zeros(face.mouth.shape)
    _, lip = mouth.spread(face.mouth.shape[1])
    pocket[mouth.RIM + 3 :] = np.where(lip == 0, 0.5, lip < 0)
    deep = both_sides(face, face.mouth[mouth.RIM + 3 :], pocket[mouth.RIM + 3 :])
    weight = lips.lower * throat * behind
    inner = both_sides(face, face.mouth[mouth.RIM + 3 :], np.ones_like(pocket[mouth.RIM + 3 :])) > 0
    return np.asarray(np.where(inner, np.where(deep == 0.5, 0.5, deep), weight))


def jaw_keys(face: Face, lips: LipSpace) -> dict[str, Floats]:
    weight = jaw_weight(face, lips)[:, None]
    opened = weight * jaw_turn(face.vertices)
    # The corners are drawn in while the mouth grows long.
    narrow = -0.10 * face.vertices[:, 0] * lips.near(16) * 4 * lips.lower * (1 - lips.lower)
    opened[:, 0] += narrow
    keys = {name: weight * np.array(move) * _slide_fade(face) for name, move in SLIDES.items()}
    return keys | {"jawOpen": opened, "mouthClose": _closing(face, lips, opened)}


def _slide_fade(face: Face) -> Floats:
    return step(15, -55, face.vertices[:, 1])[:, None]


def _closing(face: Face, lips: LipSpace, opened: Floats) -> Floats:
    """What undoes the parting of the lips that ``opened`` (N, 3) makes, exactly on every loop where they touch."""
    closing = np.zeros_like(opened)
    for side in (face.mouth, face.twin[face.mouth]):
        spokes = side.shape[1]
        upper, lower = side[:, : spokes // 2 + 1], side[:, : spokes // 2 - 1 : -1]
        parting = opened[lower] - opened[upper]
        rim = parting[mouth.RIM]
        order = np.argsort(face.vertices[upper[mouth.RIM], 0])
        half = np.sign(face.vertices[side[0, spokes // 2], 0])
        mine = face.vertices[:, 0] * half > -1e-9
        x = np.clip(face.vertices[mine, 0], *np.sort(face.vertices[upper[mouth.RIM], 0])[[0, -1]])
        gap = np.stack([np.interp(x, face.vertices[upper[mouth.RIM][order], 0], rim[order, i]) for i in range(3)], 1)
        share = UPPER_SHARE * (1 - lips.lower[mine]) * _reach(lips.distance[mine], 13)
        share = share - (1 - UPPER_SHARE) * lips.lower[mine] * _reach(lips.distance[mine], 19)
        closing[mine] = gap * (share * lips.inside[mine])[:, None]
    for side in (face.mouth, face.twin[face.mouth]):
        spokes = side.shape[1]
        upper, lower = side[:, : spokes // 2 + 1], side[:, : spokes // 2 - 1 : -1]
        parting = opened[lower] - opened[upper]
        for loop in range(mouth.BORDER, mouth.RIM + 3):
            closing[upper[loop]] = UPPER_SHARE * parting[loop]
            closing[lower[loop]] = -(1 - UPPER_SHARE) * parting[loop]
    return closing


def _reach(distance: Floats, reach: float) -> Floats:
    """1 on the red of the lips, then a bell."""
    return np.asarray(np.exp(-0.5 * (np.maximum(distance - 7, 0) / reach) ** 2))
