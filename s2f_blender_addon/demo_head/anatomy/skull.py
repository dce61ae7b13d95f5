"""The bare head: a loft of twenty-one rings from the base of the neck to the crown.

Millimetres; x to the character's left, y to its back, z up; the origin lies between the eyes, on the skull's axis.
"""

import numpy as np

from ..curves import Floats, bspline

# front y,  front z, side x, side z, back y, back z, axis y, squareness
RINGS = np.array([
    (-18.0, -172.0,  50.0, -164.0,  70.0, -150.0,  25.0, 2.0),  # base of the neck, inside the collar
    (-18.0, -152.0,  44.0, -144.0,  66.0, -132.0,  24.0, 2.0),
    (-18.0, -132.0,  41.0, -123.0,  64.0, -112.0,  23.0, 2.0),
    (-24.0, -114.0,  42.0, -102.0,  66.0,  -92.0,  21.0, 2.0),
    (-50.0, -106.0,  48.0,  -84.0,  72.0,  -73.0,  18.0, 2.0),  # floor of the mouth
    (-78.0, -103.0,  57.5,  -71.0,  79.0,  -56.0,  14.0, 2.05),  # edge of the jaw
    (-89.0,  -92.0,  63.5,  -58.0,  86.0,  -40.0,  12.0, 2.05),
    (-89.5,  -76.0,  68.5,  -44.0,  93.0,  -24.0,  11.0, 2.1),
    (-90.0,  -60.0,  73.5,  -30.0,  98.0,   -8.0,  10.0, 2.15),  # mouth
    (-90.5,  -45.0,  75.5,  -15.0, 102.0,    8.0,  10.0, 2.2),
    (-90.0,  -29.0,  79.0,    1.0, 104.5,   24.0,  10.0, 2.25),  # cheeks
    (-88.0,  -12.0,  82.0,   17.0, 106.0,   40.0,  10.0, 2.3),
    (-87.5,    5.0,  84.5,   33.0, 106.0,   56.0,  10.0, 2.3),  # eyes
    (-88.5,   25.0,  86.5,   49.0, 104.0,   71.0,  10.0, 2.3),
    (-89.0,   46.0,  87.0,   64.0, 100.0,   85.0,  10.0, 2.25),
    (-86.0,   68.0,  85.0,   79.0,  93.0,   98.0,  10.0, 2.2),
    (-77.0,   89.0,  79.5,   94.0,  82.0,  110.0,  10.0, 2.1),
    (-61.0,  107.0,  68.0,  108.0,  66.0,  120.0,  10.0, 2.0),
    (-40.0,  121.0,  50.0,  119.0,  47.0,  127.0,   9.0, 2.0),
    (-16.0,  129.0,  27.0,  127.0,  26.0,  130.0,   8.0, 2.0),
    (  7.0,  131.0,   0.0,  130.5,   7.0,  131.0,   7.0, 2.0),  # crown
])  # fmt: skip

TOP = float(len(RINGS) - 1)


def surface(azimuth: Floats, ring: Floats) -> Floats:
    """(N, 3) points at ``azimuth`` (degrees; 0 front, 90 the character's left, 180 back) on ``ring`` 0 … 20."""
    front_y, front_z, side_x, side_z, back_y, back_z, axis, squareness = bspline(RINGS, ring).T
    sine, cosine = np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))
    ahead = cosine >= 0
    depth = np.maximum(np.where(ahead, axis - front_y, back_y - axis), 1e-9)
    width = np.maximum(side_x, 1e-9)
    radius = (np.abs(sine / width) ** squareness + np.abs(cosine / depth) ** squareness) ** (-1 / squareness)
    far_z = np.where(ahead, front_z, back_z)
    return np.stack([radius * sine, axis - radius * cosine, side_z + (far_z - side_z) * cosine**2], 1)


def locate(x: Floats, z: Floats) -> tuple[Floats, Floats]:
    """Azimuth and ring of the points of the face that a viewer in front sees at ``x``, ``z`` (Newton's method)."""
    azimuth, ring = np.degrees(np.arctan2(x, 85.0)), np.interp(z, RINGS[4:, 1], np.arange(4, len(RINGS)))
    for _ in range(12):
        here = surface(azimuth, ring)
        da = (surface(azimuth + 0.01, ring) - here) / 0.01
        dr = (surface(azimuth, ring + 0.001) - here) / 0.001
        off_x, off_z = x - here[:, 0], z - here[:, 2]
        det = da[:, 0] * dr[:, 2] - dr[:, 0] * da[:, 2]
        azimuth = azimuth + np.clip((off_x * dr[:, 2] - dr[:, 0] * off_z) / det, -10, 10)
        ring = ring + np.clip((da[:, 0] * off_z - off_x * da[:, 2]) / det, -1, 1)
    return azimuth, ring


INSIDE = np.array([0.0, 10.0, 40.0])
"""A point on the axis within the braincase, from where every direction meets the skull once."""


def outermost(direction: Floats) -> Floats:
    """(N, 3) points of the skull in each ``direction`` (N, 3) from INSIDE (bisection over the rings)."""
    azimuth = np.degrees(np.arctan2(direction[:, 0], -direction[:, 1]))
    rise = np.arctan2(direction[:, 2], np.hypot(direction[:, 0], direction[:, 1]))
    low, high = np.full(len(direction), 3.0), np.full(len(direction), TOP)
    for _ in range(18):
        middle = (low + high) / 2
        offset = surface(azimuth, middle) - INSIDE
        below = np.arctan2(offset[:, 2], np.hypot(offset[:, 0], offset[:, 1])) < rise
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return surface(azimuth, (low + high) / 2)
