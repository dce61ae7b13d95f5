"""Short hair, parted on the character's left: a cap on the scalp and overlapping, tapering locks over it."""

from dataclasses import dataclass

import numpy as np

from ..anatomy import skull
from ..curves import Floats, curve
from ..part import HeadPart, joined, plain
from ..shapes import lattice, tube

HAIRLINE = [(0.0, 15.7), (38.0, 15.3), (54.0, 14.2), (66.0, 12.6), (76.0, 10.9), (84.0, 10.7), (90.0, 12.0),
            (104.0, 11.6), (114.0, 9.2), (132.0, 7.4), (180.0, 6.8)]  # fmt: skip
"""Ring of the skull where the hair begins, by azimuth in degrees (the same on both sides)."""

BACK = ((13.0, 114, 0.0, 6.0, 17.0), (16.4, 94, 2.4, 9.0, 18.0), (19.2, 90, 5.0, 12.0, 19.0))
"""From the nape up: ring of the roots, first azimuth, rings from hairline to tips, lift, width."""

SIDES = ((48, 74, 16.0), (62, 83, 16.5), (80, 98, 16.8), (50, 64, 17.6), (66, 77, 18.2), (84, 90, 18.6))
"""Locks before and over each ear: azimuth of root and tip, ring of the root."""

CAP = ((0.0, -1.5), (0.015, 1.5), (0.06, 3.4), (0.2, 5.0), (0.4, 6.0), (0.6, 7.0), (0.8, 7.0), (0.97, 7.0))
"""The cap's rows: share of the way from the hairline to the crown, mm over the scalp."""

SECTIONS, SEGMENTS = 8, 6


@dataclass(frozen=True)
class HairLock:
    """A lock from one place of the scalp (azimuth °, ring) to another; ``lift`` mm at its highest, ``width`` mm."""

    root: tuple[float, float]
    tip: tuple[float, float]
    lift: float
    width: float
    bend: float = 0.0


def _hairline(azimuth: float) -> float:
    return float(curve(HAIRLINE, np.array([abs((azimuth + 180) % 360 - 180)]))[0])


def _locks() -> list[HairLock]:
    """From the nape up, so that each row covers the roots of the one below, then the sides and the fringe."""
    chance = np.random.default_rng(7)
    locks = []
    for ring, first, reach, lift, width in BACK:
        for azimuth in np.arange(first, 361 - first, 17.5):
            wobble = chance.uniform(-1, 1, 3)
            tip = (azimuth + 7 * wobble[1], _hairline(azimuth) - 0.3 + reach + 0.3 * wobble[2])
            locks.append(HairLock((azimuth + 3 * wobble[0], ring), tip, lift, width))
    for side in (1, -1):
        for root, end, ring in SIDES:
            below = _hairline(end) - 0.2 + (1.5 if ring > 17 else 0.0)
            locks.append(HairLock((side * root, ring), (side * end, below), 8 + ring / 6, 16))
    for i in range(6):  # down from the parting on the left
        ear = 60.0 + 9 * i
        locks.append(HairLock((31.0 - 2 * i, 16.4 + 0.5 * i), (ear, _hairline(ear) + 1.6 + 0.25 * i), 11 + 0.8 * i, 17))
    for i in range(6):  # the fringe, from the parting across the forehead
        locks.append(HairLock((39.0, 16.2 + 0.42 * i), (9.0 - 17.0 * i, 15.25 - 0.1 * i), 14 + 1.5 * i, 16 + i, 0.12))
    for i in range(4):  # and the crest behind it
        locks.append(HairLock((44.0 + 12 * i, 17.4 + 0.35 * i), (-72.0 - 14 * i, 14.6 - 0.3 * i), 21, 20, 0.1))
    return locks


def _direction(places: list[tuple[float, float]]) -> Floats:
    azimuth, ring = np.array(places, float).T
    return _unit(skull.surface(azimuth, ring) - skull.INSIDE)


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


def _strands(locks: list[HairLock]) -> list[HeadPart]:
    """Every lock as a flat tube that rises from the cap, arches over the scalp and ends in a point."""
    at = np.linspace(0, 1, SECTIONS)[:, None]
    start, end = _direction([lock.root for lock in locks]), _direction([lock.tip for lock in locks])
    bend = np.array([lock.bend for lock in locks])[:, None]
    over = _unit(start + end + bend * np.cross(start, end) + bend * (0, 0, 1))
    path = _unit((1 - at) ** 2 * start[:, None] + 2.3 * at * (1 - at) * over[:, None] + at**2 * end[:, None])
    lift = curve([(0.0, -0.1), (0.25, 0.75), (0.5, 1.0), (0.8, 0.7), (1.0, 0.2)], at[:, 0])
    lift = np.outer([lock.lift for lock in locks], lift)[..., None]
    spine = skull.outermost(path.reshape(-1, 3)).reshape(path.shape) + path * lift
    along = _unit(np.gradient(spine, axis=1))
    across = _unit(np.cross(along, path))
    width = curve([(0.0, 0.28), (0.2, 0.54), (0.45, 0.62), (0.75, 0.44), (1.0, 0.03)], at[:, 0])
    width = np.outer([lock.width for lock in locks], width)[..., None, None]
    turn = 2 * np.pi * np.arange(SEGMENTS) / SEGMENTS
    sideways = np.cos(turn)[:, None] * across[:, :, None]
    upwards = 0.55 * np.sin(turn)[:, None] * np.cross(across, along)[:, :, None]
    loops = spine[:, :, None] + width * (sideways + upwards)
    return [plain("hair", *tube(lock[:, ::-1]), "hair") for lock in loops]


def _cap() -> HeadPart:
    """The layer that hides the scalp between the locks."""
    azimuth = np.arange(0, 360, 7.5)
    edge = curve(HAIRLINE, np.minimum(azimuth, 360 - azimuth))
    rows = []
    for share, height in CAP:
        points = skull.surface(azimuth, edge + share * (skull.TOP - edge))
        outward = points - skull.INSIDE
        rows.append(points + height * outward / np.linalg.norm(outward, axis=1, keepdims=True))
    shell = np.array(rows)
    quads = lattice(len(rows), len(azimuth), True)
    return plain("hair", shell.reshape(-1, 3), quads, "hair")


def hair() -> HeadPart:
    """The hair; it has no keys."""
    return joined("hair", [_cap(), *_strands(_locks())])
