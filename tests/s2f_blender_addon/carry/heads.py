"""The demo head as one mesh without keys, as it is and bent, with what its keys do on it."""

from functools import cache

import numpy as np

from s2f_blender_addon.carry.landmarks import demo_landmarks
from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.demo_head.geometry import character

PARTS = tuple(part for part in character() if part.name in ("face", "eyes", "teeth", "tongue", "lashes"))
STARTS = np.cumsum([0] + [len(part.vertices) for part in PARTS])
POINTS = np.concatenate([part.vertices for part in PARTS])
QUADS = np.concatenate([part.quads + start for part, start in zip(PARTS, STARTS, strict=False)])
KEYS = {
    name: np.concatenate([part.keys.get(name, np.zeros_like(part.vertices)) for part in PARTS]) for name in CHANNELS
}


def of(name: str) -> slice:
    """The vertices of the part ``name``."""
    number = [part.name for part in PARTS].index(name)
    return slice(STARTS[number], STARTS[number + 1])


def bent(points: np.ndarray) -> np.ndarray:
    """Another head: wider, flatter, its jaw narrower, in centimetres, and somewhere else."""
    x, y, z = points.T
    wide = x * 1.08 * (1 + 0.0006 * (z + 40))
    deep = 1.05 * y + 0.05 * z - 0.0004 * x * x
    high = 0.95 * z + 0.0004 * x * x + 3 * np.sin(z / 60)
    return np.stack([wide, deep, high], axis=1) * 0.1 + (3, 2, 1)


@cache
def bent_landmarks() -> dict[str, tuple[float, float, float]]:
    """The demo head's landmarks on the bent one."""
    return {name: tuple(bent(place[None])[0]) for name, place in demo_landmarks().items()}
