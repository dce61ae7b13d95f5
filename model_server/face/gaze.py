"""Where the eyes look: fixations joined by saccades, with drift between them.

Saccade durations follow the main sequence, 2.2 ms a degree + 21 ms (Bahill, Clark and Stark 1975). A speaker looks
away when a phrase begins and back at the listener when it ends (Kendon 1967); most shifts are small and sideways (Lee,
Badler and Badler, "Eyes Alive", SIGGRAPH 2002).
"""

from dataclasses import dataclass

import numpy as np

from model_server.audio.prosody import Prosody
from model_server.face.streams import Floats, Times, drift, ease, stream
from s2f_blender_addon.core.channels import INDEX

SIDE_DEGREES, LIFT_DEGREES = 35.0, 25.0
"""Eye rotation that eyeLookIn/Out and eyeLookUp/Down at 1 stand for."""

LARGE_SHIFT = 5.0
"""Degrees from which a gaze shift invites a blink."""


@dataclass(frozen=True)
class Fixations:
    """starts (n,) seconds; aims (n, 2) degrees, to the character's left and up, from the listener's face."""

    starts: Times
    aims: Times

    @property
    def sizes(self) -> Times:
        """(n,) degrees of the saccade that begins each fixation; the first has none."""
        steps = np.diff(self.aims, axis=0, prepend=self.aims[:1])
        sizes: Times = np.hypot(steps[:, 0], steps[:, 1])
        return sizes


def plan_gaze(prosody: Prosody, seed: int) -> Fixations:
    """Fixations of a whole shot."""
    rng = stream(seed, "gaze")
    duration = float(prosody.times[-1])
    begins, ends = prosody.phrases[:, 0], prosody.phrases[:, 1]
    starts, aims = [0.0], [(0.0, 0.0)]
    t, away = float(np.exp(rng.normal(np.log(0.8), 0.4))), False
    while t < duration:
        choice, dwell, side, lift, far, heading = rng.random(6)
        beginning = bool(((begins > t - 0.5) & (begins < t + 0.3)).any())
        ending = bool(((ends > t - 0.2) & (ends < t + 0.5)).any())
        leaving = 0.55 if beginning else 0.08 if ending else 0.28
        away = choice < (0.25 if away and not ending else leaving)
        aim = _away(side, lift, far, heading) if away else ((side - 0.5) * 4.0, (lift - 0.5) * 2.4)
        starts.append(t)
        aims.append(aim)
        # Dwell times are skewed: many short, some long.
        median = 0.7 if away else 1.0
        t += float(np.clip(median * np.exp(0.55 * _normal(dwell)), 0.25, 4.0))
    return Fixations(np.array(starts), np.array(aims, np.float64).reshape(-1, 2))


def _normal(uniform: float) -> float:
    """A normal deviate from a uniform one, within ±2.2 (logistic approximation)."""
    return float(np.clip(np.log(uniform / (1 - uniform)) / 1.702, -2.2, 2.2)) if 0 < uniform < 1 else 0.0


def _away(side: float, lift: float, far: float, heading: float) -> tuple[float, float]:
    """A place 4 to 10 degrees from the listener, rather beside than above or below."""
    reach = 4.0 + 6.0 * far**1.5
    angle = (side - 0.5) * (0.9 if heading < 0.7 else 2.4)
    left = 1.0 if lift < 0.5 else -1.0
    return left * reach * float(np.cos(angle)), reach * float(np.sin(angle)) * 0.8


def trace(fixations: Fixations, times: Times) -> Times:
    """(T, 2) where ``fixations`` point, joined by saccades."""
    last = np.clip(np.searchsorted(fixations.starts, times, side="right") - 1, 0, None)
    previous = np.maximum(last - 1, 0)
    length = 0.021 + 0.0022 * fixations.sizes
    share = ease((times - fixations.starts[last]) / length[last])[:, None]
    path: Times = fixations.aims[previous] * (1 - share) + fixations.aims[last] * share
    return path


def wander(times: Times, seed: int) -> Times:
    """(T, 2) degrees of fixation drift, about a third of a degree."""
    axes = [drift(times, 1.3, stream(seed, f"gaze drift {axis}")) for axis in ("side", "lift")]
    drifting: Times = 0.3 * np.stack(axes, 1).astype(np.float64)
    return drifting


def look(degrees: Times, curves: Floats) -> None:
    """Writes eye rotations (T, 2), left and up, into the eyeLook columns of ``curves``; never two opposites at once."""
    side = np.clip(degrees[:, 0] / SIDE_DEGREES, -1, 1)
    lift = np.clip(degrees[:, 1] / LIFT_DEGREES, -1, 1)
    curves[:, INDEX["eyeLookOutLeft"]] = curves[:, INDEX["eyeLookInRight"]] = np.maximum(side, 0)
    curves[:, INDEX["eyeLookInLeft"]] = curves[:, INDEX["eyeLookOutRight"]] = np.maximum(-side, 0)
    for eye in ("Left", "Right"):
        curves[:, INDEX["eyeLookUp" + eye]] = np.maximum(lift, 0)
        curves[:, INDEX["eyeLookDown" + eye]] = np.maximum(-lift, 0)
