"""The tongue: a soft wedge on the floor of the mouth."""

import numpy as np

from ..anatomy import mouth
from ..anatomy.face import Face
from ..curves import Floats, step
from ..expressions.jaw import jaw_moves
from ..part import HeadPart, plain
from ..shapes import tube
from .teeth import front_of_teeth

LENGTH = 46.0
OUT = 36.0
"""Millimetres: from tip to root; how far tongueOut carries the tip."""

BEHIND_TEETH = 9.5
"""Millimetres from the upper front teeth's face back to the tip."""

TIP = 1.8
"""Millimetres over the lip line at rest at which the tip lies: it passes over the lower teeth straight ahead."""


def tongue(face: Face) -> HeadPart:
    """The tongue with the keys of the jaw; tongueOut carries its tip between the teeth and over the lower lip."""
    tip = front_of_teeth(face) + BEHIND_TEETH
    at = np.concatenate([0.35 * np.sin(np.linspace(0.05, 0.5, 10) * np.pi), np.linspace(0.42, 1, 9)])
    turn = 2 * np.pi * np.arange(20) / 20
    width = 15.0 * np.sqrt(1 - (1 - np.minimum(at / 0.5, 1)) ** 2) + 2.0 * at
    height = 1.3 * np.sqrt(np.minimum(at / 0.1, 1)) + 3.6 * step(0, 0.5, at) + 3.6 * at
    x = width[:, None] * np.cos(turn)
    groove = -1.3 * np.exp(-((x / 4.0) ** 2)) * (np.sin(turn) > 0.2) * step(0.05, 0.4, at)[:, None]
    middle = mouth.HEIGHT - TIP - 3.2 * step(0, 0.4, at) + 1.5 * np.sin(np.pi * at)
    z = middle[:, None] + height[:, None] * np.sin(turn) + groove
    y = np.broadcast_to((tip + LENGTH * at)[:, None], x.shape)
    vertices, quads = tube(np.stack([x, y, z], -1)[:, ::-1])

    keys = jaw_moves(vertices)
    keys["tongueOut"] = keys["tongueOut"] + put_out(vertices, tip, LENGTH, OUT)
    return plain("tongue", vertices, quads, "tongue", keys)


def put_out(points: Floats, tip: float, length: float, out: float) -> Floats:
    """(N, 3) mm by which ``points`` (N, 3) of a tongue move whose tip, at the depth y ``tip``, goes ``out`` mm."""
    forward = np.asarray(1 - np.clip((points[:, 1] - tip) / length, 0, 1), np.float64)
    carried = step(0.0, 1.0, forward)
    droop = 3.5 * step(0.2, 0.6, forward) - 9.0 * step(0.72, 1.0, forward)
    return np.stack([-0.1 * points[:, 0] * carried, -out * carried, droop], 1)
