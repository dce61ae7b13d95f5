"""The ears: a shell of loops from the bowl over the helix to the back, set into the side of the head."""

from dataclasses import replace

import numpy as np

from ..curves import bump, curve, rotation
from ..part import HeadPart, plain
from ..shapes import paired, tube

PLACE = np.array([77.5, 15.0, 0.0])
BACK, HEIGHT = 15.0, 28.0
"""Half sizes in mm."""

STANDS_OUT, LEANS_BACK = 24.0, 9.0
"""Degrees."""

PROFILE = ((0.12, -2.0), (0.3, -1.8), (0.42, 0.4), (0.52, 3.6), (0.62, 5.0), (0.72, 3.6), (0.8, 3.4), (0.88, 6.4),
           (0.95, 7.6), (1.0, 6.6), (1.01, 4.4), (0.95, 1.0), (0.8, -4.0), (0.62, -12.0))  # fmt: skip
"""Loops by share of the outline and height in mm over the ear's plane: bowl, antihelix, hollow, helix, back."""

SEGMENTS = 26


def ears() -> HeadPart:
    """Both ears; they have no keys."""
    turn = 2 * np.pi * np.arange(SEGMENTS) / SEGMENTS  # 0 back, a quarter up
    back, up = np.cos(turn), np.sin(turn)
    outline = np.stack([BACK * back * (1.05 + 0.30 * up), HEIGHT * up + 2.0 * back], 1)
    lobe, face_side = bump(up, -1.0, 0.28), curve([(-1.0, 1.0), (-0.55, 0.55), (0.1, 0.0)], back)
    loops = []
    for share, height in PROFILE:
        soft = height * (1 - 0.35 * lobe) if share < 0.95 else height
        soft = soft + 2.2 * lobe * (0.4 < share < 0.9)
        flat = soft - face_side * (3.5 if share > 0.5 else 0.0) - 2.5 * face_side * max(share - 0.8, 0) * 5
        centre = np.array([-1.5, -3.0]) * (1 - share)
        loops.append(np.column_stack([outline * share + centre, np.broadcast_to(flat, SEGMENTS)]))
    shell = np.array(loops)
    placed = np.stack([shell[..., 2], shell[..., 0], shell[..., 1]], -1)
    placed = placed @ rotation("z", -STANDS_OUT).T @ rotation("x", -LEANS_BACK).T + PLACE
    vertices, quads, _ = paired(*tube(placed[:, ::-1]))
    rosy = np.tile(np.array([1.0, 0.80, 0.76]), (len(vertices), 1))
    return replace(plain("ears", vertices, quads, "skin"), tint=rosy)
