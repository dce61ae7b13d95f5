"""Teeth and gums on two arches; the lower ones follow the jaw."""

from dataclasses import dataclass, replace

import numpy as np

from ..anatomy import mouth
from ..anatomy.face import Face
from ..curves import Floats
from ..expressions.jaw import jaw_moves
from ..part import HeadPart, joined, plain
from ..shapes import paired, tube


@dataclass(frozen=True)
class Crown:
    """One tooth, in mm: ``width`` along the arch where it touches its neighbours, ``height`` from edge to neck,
    ``shorter``: how far its edge stays behind that of the foremost; ``out``: how far it stands before the arch.

    edge, neck: depth of both from cheek to tongue; cusp: how much lower the middle of the edge is than its corners.
    """

    width: float
    height: float
    shorter: float
    edge: float = 1.9
    neck: float = 6.6
    cusp: float = 0.35
    out: float = 0.0


UPPER = (
    Crown(8.5, 11.0, 0.0), Crown(6.7, 9.8, 0.7), Crown(7.6, 10.8, 0.0, 2.6, 7.6, 1.5, 0.5),
    Crown(7.0, 9.2, -0.2, 5.5, 8.4, 0.9, 0.4), Crown(6.8, 8.8, -0.2, 5.8, 8.6, 0.7, 0.4),
    Crown(9.6, 8.4, -0.3, 7.4, 9.6, 0.5, 0.4), Crown(9.2, 8.2, -0.3, 7.4, 9.6, 0.5, 0.2),
)  # fmt: skip
LOWER = (
    Crown(5.4, 9.4, 0.0, 1.7, 5.8, 0.2), Crown(6.0, 9.4, 0.0, 1.8, 6.0, 0.3),
    Crown(6.8, 10.2, -0.5, 2.5, 7.2, 1.1, 0.4), Crown(7.0, 9.2, -1.0, 5.2, 7.6, 0.8, 0.4),
    Crown(7.1, 9.0, -1.2, 5.6, 7.8, 0.6, 0.4), Crown(10.4, 8.6, -1.4, 7.2, 9.2, 0.5, 0.3),
    Crown(10.0, 8.4, -1.4, 7.2, 9.2, 0.5),
)  # fmt: skip
"""From the middle outwards: two incisors, canine, two premolars, two molars; sizes of Wheeler's Dental Anatomy."""

UP = (0.0, 0.08, 0.34, 0.72, 1.1)
"""Where the loops of a crown lie between its edge and its neck; the last is under the gum."""
WIDE = (0.8, 0.94, 1.0, 0.92, 0.74)
"""Width there: teeth touch at a third of their height and leave a corner to the gum."""
BULGE = (1.5, 0.7, 0.08, 0.05, 0.5)
"""How far behind the arch their face is there, in mm: bowed to the lips."""
DEEP = (0.0, 0.14, 0.46, 0.84, 1.0)
"""How far depth has gone from that of the edge to that of the neck."""

ARCH_WIDTH, ARCH_DEPTH = 28.0, 28.0
"""Half an ellipse in mm, which keeps as far behind the arc of the lips as in the middle, out to the corners."""

GUM_RADII = (4.4, 5.4)
"""Of a gum from front to back and up, in mm."""
GUM_BEHIND = 3.9
"""Millimetres from the arch back to the middle of a gum."""
PAPILLA = 2.4
"""Millimetres by which the gum comes farther down between two teeth than over them."""

BEHIND_LIPS = 5.2
"""Millimetres from the rim of the lips back to the upper front teeth's face."""


def front_of_teeth(face: Face) -> float:
    """y of the upper front teeth's face, just behind the lips."""
    return float(face.vertices[face.mouth[mouth.RIM, 0], 1]) + BEHIND_LIPS


def _arch(along: Floats, front: float) -> tuple[Floats, Floats]:
    """Points (N, 3) on the arch ``along`` mm from the middle, and the arch's direction there; straight at the back."""
    turn, back = np.linspace(0, np.pi / 2, 300), np.linspace(0.1, 20, 100)
    x = np.concatenate([ARCH_WIDTH * np.sin(turn), ARCH_WIDTH + 0.1 * back])
    y = front + np.concatenate([ARCH_DEPTH * (1 - np.cos(turn)), ARCH_DEPTH + back])
    run = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    points = np.stack([np.interp(along, run, x), np.interp(along, run, y), np.zeros_like(along)], 1)
    ahead = np.stack([np.interp(along, run, np.gradient(x, run)), np.interp(along, run, np.gradient(y, run))], 1)
    tangent = np.column_stack([ahead, np.zeros_like(along)])
    return points, tangent / np.linalg.norm(tangent, axis=1, keepdims=True)


