"""A part of the character before it becomes a Blender object: arrays only."""

from dataclasses import dataclass, field

import numpy as np

from .anatomy.sheet import Ints
from .curves import Floats


@dataclass(frozen=True)
class HeadPart:
    """vertices (N, 3) mm; quads (F, 4), a triangle repeats a vertex; materials: palette names; paint (F,) index of
    each face's material; keys: displacement (N, 3) mm at 1 by channel;
    tint: (N, 3) factors 0-1 on the colour, none for a part of plain colour; rides_on: the bone that carries it whole,
    empty for skin, which bends.
    """

    name: str
    vertices: Floats
    quads: Ints
    materials: tuple[str, ...]
    paint: Ints
    keys: dict[str, Floats] = field(default_factory=dict)
    tint: Floats | None = None
    rides_on: str = "head"


def plain(name: str, vertices: Floats, quads: Ints, material: str, keys: dict[str, Floats] | None = None) -> HeadPart:
    """A part of one material."""
    return HeadPart(name, vertices, quads, (material,), np.zeros(len(quads), np.intp), keys or {})


def joined(name: str, parts: list[HeadPart]) -> HeadPart:
    """One part of several; where one lacks a key of the others it stays still."""
    materials = tuple(dict.fromkeys(m for part in parts for m in part.materials))
    starts = np.cumsum([0] + [len(part.vertices) for part in parts])
    names = dict.fromkeys(key for part in parts for key in part.keys)
    keys = {
        key: np.concatenate([part.keys.get(key, np.zeros_like(part.vertices)) for part in parts]) for key in names
    }
    return HeadPart(
        name,
        np.concatenate([part.vertices for part in parts]),
        np.concatenate([part.quads + start for part, start in zip(parts, starts, strict=False)]),
        materials,
        np.concatenate([np.array([materials.index(m) for m in part.materials])[part.paint] for part in parts]),
        keys,
        _joined_tint(parts),
    )


def _joined_tint(parts: list[HeadPart]) -> Floats | None:
    if all(part.tint is None for part in parts):
        return None
    return np.concatenate([np.ones_like(part.vertices) if part.tint is None else part.tint for part in parts])
