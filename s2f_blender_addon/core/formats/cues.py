"""Mouth cues for drawn characters: which of Rhubarb's nine mouth shapes is shown when.

A: lips closed. B: teeth together. C: open. D: wide open. E: rounded. F: puckered. G: lip under teeth. H: tongue up.
X: at rest.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..blend import Mix, lip_gap, mixed, sealed
from ..channels import INDEX
from ..errors import UserError
from ..naming.visemes import SETS, importance, poses_as_columns
from ..track import Array, FaceTrack

SHAPES = tuple("ABCDEFGHX")
_CLOSED, _REST = SHAPES.index("A"), SHAPES.index("X")

_SWITCH = 0.005
"""What one change of drawings weighs, against a shape that is wrong for a second: passing through is not shown."""
_NEVER = 10.0
_UNSEALED = 0.03
"""What lips that only come near weigh against lips that are shut."""
_PER_MILLIMETRE = 0.03
"""What a millimetre of wrong lip gap weighs against a channel that is wrong by 1."""
_WIDE_JAW = 0.65
"""jawOpen of shape D; a voice that opens less is drawn as wide where it opens most."""
_LEAST_SCALE = 0.4
_AT_REST = 0.12
"""Length of a movement, channels weighed as they are seen, below which the mouth counts as at rest."""
_STILL = 0.12
"""Seconds over which a mouth at rest has to stay there: in speech, small movements are consonants."""


@dataclass(frozen=True)
class MouthCue:
    """One drawing: ``shape`` of SHAPES from ``start`` to ``end``, in seconds of the sound."""

    start: float
    end: float
    shape: str


def cues(track: FaceTrack, mix: Mix) -> list[MouthCue]:
    """The drawings of a track without a gap, from its first frame to one after its last; two neighbours differ.

    The mood has no drawing of its own, so it is left out. Of all sequences the one is taken that comes nearest to the
    curves with few changes (Viterbi 1967); sealed lips are always A.
    """
    values = mixed(track, replace(mix, intensity=0.0))
    path = _best(_costs(values, sealed(track.talk), track.fps), _SWITCH * track.fps)
    begins = np.flatnonzero(np.diff(path, prepend=-1))
    ends = np.append(begins[1:], len(path))
    times = track.start + np.array([begins, ends]) / track.fps
    return [MouthCue(float(a), float(b), SHAPES[path[i]]) for a, b, i in zip(*times, begins, strict=True)]


def shown(track: FaceTrack, mix: Mix) -> list[MouthCue]:
    """``cues`` from second 0 of the sound on, where every file of them begins: what comes before is at rest.

    Raises UserError for a track that ends before it.
    """
    listed = [replace(cue, start=max(cue.start, 0.0)) for cue in cues(track, mix) if cue.end > 0]
    if not listed:
        raise UserError("this track ends before its sound begins, so it has no cues.")
    if listed[0].shape == SHAPES[_REST]:
        return [replace(listed[0], start=0.0), *listed[1:]]
    return [MouthCue(0.0, listed[0].start, SHAPES[_REST]), *listed] if listed[0].start > 0 else listed


def seconds(time: float) -> str:
    """As Rhubarb writes times."""
    return f"{time:.2f}"


def _costs(values: Array, seal: Array, fps: float) -> Array:
    """(T, 9) how far the mouth is from each shape."""
    weight = importance()
    scale = float(np.clip(np.percentile(values[:, INDEX["jawOpen"]], 98) / _WIDE_JAW, _LEAST_SCALE, 1.0))
    poses = poses_as_columns([SETS["rhubarb"].poses[name] for name in SHAPES]) * np.float32(scale)
    seen = values * weight
    far = np.stack([((seen - pose) ** 2).sum(axis=1) for pose in poses.T * weight], axis=1)
    gaps = (lip_gap(values)[:, None] - lip_gap(poses.T)[None]) * np.float32(_PER_MILLIMETRE)
    costs: Array = ((far + gaps**2) / np.float32(scale**2)).astype(np.float32)
    costs[:, _REST] = np.where(_rests(values, fps), 0.0, _NEVER)
    costs[:, _CLOSED] += _UNSEALED
    costs[seal > 0.5] = _NEVER
    costs[seal > 0.5, _CLOSED] = 0.0
    return costs


def _rests(values: Array, fps: float) -> npt.NDArray[np.bool_]:
    """(T,) whether the mouth is at rest for ``_STILL`` seconds to both sides."""
    moved = np.linalg.norm(values * importance(), axis=1) > _AT_REST
    reach = round(_STILL * fps)
    near = np.convolve(moved, np.ones(2 * reach + 1), "full")[reach : reach + len(moved)]
    return np.asarray(near < 0.5)


def _best(costs: Array, change: float) -> npt.NDArray[np.int64]:
    """(T,) the cheapest sequence of shapes, each change at the price of ``change``."""
    total, came = costs[0].astype(np.float64), np.zeros(costs.shape, np.int64)
    for t in range(1, len(costs)):
        cheapest = int(total.argmin())
        came[t] = np.where(total <= total[cheapest] + change, np.arange(costs.shape[1]), cheapest)
        total = np.minimum(total, total[cheapest] + change) + costs[t]
    path = np.empty(len(costs), np.int64)
    path[-1] = total.argmin()
    for t in range(len(costs) - 1, 0, -1):
        path[t - 1] = came[t, path[t]]
    return path
