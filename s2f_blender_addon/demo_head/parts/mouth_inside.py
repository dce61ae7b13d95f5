"""Teeth on two arches and the tongue between them."""

import numpy as np

from ..anatomy import mouth
from ..anatomy.face import Face
from ..curves import Floats, step
from ..expressions import with_mirror_images
from ..expressions.jaw import SLIDES, jaw_turn
from ..part import Part, joined, plain
from ..shapes import paired, tube

WIDTHS = (8.2, 6.8, 7.2, 6.8, 7.4)
"""Upper teeth from the middle outwards, in mm; the lower ones are narrower in front."""

TONGUE_GAP = 0.28
"""Share of a full jawOpen that tongueOut takes along to let the tongue pass."""


def front_of_teeth(face: Face) -> float:
    """y of the upper front teeth's face, just behind the lips."""
    middle = face.vertices[face.mouth[mouth.RIM, 0]]
    return float(middle[1]) + 5.2


def _jaw_moves(points: Floats) -> dict[str, Floats]:
    moves = {"jawOpen": jaw_turn(points)} | {name: np.tile(move, (len(points), 1)) for name, move in SLIDES.items()}
    moves["tongueOut"] = TONGUE_GAP * moves["jawOpen"]
    return moves


def _arch(along: Floats, front: float) -> tuple[Floats, Floats]:
    """Points (N, 3) on the arch ``along`` mm from the middle, and the arch's direction there."""
    fine = np.linspace(0, 1.25, 400)
    path = np.stack([23.5 * np.sin(fine), front + 30 * (1 - np.cos(fine)), np.full_like(fine, mouth.HEIGHT)], 1)
    run = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    at = np.interp(along, run, fine)
    points = np.stack([np.interp(along, run, path[:, i]) for i in range(3)], 1)
    tangent = np.stack([23.5 * np.cos(at), 30 * np.sin(at), np.zeros_like(at)], 1)
    return points, tangent / np.linalg.norm(tangent, axis=1, keepdims=True)


def _tooth(centre: Floats, tangent: Floats, size: tuple[float, float, float]) -> tuple[Floats, np.ndarray]:  # type: ignore[type-arg]
    """A rounded block (width along the arch, height, depth)."""
    rise = np.radians([-84, -52, 0, 52, 84])
    turn = 2 * np.pi * (np.arange(10) + 0.5) / 10
    soft = lambda v: np.sign(v) * np.abs(v) ** 0.5  # noqa: E731
    across = np.array([tangent[1], -tangent[0], 0])
    ring = np.outer(soft(np.cos(turn)), tangent) * size[0] / 2 + np.outer(soft(np.sin(turn)), across) * size[2] / 2
    loops = soft(np.cos(rise))[:, None, None] * ring + soft(np.sin(rise))[:, None, None] * (0, 0, size[1] / 2)
    return tube(loops[:, ::-1] + centre)


def _row(name: str, front: float, edge: float, direction: float, scale: float) -> Part:
    """The teeth of one jaw; ``edge`` is the height of their biting edge, ``direction`` 1 for roots above."""
    widths = np.array(WIDTHS) * scale
    middles = np.cumsum(widths) - widths / 2
    points, tangents = _arch(middles, front)
    pieces = []
    for i, (point, tangent, width) in enumerate(zip(points, tangents, widths, strict=True)):
        height = (11.0, 10.2, 11.0, 9.8, 9.4, 9.0)[i]
        middle = point * (1, 1, 0) + (0, 3.0, edge + direction * (height / 2 + (0.0, 0.7, 0.1, 0.5, 0.7, 0.8)[i]))
        vertices, quads, _ = paired(*_tooth(middle, tangent, (width * 1.02, height, 6.0)))
        pieces.append(plain(name, vertices, quads, "tooth"))
    at = np.linspace(0.01, 42, 9)
    spine, tangent = _arch(at, front)
    spine = spine * (1, 1, 0) + (0, 4.0, edge + direction * 12.5)
    turn = 2 * np.pi * np.arange(8) / 8
    across = np.stack([tangent[:, 1], -tangent[:, 0], np.zeros(len(at))], 1)
    loops = spine[:, None] + 4.6 * np.cos(turn)[:, None] * across[:, None] + 5.2 * np.sin(turn)[:, None] * (0, 0, 1)
    vertices, quads, _ = paired(*tube(loops))
    pieces.append(plain(name, vertices, quads, "gum"))
    return joined(name, pieces)


def teeth(face: Face) -> Part:
    """Both rows; the lower one follows the jaw."""
    front = front_of_teeth(face)
    upper = _row("teeth", front, mouth.HEIGHT - 3.0, 1.0, 1.0)
    lower = _row("teeth", front + 2.8, mouth.HEIGHT - 2.0, -1.0, 0.86)
    both = joined("teeth", [upper, Part(**{**vars(lower), "keys": _jaw_moves(lower.vertices)})])
    mirrored_right = both.keys["jawLeft"] * (-1, 1, 1)
    return Part(**{**vars(both), "keys": both.keys | {"jawRight": mirrored_right}})


def tongue(face: Face) -> Part:
    """A soft wedge on the floor of the mouth; tongueOut carries its tip over the lower lip."""
    front = front_of_teeth(face) + 8.0
    at = np.concatenate([np.sin(np.linspace(0.06, 0.5, 9) * np.pi) ** 1.0 * 0.35, np.linspace(0.42, 1, 9)])
    turn = 2 * np.pi * np.arange(20) / 20
    width = 15.5 * np.sqrt(np.clip(1 - (1 - np.clip(at / 0.42, 0, 1)) ** 2, 0, 1)) + 2.0 * at
    height = 4.4 * np.sqrt(np.clip(1 - (1 - np.clip(at / 0.3, 0, 1)) ** 2, 0, 1)) + 4.0 * at
    x = width[:, None] * np.cos(turn)
    groove = -1.3 * np.exp(-((x / 4.0) ** 2)) * (np.sin(turn) > 0.2)
    z = mouth.HEIGHT - 6.5 + 2.5 * np.sin(np.pi * at)[:, None] + height[:, None] * np.sin(turn) + groove
    y = np.broadcast_to((front + 48 * at)[:, None], x.shape)
    vertices, quads = tube(np.stack([x, y, z], -1)[:, ::-1])
    share = 1 - np.clip((vertices[:, 1] - front) / 48, 0, 1)
    out = step(0.0, 1.0, share)
    keys = _jaw_moves(vertices)
    keys["tongueOut"] = keys["tongueOut"] + np.stack(
        [-0.12 * vertices[:, 0] * out, -44.0 * out, 2.5 * np.sin(np.pi * share) - 9.0 * step(0.72, 1.0, share)], 1
    )
    keys["jawRight"] = keys["jawLeft"] * (-1, 1, 1)
    return plain("tongue", vertices, quads, "tongue", keys)


__all__ = ["front_of_teeth", "teeth", "tongue", "with_mirror_images"]
