"""Collar and shoulders: a pullover that ends the neck and gives the head something to stand on."""

from dataclasses import replace

import numpy as np

from ..part import HeadPart, plain
from ..shapes import tube

RINGS = (
    (39.0, 36.0, -122.0), (43.0, 40.0, -127.0), (47.5, 44.5, -123.5), (50.5, 47.5, -125.5), (51.5, 48.5, -131.0),
    (50.5, 48.0, -137.0), (52.0, 49.0, -141.0), (58.0, 51.0, -146.0), (72.0, 55.0, -153.0), (92.0, 60.0, -162.0),
    (110.0, 65.0, -174.0), (121.0, 68.0, -190.0), (126.0, 70.0, -205.0), (127.0, 70.5, -214.0), (124.0, 69.0, -216.5),
)  # fmt: skip
"""Half width, half depth and height in mm, from inside the collar to the edge of the base."""

AXIS = 27.0
DROP = 12.0
SEGMENTS = 32


def bust() -> HeadPart:
    """The pullover; it has no keys."""
    turn = 2 * np.pi * np.arange(SEGMENTS) / SEGMENTS
    loops = []
    for width, depth, height in RINGS:
        tilt = -7.0 * np.cos(turn) * max(0.0, 1 - abs(height + 130) / 40)  # the collar dips in front
        x, y = width * np.sin(turn), AXIS - depth * np.cos(turn)
        loops.append(np.stack([x, y - 0.06 * (height + 130), height + tilt - DROP], 1))
    return replace(plain("bust", *tube(np.array(loops)[::-1]), "cloth"), rides_on="chest")
