"""The lids: they turn about the centre of the eyeball, so they never leave it and never cut it."""

from typing import NamedTuple

import numpy as np

from ..anatomy import eye
from ..anatomy.face import Face
from ..curves import Floats

MEETING = 0.2
"""Where the lids meet, as a share of the opening above the lower lid."""

CARRIED = [0.0, 0.02, 0.05, 0.08, 0.13, 0.2, 0.42, 0.68, 0.9, 1.0, 1.0, 1.0, 1.0]
"""How far each loop of the patch, from its frame inwards, goes along with the free edge."""


class LidTurn(NamedTuple):
    """How the free edge of the left lids goes: degrees ``up`` and ``out`` (to the left), mm ``off`` the ball; (S,)."""

    up: Floats
    out: Floats
    off: Floats


def turned(points: Floats, turn: LidTurn, carried: Floats | float = 1.0) -> Floats:
    """(…, S, 3) displacement of points, one spoke after the other, that go along with the edge by ``carried`` 0-1."""
    azimuth, elevation, distance = eye.seen_from_ball(points)
    up, out, off = (carried * part for part in turn)
    return np.asarray(eye.on_ball(azimuth + out, elevation + up, distance + off) - points)


def spoke_turns(spokes: int) -> Floats:
    """(S,) radians of each spoke round the eye, from the outer corner over the top."""
    turns: Floats = 2 * np.pi * np.arange(spokes) / spokes
    return turns


def blink_angles(spokes: int) -> Floats:
    """(S,) degrees by which the free edge turns at each spoke until the lids meet."""
    _, elevation = eye.almond(spokes)
    other = elevation[-np.arange(spokes)]
    upper = np.arange(spokes) <= spokes // 2
    top, bottom = np.where(upper, elevation, other), np.where(upper, other, elevation)
    return np.asarray(bottom + MEETING * (top - bottom) - elevation)


def lid_motions(turn: Floats, blink: Floats) -> dict[str, LidTurn]:
    """The left eye's free edge for each key at 1, at ``turn`` (S,) radians round the eye.

    blink: (S,) degrees by which it turns there until the lids meet.
    """
    upper, lower = np.maximum(np.sin(turn), 0) ** 0.8, np.maximum(-np.sin(turn), 0) ** 0.8
    still = np.zeros(len(turn))
    # A key goes straight where a lid goes round: standing off when closed, lids clear the ball when half closed.
    off = 0.9 * (upper + lower)
    sideways = 3.5 * (0.4 + 0.6 * np.abs(np.sin(turn)))
    return {
        "eyeBlinkLeft": LidTurn(blink, still, off),
        "eyeLookUpLeft": LidTurn(10 * upper + 3 * lower, still, still),
        "eyeLookDownLeft": LidTurn(-19 * upper - 5 * lower, still, still),
        "eyeLookOutLeft": LidTurn(still, sideways, still),
        "eyeLookInLeft": LidTurn(still, -sideways, still),
        "eyeSquintLeft": LidTurn(14 * lower - 4 * upper, still, still),
        "eyeWideLeft": LidTurn(14 * upper - 5 * lower, still, 0.3 * off),
    }


def lid_keys(face: Face) -> dict[str, Floats]:
    rest = face.vertices[face.eye]
    carried = np.array(CARRIED)[:, None]
    keys = {}
    spokes = face.eye.shape[1]
    for name, turn in lid_motions(spoke_turns(spokes), blink_angles(spokes)).items():
        keys[name] = np.zeros_like(face.vertices)
        keys[name][face.eye] = turned(rest, turn, carried)
    return keys

