"""Mouth cues played on a face: each drawing as the pose it stands for, with a way from one to the next as lips move."""

from collections.abc import Sequence

import numpy as np

from ..channels import CHANNELS
from ..errors import UserError
from ..naming.visemes import SETS, poses_as_columns
from ..track import Array, FaceTrack, Provenance
from .timecode import Times

RATE = 60.0
"""Frames a second of the track."""

_WAY = 0.12
"""Seconds from one pose to the next; less where a cue is shorter, so that each pose is reached."""

_LONGEST = 4 * 3600.0
_POSES = SETS["rhubarb"].poses


def played(starts: Sequence[float], shapes: Sequence[str], end: float, source: str, *notes: str) -> FaceTrack:
    """The track that shows each of ``shapes`` (Rhubarb's letters) from its second on, the last until ``end``.

    The way between two is a half cosine about the moment of the change. Raises UserError for a shape that nobody knows
    and for times that are none.
    """
    strange = [shape for shape in shapes if shape not in _POSES]
    if strange:
        raise UserError(f"it has a mouth shape “{strange[0][:20]}”, which is none of Rhubarb's.")
    order = np.argsort(np.asarray(starts, np.float64), kind="stable")
    begins = np.asarray(starts, np.float64)[order]
    last = max(end, begins[-1] + 1 / RATE)
    if not np.isfinite(begins).all() or not 0 <= begins[0] < last <= _LONGEST:
        raise UserError("the times of its mouth cues are none of a sound.")
    ends = np.append(begins[1:], last)
    poses = poses_as_columns([_POSES[shapes[i]] for i in order]).T
    return FaceTrack(
        values := _eased(begins, ends, poses), np.zeros((len(values), len(CHANNELS)), np.float32), RATE, 0.0,
        Provenance(source=source, notes=("Its mouth cues were played as the poses they stand for.", *notes)),
    )  # fmt: skip


def _eased(begins: Times, ends: Times, poses: Array) -> Array:
    times = np.arange(round(ends[-1] * RATE) + 1) / RATE
    lengths = np.maximum(ends - begins, 1e-6)
    half = np.minimum(_WAY, np.minimum(lengths[:-1], lengths[1:])) / 2
    keys = np.column_stack([begins[1:] - half, begins[1:] + half]).ravel()
    places = np.repeat(np.arange(len(begins)), 2)[1:-1].astype(np.float64)
    at = np.interp(times, keys, places) if len(keys) else np.zeros(len(times))
    before = np.minimum(at.astype(np.int64), len(poses) - 1)
    share = (0.5 - 0.5 * np.cos(np.pi * (at - before)))[:, None]
    after = np.minimum(before + 1, len(poses) - 1)
    eased: Array = (poses[before] * (1 - share) + poses[after] * share).astype(np.float32)
    return eased
