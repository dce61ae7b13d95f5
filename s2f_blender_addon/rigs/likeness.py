"""How alike the movements of shape keys are: cosines between their displacements, all vertices taken together."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from bpy.types import Object

from ..core.channels import CHANNELS

Matrix = npt.NDArray[np.float64]

REFERENCE = Path(__file__).with_suffix(".json")
"""Cosines of the 52 channels and their sizes, measured on our demo head."""


def displacements(candidate: Object, keys: tuple[str, ...]) -> npt.NDArray[np.float32]:
    """(len(keys), 3 V): how each key moves the vertices of a mesh object, in its own units."""
    blocks = candidate.data.shape_keys.key_blocks
    rows = np.empty((len(keys), 3 * len(candidate.data.vertices)), np.float32)
    base = np.empty(rows.shape[1], np.float32)
    for row, name in zip(rows, keys, strict=True):
        blocks[name].points.foreach_get("co", row)
        blocks[name].relative_key.points.foreach_get("co", base)
        row -= base
    return rows


_known_to_move: dict[tuple[int, int], set[str]] = {}


def moving(candidate: Object, keys: tuple[str, ...]) -> frozenset[str]:
    """Those of ``keys`` that move a vertex of a mesh object.

    What has moved once is not measured again, since a panel asks again and again; what has not may be sculpted yet.
    """
    shapes = candidate.data.shape_keys
    known = _known_to_move.setdefault((shapes.as_pointer(), shapes.session_uid), set())
    fresh = _moving(candidate, tuple(name for name in keys if name not in known))
    known |= fresh
    return frozenset(keys) & known


def _moving(candidate: Object, keys: tuple[str, ...]) -> frozenset[str]:
    blocks = candidate.data.shape_keys.key_blocks
    held = [name for name in keys if name in blocks]
    travel = np.abs(displacements(candidate, tuple(held))).max(axis=1, initial=0.0)
    return frozenset(name for name, size in zip(held, travel, strict=True) if size > 0)


def measured(rows: npt.NDArray[np.float32]) -> tuple[Matrix, npt.NDArray[np.float64]]:
    """(n, n) cosines and (n,) sizes of ``displacements``; a key that moves nothing is like nothing."""
    gram = (rows @ rows.T).astype(np.float64)
    sizes = np.sqrt(np.diag(gram))
    scale = np.where(sizes > 0, 1 / np.maximum(sizes, 1e-30), 0.0)
    return gram * scale[:, None] * scale[None, :], sizes


@cache
def reference() -> tuple[Matrix, npt.NDArray[np.float64]]:
    """(52, 52) cosines and (52,) sizes in millimetres of the channels on the demo head."""
    document = json.loads(REFERENCE.read_text(encoding="utf-8"))
    assert tuple(document["channels"]) == CHANNELS
    return np.array(document["cosines"], float), np.array(document["sizes"], float)
