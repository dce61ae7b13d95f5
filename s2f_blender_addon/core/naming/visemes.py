"""Mouth shapes: sets of visemes as poses of the 52 channels, and how much of each is in a curve.

A rig with 15 visemes instead of 52 keys speaks by non-negative least squares: at each frame the mixture of its mouth
shapes, no more than one of them in all, that comes nearest to the wanted pose.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..blend import OPENERS, lip_gap
from ..channels import CHANNELS, INDEX, REGIONS
from ..track import Array

PREFIX = "visemes:"
MEASURED = "pose:"

FILE = Path(__file__).parent / "families" / "visemes.json"

_PER_MILLIMETRE = np.float32(0.1)
"""What a millimetre of wrong lip gap weighs against a jaw that is wrong by 1."""

_CLOSED, _NEARLY = np.float32(8.0), np.float32(2.0)
"""How many times more the gap counts where lips meet, and the millimetres up to which it does so at all."""


@dataclass(frozen=True)
class VisemeSet:
    """Mouth shapes of one naming family. ``poses``: name -> {channel: 0-1}; an empty pose is the mouth at rest."""

    name: str
    title: str
    poses: dict[str, dict[str, float]]


def _read() -> dict[str, VisemeSet]:
    document = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        name: VisemeSet(name, entry["title"], {shape: spread(pose) for shape, pose in entry["poses"].items()})
        for name, entry in document["sets"].items()
    }


def spread(pose: dict[str, float]) -> dict[str, float]:
    """``pose`` with names without a side given to both sides: {'mouthSmile': 0.5} is Left and Right at 0.5."""
    result: dict[str, float] = {}
    for name, value in pose.items():
        for channel in (name,) if name in INDEX else (f"{name}Left", f"{name}Right"):
            if channel not in INDEX:
                raise KeyError(f"{name} is no channel")
            result[channel] = value
    return result


SETS: dict[str, VisemeSet] = _read()


def source_of(set_name: str, shape: str) -> str:
    """The source of an entry that follows mouth shape ``shape`` of set ``set_name``."""
    return f"{PREFIX}{set_name}/{shape}"


def split_source(source: str) -> tuple[str, str] | None:
    """(set, shape) of a mouth-shape source that exists, else None."""
    if not source.startswith(PREFIX):
        return None
    set_name, _, shape = source.removeprefix(PREFIX).partition("/")
    return (set_name, shape) if set_name in SETS and shape in SETS[set_name].poses else None


def measured_source(pose: dict[str, float]) -> str:
    """The source of an entry for a mouth shape that was measured on the mesh itself: 'pose:jawOpen=0.6,…'."""
    return MEASURED + ",".join(f"{channel}={value:.3g}" for channel, value in pose.items())


def pose_of(source: str) -> dict[str, float] | None:
    """The pose {channel: 0-1} of a mouth shape, named or measured; None for any other source."""
    shape = split_source(source)
    if shape is not None:
        return SETS[shape[0]].poses[shape[1]]
    if not source.startswith(MEASURED):
        return None
    pose = {}
    for part in source.removeprefix(MEASURED).split(","):
        channel, _, value = part.partition("=")
        try:
            pose[channel] = float(value)
        except ValueError:
            return None
    return pose if pose.keys() <= INDEX.keys() and all(0 <= value <= 2 for value in pose.values()) else None


def weights_of(
    curves: Array, shapes: Sequence[dict[str, float]], direct: npt.NDArray[np.int64], rounds: int = 60
) -> tuple[Array, Array]:
    """How much of each pose of ``shapes`` is in ``curves`` (T, 52): ((T, len(shapes)), (T, 52) what they show).

    Minimises |S (A w - v)|^2 with w >= 0 and sum w <= 1 by projected gradient with Nesterov momentum, all frames at
    once. S weighs a channel by how far it parts the lips, and has a row for the gap between them, which counts more
    the less they are parted, so that they still meet; columns ``direct`` have keys of their own and count less.
    """
    weight = importance().copy()
    weight[direct] *= 0.3
    poses = poses_as_columns(shapes)
    gaps = lip_gap(poses.T) * _PER_MILLIMETRE
    basis = poses * weight[:, None]
    wanted = lip_gap(curves)
    gap_counts = 1 + (_CLOSED - 1) * np.clip(1 - wanted / _NEARLY, 0, 1).astype(np.float32)
    gram = basis.T @ basis
    target = (curves * weight) @ basis + np.outer(gap_counts * wanted * _PER_MILLIMETRE, gaps)
    step = np.float32(1.0 / max(float(np.linalg.norm(gram + _CLOSED * np.outer(gaps, gaps), 2)), 1e-6))
    weights: Array = np.zeros((len(curves), len(shapes)), np.float32)
    ahead, momentum = weights, 1.0
    for _ in range(rounds):
        parted = (gap_counts * (ahead @ gaps))[:, None] * gaps
        moved = _onto_simplex(ahead - step * (ahead @ gram + parted - target))
        faster = float(1 + np.sqrt(1 + 4 * momentum * momentum)) / 2
        ahead = moved + np.float32((momentum - 1) / faster) * (moved - weights)
        weights, momentum = moved, faster
    return weights, weights @ poses.T


@cache
def importance() -> npt.NDArray[np.float32]:
    """(52,) how much an error in a channel is seen on the mouth; other regions do not count."""
    weight = np.zeros(len(CHANNELS), np.float32)
    for name in REGIONS["mouth"]:
        weight[INDEX[name]] = 0.35
    for name, millimetres in OPENERS.items():
        weight[INDEX[name]] = max(weight[INDEX[name]], min(abs(millimetres) / 20.0, 1.0))
    weight[INDEX["mouthPucker"]] = weight[INDEX["mouthFunnel"]] = 0.7
    return weight


def poses_as_columns(shapes: Sequence[dict[str, float]]) -> Array:
    """(52, len(shapes)): the poses as columns."""
    poses: Array = np.zeros((len(CHANNELS), len(shapes)), np.float32)
    for column, pose in enumerate(shapes):
        for channel, value in pose.items():
            poses[INDEX[channel], column] = value
    return poses


def _onto_simplex(points: Array) -> Array:
    """The nearest points with no negative coordinate and a sum of at most 1 (Duchi et al. 2008)."""
    inside = np.maximum(points, 0)
    over = inside.sum(axis=1) > 1
    if not over.any():
        return inside
    outer = points[over]
    ordered = -np.sort(-outer, axis=1)
    excess = (np.cumsum(ordered, axis=1) - 1) / np.arange(1, outer.shape[1] + 1)
    last = (ordered > excess).sum(axis=1) - 1
    inside[over] = np.maximum(outer - excess[np.arange(len(outer)), last][:, None], 0)
    return inside.astype(np.float32)
