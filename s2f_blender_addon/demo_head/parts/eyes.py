"""The eyeballs: pupil, iris and white are bands of faces, so that the gaze reads in every view."""

import numpy as np

from ..anatomy import eye
from ..curves import Floats, rotation, step
from ..expressions import with_mirror_images
from ..part import HeadPart
from ..shapes import paired, tube

SEGMENTS = 28
BANDS = (
    ("pupil", (1.5, 7.0, 12.5)),
    ("iris inner", (14.0, 17.5, 20.5)),
    ("iris", (23.0, 25.0)),
    ("iris rim", (27.0, 28.0)),
    ("white", (30.0, 36.0, 44.0, 54.0, 67.0, 82.0, 110.0, 145.0, 178.0)),
)
"""Degrees from the line of sight at which each band's loops lie."""

LOOKS = {"eyeLookUpLeft": ("x", -22.0), "eyeLookDownLeft": ("x", 24.0),
         "eyeLookOutLeft": ("z", 29.0), "eyeLookInLeft": ("z", -29.0)}  # fmt: skip


def eyes() -> HeadPart:
    """Both eyeballs with the eight gaze keys."""
    angles = np.radians([angle for _, loops in BANDS for angle in loops])
    turn = -2 * np.pi * np.arange(SEGMENTS) / SEGMENTS
    around, out = np.cos(turn), np.sin(turn)
    loops = np.stack([
        np.outer(np.sin(angles), around), -np.outer(np.cos(angles), np.ones(SEGMENTS)), np.outer(np.sin(angles), out),
    ], -1)  # fmt: skip
    ball, quads = tube(loops * eye.RADIUS)
    names = tuple(name for name, _ in BANDS)
    row_paint = [i for i, (_, rows) in enumerate(BANDS) for _ in rows]
    paint = np.concatenate([np.repeat(row_paint[:-1], SEGMENTS), np.full(SEGMENTS, 0), np.full(SEGMENTS, 4)])
    vertices, quads, twin = paired(ball + eye.CENTRE, quads)
    left = {name: _of_left(look(ball, axis, degrees)) for name, (axis, degrees) in LOOKS.items()}
    keys = with_mirror_images(left, twin)
    return HeadPart("eyes", vertices, quads, names, np.tile(paint, 2), keys)


def look(ball: Floats, axis: str, degrees: float) -> Floats:
    """(N, 3) displacements of ``ball`` (N, 3), mm from its centre, when it turns its sight by ``degrees``.

    The iris turns fully and the back of the ball rests: so two looks at once, which add up, keep the ball round.
    """
    size = np.maximum(np.linalg.norm(ball, axis=1), 1e-9)
    from_sight = np.degrees(np.arccos(np.clip(-ball[:, 1] / size, -1, 1)))
    turns = degrees * step(90, 32, from_sight)
    turned = np.einsum("nij,nj->ni", np.array([rotation(axis, turn) for turn in turns]), ball)
    return np.asarray(turned - ball)


def _of_left(delta: Floats) -> Floats:
    """Displacements of both balls, the left one turned."""
    return np.concatenate([delta, np.zeros_like(delta)])
