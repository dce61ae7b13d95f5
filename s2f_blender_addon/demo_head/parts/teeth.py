"""Teeth and gums on two arches; the lower ones follow the jaw."""

from dataclasses import replace

import numpy as np

from ..anatomy import mouth
from ..anatomy.face import Face
from ..curves import Floats
from ..expressions.jaw import jaw_moves
from ..part import HeadPart, joined, plain
from ..shapes import paired, tube

WIDTHS = (8.2, 6.8, 7.4, 7.0, 7.2, 9.0, 9.0)
HEIGHTS = (11.0, 10.2, 11.0, 9.8, 9.4, 9.0, 9.0)
SHORTER = (0.0, 0.6, 0.1, 0.4, 0.5, 0.4, 0.4)
"""Upper teeth from the middle outwards, in mm; how far each one's edge stays behind the first one's."""

ARCH_WIDTH, ARCH_DEPTH = 28.0, 28.0
"""Half an ellipse in mm, which keeps as far behind the arc of the lips as in the middle, out to the corners."""

GUM_LENGTH = 56.0


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


def _tooth(centre: Floats, tangent: Floats, size: tuple[float, float, float]) -> HeadPart:
    """A rounded block (width along the arch, height, depth) and its mirror image."""
    rise, turn = np.radians([-84, -52, 0, 52, 84]), 2 * np.pi * (np.arange(8) + 0.5) / 8
    across = np.array([tangent[1], -tangent[0], 0.0])
    ring = np.outer(_squared(np.cos(turn)), tangent) * size[0] + np.outer(_squared(np.sin(turn)), across) * size[2]
    up = _squared(np.sin(rise))[:, None, None] * (0, 0, size[1])
    loops = (_squared(np.cos(rise))[:, None, None] * ring + up) / 2
    vertices, quads, _ = paired(*tube(loops[:, ::-1] + centre))
    return plain("teeth", vertices, quads, "tooth")


def _gum(front: float, height: float) -> HeadPart:
    spine, tangent = _arch(np.linspace(0.01, GUM_LENGTH, 12), front)
    across = np.stack([tangent[:, 1], -tangent[:, 0], np.zeros(len(tangent))], 1)
    turn = 2 * np.pi * np.arange(8) / 8
    loops = (spine + np.array([0, 4.0, height]))[:, None] + 5.2 * np.sin(turn)[:, None] * (0, 0, 1)
    vertices, quads, _ = paired(*tube((loops + 4.6 * np.cos(turn)[:, None] * across[:, None])[:, ::-1]))
    return plain("teeth", vertices, quads, "gum")


def _row(front: float, edge: float, roots: float, scale: float) -> HeadPart:
    """The teeth of one jaw: ``edge`` the height of the foremost's biting edge, ``roots`` 1 above it or -1 below."""
    widths = np.array(WIDTHS) * scale
    points, tangents = _arch(np.cumsum(widths) - widths / 2, front)
    pieces = [_gum(front, edge + roots * 12.5)]
    for point, tangent, width, height, shorter in zip(points, tangents, widths, HEIGHTS, SHORTER, strict=True):
        centre = point + np.array([0, 3.0, edge + roots * (height / 2 + shorter)])
        pieces.append(_tooth(centre, tangent, (width * 1.02, height, 6.0)))
    return joined("teeth", pieces)


def teeth(face: Face) -> HeadPart:
    """Both rows, with the keys of the jaw."""
    front = front_of_teeth(face)
    upper = _row(front, mouth.HEIGHT - 4.2, 1.0, 1.0)
    lower = _row(front + 2.8, mouth.HEIGHT - 2.0, -1.0, 0.86)
    return joined("teeth", [upper, replace(lower, keys=jaw_moves(lower.vertices))])
