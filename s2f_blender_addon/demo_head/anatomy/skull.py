"""The bare head: a loft of twenty-one rings from the base of the neck to the crown.

Millimetres; x to the character's left, y to its back, z up; the origin lies between the eyes, on the skull's axis.
"""

import numpy as np

from ..curves import Floats, bspline

# front y,  front z, side x, side z, back y, back z, axis y, squareness
RINGS = np.array([
    (-26.0, -178.0,  54.0, -172.0,  74.0, -160.0,  24.0, 2.0),  # base of the neck, inside the collar
    (-24.0, -158.0,  48.0, -152.0,  68.0, -142.0,  23.0, 2.0),
    (-22.0, -140.0,  46.0, -133.0,  66.0, -122.0,  22.0, 2.0),
    (-27.0, -124.0,  47.0, -112.0,  68.0, -100.0,  21.0, 2.0),
    (-54.0, -117.0,  55.0,  -93.0,  74.0,  -80.0,  18.0, 2.0),  # floor of the mouth
    (-80.0, -115.0,  63.0,  -80.0,  81.0,  -62.0,  14.0, 2.1),  # edge of the jaw
    (-90.0, -103.0,  68.0,  -66.0,  88.0,  -45.0,  12.0, 2.15),
    (-90.0,  -85.0,  72.5,  -50.0,  94.0,  -28.0,  11.0, 2.2),
    (-91.0,  -67.0,  76.0,  -34.0,  99.0,  -11.0,  10.0, 2.3),  # mouth
    (-91.0,  -49.0,  79.0,  -18.0, 103.0,    6.0,  10.0, 2.3),
    (-90.0,  -31.0,  81.5,   -1.0, 105.0,   23.0,  10.0, 2.3),  # cheeks
    (-88.0,  -13.0,  83.5,   16.0, 106.0,   40.0,  10.0, 2.3),
    (-87.5,    5.0,  85.5,   32.0, 106.0,   56.0,  10.0, 2.3),  # eyes
    (-88.5,   25.0,  87.0,   48.0, 104.0,   71.0,  10.0, 2.3),
    (-89.0,   46.0,  87.0,   63.0, 100.0,   85.0,  10.0, 2.25),
    (-85.0,   67.0,  83.5,   78.0,  92.0,   98.0,  10.0, 2.2),
    (-75.0,   87.0,  75.0,   94.0,  79.0,  110.0,  10.0, 2.1),
    (-58.0,  106.0,  60.0,  109.0,  61.0,  120.0,  10.0, 2.0),
    (-35.0,  121.0,  39.0,  121.0,  42.0,  127.0,   9.0, 2.0),
    (-11.0,  129.0,  17.0,  128.0,  22.0,  130.0,   8.0, 2.0),
    (  7.0,  131.0,   0.0,  131.0,   7.0,  131.0,   7.0, 2.0),  # crown
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