def _squared(v: Floats) -> Floats:
    """A sine or cosine bent towards the square, for blocks with round edges."""
    return np.asarray(np.sign(v) * np.abs(v) ** 0.5)


def _tooth(point: Floats, tangent: Floats, crown: Crown, edge: float, roots: float) -> HeadPart:
    """A crown whose face touches the arch at ``point``, its biting edge at the height ``edge``, and its mirror."""
    turn = 2 * np.pi * (np.arange(8) + 0.5) / 8
    side, back = _squared(np.cos(turn)), 0.5 + 0.5 * _squared(np.sin(turn))
    inwards = np.array([-tangent[1], tangent[0], 0.0])
    loops = []
    for up, wide, bulge, deep in zip(UP, WIDE, BULGE, DEEP, strict=True):
        depth = crown.edge + deep * (crown.neck - crown.edge)
        # The face is bowed from side to side, too, or a row of teeth is a wall.
        behind = bulge - crown.out + 0.5 * side**2 * (back < 0.5) + depth * back
        rise = crown.shorter + up * crown.height + crown.cusp * np.abs(side) ** 2 * max(0.0, 1 - up / 0.6)
        ring = np.outer(side * crown.width * wide / 2, tangent) + np.outer(behind, inwards)
        ring[:, 2] = edge + roots * rise
        loops.append(ring + point)
    shape = np.array(loops)
    vertices, quads, _ = paired(*tube(shape[:, ::-1] if roots < 0 else shape))
    return plain("teeth", vertices, quads, "tooth")


def _gum(front: float, edge: float, roots: float, crowns: tuple[Crown, ...]) -> HeadPart:
    """The gum over the necks, with a tip between every two teeth."""
    ends = np.cumsum([0.0, *(crown.width for crown in crowns)])
    middles, heights = (ends[1:] + ends[:-1]) / 2, [crown.shorter + crown.height for crown in crowns]
    at = np.sort(np.concatenate([[0.01], ends[1:], middles]))
    lower = PAPILLA * (np.abs(at[:, None] - ends).min(1) < 0.1)
    middle = np.interp(at, middles, heights) + 0.62 * GUM_RADII[1]
    spine, tangent = _arch(at, front)
    across = np.stack([tangent[:, 1], -tangent[:, 0], np.zeros(len(tangent))], 1)
    turn = 2 * np.pi * (np.arange(6) + 0.5) / 6
    front_to_back, low_to_high = GUM_RADII[0] * _squared(np.cos(turn)), _squared(np.sin(turn))
    up = GUM_RADII[1] * low_to_high + middle[:, None] - lower[:, None] * np.clip(-low_to_high, 0, 1)
    loops = spine[:, None] + (front_to_back - GUM_BEHIND)[None, :, None] * across[:, None]
    loops[:, :, 2] = edge + roots * up
    vertices, quads, _ = paired(*tube(loops[:, ::-1] if roots > 0 else loops))
    return plain("teeth", vertices, quads, "gum")


def _row(front: float, edge: float, roots: float, crowns: tuple[Crown, ...]) -> HeadPart:
    """The teeth of one jaw: ``edge`` the height of the foremost's biting edge, ``roots`` 1 above it or -1 below."""
    widths = np.array([crown.width for crown in crowns])
    points, tangents = _arch(np.cumsum(widths) - widths / 2, front)
    pieces = [_gum(front, edge, roots, crowns)]
    for point, tangent, crown in zip(points, tangents, crowns, strict=True):
        pieces.append(_tooth(point, tangent, crown, edge, roots))
    return joined("teeth", pieces)


def teeth(face: Face) -> HeadPart:
    """Both rows, with the keys of the jaw."""
    front = front_of_teeth(face)
    upper = _row(front, mouth.HEIGHT - 4.2, 1.0, UPPER)
    lower = _row(front + 2.8, mouth.HEIGHT - 2.0, -1.0, LOWER)
    return joined("teeth", [upper, replace(lower, keys=jaw_moves(lower.vertices))])
