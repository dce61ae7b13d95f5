"""Short hair, parted on the character's left: a cap on the scalp and overlapping, tapering locks over it."""

from dataclasses import dataclass

import numpy as np

from ..anatomy import skull
from ..curves import Floats, curve
from ..part import Part, joined, plain
from ..shapes import lattice, tube

HAIRLINE = [(0.0, 15.7), (38.0, 15.3), (54.0, 14.2), (66.0, 12.6), (76.0, 10.9), (84.0, 10.7), (90.0, 12.0), (104.0, 11.6),
            (114.0, 9.2), (132.0, 7.4), (180.0, 6.8)]  # fmt: skip
"""Ring of the skull where the hair begins, by azimuth in degrees (the same on both sides)."""

SECTIONS, SEGMENTS = 9, 7


@dataclass(frozen=True)
class Lock:
    """A lock from one place of the scalp (azimuth °, ring) to another; ``lift`` mm at its highest, ``width`` mm."""

    root: tuple[float, float]
    tip: tuple[float, float]
    lift: float
    width: float
    bend: float = 0.0


def _locks() -> list[Lock]:
    """From the nape up, so that each row covers the roots of the one below, then the sides and the fringe."""
    chance = np.random.default_rng(7)
    rows = []
    for start, reach, lift, width in ((12.0, 0.4, 6.0, 15.0), (15.5, 2.6, 9.0, 17.0), (18.6, 5.2, 12.0, 19.0)):
        for azimuth in np.arange(98, 263, 15.0) + 5 * (start > 14):
            wobble = chance.uniform(-1, 1, 3)
            end = float(curve(HAIRLINE, np.array([180 - abs(azimuth - 180)]))[0]) - 0.35 + reach
            rows.append(Lock((azimuth + 4 * wobble[0], start), (azimuth + 9 * wobble[1], end + 0.3 * wobble[2]), lift, width))
    sides = [Lock((42.0, 17.6), (73.0, 10.8), 8, 15), (Lock((60.0, 17.8), (86.0, 12.0), 9, 16)),
             Lock((36.0, 16.8), (60.0, 13.6), 8, 14), Lock((80.0, 18.0), (100.0, 11.2), 9, 16),
             Lock((-50.0, 17.0), (-75.0, 10.8), 8, 15), Lock((-62.0, 17.5), (-87.0, 12.0), 9, 16),
             Lock((-80.0, 18.0), (-101.0, 11.2), 9, 16)]  # fmt: skip
    fringe = [Lock((30.0, 16.0 + 0.45 * i), (8.0 - 17.0 * i, 15.2 - 0.10 * i), 14 + 1.5 * i, 15 + i, 0.12) for i in range(6)]
    crest = [Lock((36.0 + 12 * i, 17.2 + 0.35 * i), (-72.0 - 14 * i, 14.6 - 0.3 * i), 21, 20, 0.1) for i in range(4)]
    return rows + sides + fringe + crest


def _direction(azimuth: float, ring: float) -> Floats:
    offset = skull.surface(np.array([azimuth]), np.array([ring]))[0] - skull.INSIDE
    return np.asarray(offset / np.linalg.norm(offset))


def _lock(lock: Lock) -> Part:
    at = np.linspace(0, 1, SECTIONS)[:, None]
    start, end = _direction(*lock.root), _direction(*lock.tip)
    over = start + end + lock.bend * np.cross(start, end) + np.array([0, 0, lock.bend])
    over = over / np.linalg.norm(over)
    path = (1 - at) ** 2 * start + 2 * at * (1 - at) * over * 1.15 + at**2 * end
    path /= np.linalg.norm(path, axis=1, keepdims=True)
    lift = lock.lift * np.sin(np.pi * np.clip(0.08 + 0.86 * at, 0, 1)) ** 0.8
    spine = skull.outermost(path) + path * lift
    along = np.gradient(spine, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    across = np.cross(along, path)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    up = np.cross(across, along)
    width = lock.width * curve([(0.0, 0.35), (0.4, 0.62), (0.75, 0.42), (1.0, 0.03)], at[:, 0])[:, None]
    turn = 2 * np.pi * np.arange(SEGMENTS) / SEGMENTS
    loops = (spine[:, None] + (width * np.cos(turn))[..., None] * across[:, None]
             + (0.55 * width * np.sin(turn))[..., None] * up[:, None])  # fmt: skip
    return plain("hair", *tube(loops[:, ::-1]), "hair")


def _cap() -> Part:
    """The layer that hides the scalp between the locks."""
    azimuth = np.arange(0, 360, 7.5)
    edge = curve(HAIRLINE, np.minimum(azimuth, 360 - azimuth))
    rows = []
    for share, height in ((0.0, -1.5), (0.015, 1.5), (0.06, 3.4), (0.2, 5.0), (0.4, 6.0), (0.6, 7.0), (0.8, 7.0), (0.97, 7.0)):
        points = skull.surface(azimuth, edge + share * (skull.TOP - edge))
        outward = points - skull.INSIDE
        rows.append(points + height * outward / np.linalg.norm(outward, axis=1, keepdims=True))
    shell = np.array(rows)
    quads = lattice(len(rows), len(azimuth), True)
    return plain("hair", shell.reshape(-1, 3), quads, "hair")


def hair() -> Part:
    """The hair; it has no keys."""
    return joined("hair", [_cap(), *map(_lock, _locks())])
