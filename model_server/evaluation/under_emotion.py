"""Do lips speak and brows live while somebody feels? One recording under an emotion against the same one without.

Closures are counted against labels, or, where a recording has none, against those of its own neutral face. A mood
channel turns round when it has gone one way by more than ``TURN`` and goes back by more than that: in the mood layer,
and in what it adds to the face that is shown, where those channels are left out that the lips compensate with. Gaze and
blinks have work of their own.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from model_server.evaluation.head import LandmarkHead, on_grid, opening
from model_server.evaluation.labels import BILABIAL, SILENCE, Label
from model_server.evaluation.lips import CLOSED_MM, RATE, LipCount, count
from model_server.face.expressions import Expression
from s2f_blender_addon.core.blend import sealed
from s2f_blender_addon.core.channels import CHANNELS, INDEX, REGIONS
from s2f_blender_addon.core.runs import true_runs
from s2f_blender_addon.core.track import Array

INTENSITIES = (1.0, 1.5)
TURN = 0.05
COMPENSATES = ("mouthPucker", "jawOpen", "mouthClose", "mouthShrugLower")
"""What moves because the lips reach their sounds in spite of the mood."""
_MOVED = [INDEX[name] for name in CHANNELS if not name.startswith(("eyeLook", "eyeBlink"))]
_STEADY = [k for k in _MOVED if CHANNELS[k] not in COMPENSATES]
_UPPER = [k for k in _STEADY if CHANNELS[k] not in REGIONS["mouth"]]
_TELLS, _FAINT = 0.5, 0.2
"""An upper channel carries an emotion from this share of its largest one on, and none does below the other."""
_SEALED = 0.5
"""How firmly lips must be meant to meet for their closure to be a sound."""
_REST_MM, _PAUSE = 1.0, 0.15
"""Lips no further apart for so many seconds, or at either end of a recording, rest unless they are meant to meet."""
_AWAKE = 0.1
"""Blink of the neutral face below which its eyes are open."""


@dataclass
class EmotionCount:
    """One emotion over any number of recordings.

    lips: its closures at each of INTENSITIES. turns: of the busiest channel, a second, one number a recording.
    alive: standard deviation over a recording of the stillest channel that carries it. lids: median of open eyes.
    """

    lips: dict[float, LipCount] = field(default_factory=lambda: {k: LipCount() for k in INTENSITIES})
    turns: list[float] = field(default_factory=list)
    alive: list[float] = field(default_factory=list)
    lids: list[float] = field(default_factory=list)

    def figures(self, neutral: float) -> dict[str, float | None]:
        """The table; ``neutral`` is the closure F1 without an emotion."""
        found: dict[str, float | None] = {}
        for intensity, lips in self.lips.items():
            f1 = lips.figures()["closure_f1"] or 0.0
            found[f"closure_f1 at {intensity:g}"] = f1
            found[f"closure_f1_change at {intensity:g}"] = round(f1 - neutral, 3)
        found["turns_a_second, most"] = round(max(self.turns), 2)
        found["upper_face_std"] = round(float(np.median(self.alive)), 3) if self.alive else None
        found["upper_face_std, least"] = round(min(self.alive), 3) if self.alive else None
        found[f"lids at {INTENSITIES[-1]:g}"] = round(float(np.max(self.lids)), 3)
        return found


def closures_of(times: npt.NDArray[np.float64], values: Array, talk: Array) -> list[Label]:
    """What the lips of ``values`` (T, 52) close for, as the labels of a recording that has none.

    Only what the talk layer (T, 52) seals is a sound; lips that rest may part or meet under a mood: they are silence.
    """
    grid, points = on_grid(times, LandmarkHead.load().landmarks(values), RATE)
    meant, gap = np.interp(grid, times, sealed(talk)), opening(points)
    sound, rest = sorted(BILABIAL)[0], sorted(SILENCE)[0]
    closed, near = true_runs(gap <= CLOSED_MM), true_runs((gap <= _REST_MM) & (meant < _SEALED))
    found = [(i, j, sound) for i, j in closed if meant[i:j].max() > _SEALED]
    found += [(i, j, rest) for i, j in near if j - i >= _PAUSE * RATE or not i or j == len(grid)]
    return [(float(grid[i]), float(grid[j - 1]), phone) for i, j, phone in sorted(found)]


def carriers(row: Expression) -> list[int]:
    """The channels of the upper face that tell this emotion; none for one that hardly shows there."""
    full = row.spoken[-1, _UPPER]
    if full.max() < _FAINT:
        return []
    return [_UPPER[k] for k in np.flatnonzero(full >= _TELLS * full.max())]


def tally(
    total: EmotionCount,
    row: Expression,
    times: npt.NDArray[np.float64],
    mood: Array,
    shown: dict[float, Array],
    labels: list[Label],
) -> None:
    """Add one recording: ``mood`` (T, 52) is the layer, ``shown`` the face at intensity 0 and at each of INTENSITIES,
    ``labels`` the truth.

    It must last long enough for its turns to be counted: half a second at least.
    """
    for intensity in INTENSITIES:
        count(total.lips[intensity], times, shown[intensity], labels)
    seconds = max(float(times[-1] - times[0]), 0.5)
    added = shown[1.0] - shown[0.0]
    felt = max(turns(mood[:, k], TURN) for k in _MOVED)
    total.turns.append(max(felt, *(turns(added[:, k], TURN) for k in _STEADY)) / seconds)
    carrying = carriers(row)
    if carrying:
        total.alive.append(float(added[:, carrying].std(0).min()))
    awake = shown[0.0][:, INDEX["eyeBlinkLeft"]] < _AWAKE
    if awake.any():
        total.lids.append(float(np.median(shown[INTENSITIES[-1]][awake, INDEX["eyeBlinkLeft"]])))


def turns(values: Array, least: float) -> int:
    """How often ``values`` (T,) turn round after having moved by more than ``least``."""
    found, extreme, way = 0, float(values[0]), 0
    for value in values.tolist():
        if way * (value - extreme) > 0:
            extreme = value
        elif not way and abs(value - extreme) > least:
            way, extreme = (1 if value > extreme else -1), value
        elif way and abs(value - extreme) > least:
            found, way, extreme = found + 1, -way, value
    return found
