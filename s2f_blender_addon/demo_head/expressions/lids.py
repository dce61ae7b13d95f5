"""The lids: they turn about the centre of the eyeball, so they never leave it and never cut it."""

import numpy as np

from ..anatomy import eye
from ..anatomy.face import Face
from ..curves import Floats

MEETING = 0.2
"""Where the lids meet, as a share of the opening above the lower lid."""

CARRIED = [0.0, 0.02, 0.05, 0.08, 0.13, 0.2, 0.42, 0.68, 0.9, 1.0, 1.0, 1.0, 1.0]
"""How far each loop of the patch, from its frame inwards, goes along with the free edge."""


def turned(points: Floats, up: Floats | float, out: Floats | float) -> Floats:
    """(…, 3) displacement of points that turn about the left ball by degrees ``up`` and ``out`` (to its own left)."""
    azimuth, elevation, distance = eye.seen_from_ball(points)
    return np.asarray(eye.on_ball(azimuth + out, elevation + up, distance) - points)


def blink_angles(spokes: int) -> Floats:
    """(S,) degrees by which the free edge turns at each spoke until the lids meet."""
    _, elevation = eye.almond(spokes)
    other = elevation[-np.arange(spokes)]
    upper = np.arange(spokes) <= spokes // 2
    top, bottom = np.where(upper, elevation, other), np.where(upper, other, elevation)
    return np.asarray(bottom + MEETING * (top - bottom) - elevation)


def lid_motions(spokes: int) -> dict[str, tuple[Floats, Floats]]:
    """Degrees up and out (S,) of the left eye's free edge for each key at 1."""
    turn = 2 * np.pi * np.arange(spokes) / spokes
    upper, lower = np.maximum(np.sin(turn), 0) ** 0.8, np.maximum(-np.sin(turn), 0) ** 0.8
    still = np.zeros(spokes)
    sideways = 3.5 * (0.4 + 0.6 * np.abs(np.sin(turn)))
    return {
        "eyeBlinkLeft": (blink_angles(spokes), still),
        "eyeLookUpLeft": (10 * upper + 3 * lower, still),
        "eyeLookDownLeft": (-19 * upper - 5 * lower, still),
        "eyeLookOutLeft": (still, sideways),
        "eyeLookInLeft": (still, -sideways),
        "eyeSquintLeft": (14 * lower - 8 * upper, still),
        "eyeWideLeft": (14 * upper - 5 * lower, still),
    }


def lid_keys(face: Face) -> dict[str, Floats]:
    rest = face.vertices[face.eye]
    carried = np.array(CARRIED)[:, None]
    keys = {}
    for name, (up, out) in lid_motions(face.eye.shape[1]).items():
        keys[name] = np.zeros_like(face.vertices)
        keys[name][face.eye] = turned(rest, carried * up, carried * out)
    return keys

