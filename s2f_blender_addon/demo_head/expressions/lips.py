"""The lips: displacement fields in millimetres, each named after the key at 1 and the muscle's pull.

A side key is written for the left; both lips share every field that must not part them. ``points`` (N, 3) need not be
vertices of the demo head: every field is a function of where a point lies and how it stands to the lips.
"""

import numpy as np

from ..anatomy import mouth
from ..curves import Floats, blob, bump, field, step
from .lip_space import LipSpace

CORNER = (mouth.HALF_WIDTH, float(mouth.line(np.array([mouth.HALF_WIDTH]))[0]))


def lip_keys(points: Floats, lips: LipSpace) -> dict[str, Floats]:
    return _round(points, lips) | _corner(points, lips) | _rolls(points, lips) | _lifts(lips) | _presses(points, lips)


def _round(points: Floats, lips: LipSpace) -> dict[str, Floats]:
    """Orbicularis oris: funnel, pucker, and the mouth carried to one side."""
    x = points[:, 0]
    ring = lips.near(15)
    parted = 5.0 - 11.5 * lips.lower
    funnel = field(-0.34 * x, -9.5 * np.exp(-0.4 * lips.along**2), parted, ring)
    pucker = field(-0.44 * x, -9.5 * np.exp(-0.45 * lips.along**2), 0.0, ring)
    slide = field(11.0, 0.3 * x, 0.0, lips.near(19)) + field(0, 0, 2.0, lips.near(12) * step(0, 25, x))
    return {"mouthFunnel": funnel, "mouthPucker": pucker, "mouthLeft": slide}


def _corner(points: Floats, lips: LipSpace) -> dict[str, Floats]:
    """Zygomaticus, depressor anguli oris, buccinator and risorius: they pull the corner and its surroundings."""
    p = points
    share = np.clip(lips.along, 0, 1.15)
    around = lips.near(13) * step(62, 30, p[:, 0])
    pulled, drawn = share**1.9 * around, share**1.2 * around
    cheek = blob(p, (44.0, -38.0), (15.0, 13.0)) * step(10, -25, p[:, 1])
    fold = blob(p, (34.0, -49.0), (6.0, 11.0)) * step(10, -25, p[:, 1])
    below = blob(p, (22.0, -74.0), (10.0, 9.0)) * lips.inside
    pit = blob(p, (CORNER[0] + 5, CORNER[1]), (5.0, 6.0)) * lips.inside
    return {
        "mouthSmileLeft": field(7.5, 3.8, 0, drawn) + field(0, 0, 9.0, pulled) + field(2.5, -3.0, 4.0, cheek)
        + field(0, 1.5, 0, fold),
        "mouthFrownLeft": field(1.5, 2.0, -10.5, pulled) + field(0.0, -1.5, -2.5, below),
        "mouthDimpleLeft": field(6.5, 6.0, 1.5, drawn) + field(-1.0, 4.0, 0.0, pit),
        "mouthStretchLeft": field(9.5, 4.5, -2.0, drawn) + field(2.0, 1.0, -2.0, below),
    }


def _rolls(points: Floats, lips: LipSpace) -> dict[str, Floats]:
    """The red turned inwards over the teeth; shrugs turn it outwards and up."""
    upper, lower = 1 - lips.lower, lips.lower
    over = points[:, 2] - mouth.line(points[:, 0])
    width = step(1.25, 0.5, np.abs(lips.along))
    red, around = bump(over, 0, 5.0) * lips.inside * width, lips.near(13) * width
    tucked = -0.8 * np.sign(over) * np.minimum(np.abs(over), 7.0)
    boss = blob(points, (0.0, -88.0), (15.0, 11.0)) * step(10, -25, points[:, 1])
    lift = lips.near(10) * width
    return {
        "mouthRollUpper": field(0, 3.2, -0.8, upper * red) + field(0, 0.6, tucked, upper * around),
        "mouthRollLower": field(0, 3.6, 0.8, lower * red) + field(0, 0.6, tucked, lower * around),
        "mouthShrugUpper": field(0, -3.0, 5.0, upper * lift) + field(0, -1.0, 1.5, lower * lift),
        "mouthShrugLower": field(0, -4.5, 6.0, lower * lift) + field(0, -1.5, 4.5, upper * lift)
        + field(0, -1.5, 5.0, boss),
    }  # fmt: skip


def _lifts(lips: LipSpace) -> dict[str, Floats]:
    """Levator and depressor of each half of a lip: what bares the teeth."""
    upper, lower = 1 - lips.lower, lips.lower
    half = step(-0.35, 0.45, lips.along) * step(1.35, 0.75, lips.along)
    raised, drawn = lips.near(14) * half, lips.near(13) * half
    return {
        "mouthUpperUpLeft": field(0.5, -0.5, 8.0, upper * raised),
        "mouthLowerDownLeft": field(1.0, -1.0, -8.0, lower * drawn),
    }


def _presses(points: Floats, lips: LipSpace) -> dict[str, Floats]:
    """Lips pressed on each other: the red gets thin and the corner firm."""
    over = points[:, 2] - mouth.line(points[:, 0])
    half = step(-0.3, 0.4, lips.along) * step(1.4, 0.9, lips.along)
    thin = -0.42 * np.sign(over) * np.minimum(np.abs(over), 8.0) * lips.near(11) * half
    firm = blob(points, (CORNER[0] + 3, CORNER[1]), (7.0, 6.0)) * lips.inside
    bulge = bump(np.abs(over), 12, 4) * lips.near(14) * half
    press = field(0, 2.2, 0, bump(over, 0, 6) * lips.inside * half) + field(0, 0, thin, np.ones_like(thin))
    return {"mouthPressLeft": press + field(3.0, 2.5, 0.5, firm) + field(0, -1.6, 0, bulge)}
