"""When and how the lids close.

Rate and timing: Bentivoglio et al., "Analysis of blink rate patterns in normal subjects", Mov. Disord. 1997 (about 17
a minute at rest); more at the ends of phrases and with large gaze shifts (Evinger et al. 1994), fewer inside a phrase.
Profile: closing takes about a third of a blink, opening the rest (Trutoiu et al., "Modeling and animating eye blinks",
ACM TAP 2011).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model_server.audio.prosody import Prosody
from model_server.face.streams import Floats, Times, stream

PER_MINUTE = 17.0
_REFRACTORY = 0.9  # seconds without a second blink
_STEP = 0.02  # seconds of the grid on which blinks are decided
_HAZARD = 0.34  # blinks a second, when nothing provokes or forbids one; gives PER_MINUTE with what follows
_PATIENCE = (4.2, 6.0)  # seconds after which an eye closes whatever is being said
_LONGEST = 0.33  # seconds
_INCOMPLETE = 0.08  # share of blinks that do not close


@dataclass(frozen=True)
class Blink:
    """start, closing, held, opening: seconds; depth: 0-1.

    tilt: how much less the right eye closes, or the left one if negative.
    """

    start: float
    closing: float
    held: float
    opening: float
    depth: float
    tilt: float


def plan_blinks(prosody: Prosody, shifts: Times, seed: int, strength: float = 1.0) -> list[Blink]:
    """Blinks of a shot; ``shifts`` (n,) seconds of large gaze shifts. Emotion has no say: a slider moves no blink.

    ``strength`` scales how many there are: it is the pace at which eyes dry.
    """
    if strength <= 0:
        return []
    duration = float(prosody.times[-1])
    grid = np.arange(0, max(duration - _LONGEST, 0) + _STEP, _STEP)  # none that the end cuts off
    rng = stream(seed, "blinks")
    # One draw per step and per blink shape, whatever happens: what is heard later changes nothing earlier.
    chance = rng.random(len(grid))
    hazard = _HAZARD * _provocation(grid, prosody, shifts)
    since = rng.random() * 60 / PER_MINUTE
    shapes, limits = stream(seed, "blink shapes"), stream(seed, "blink patience")
    limit = limits.uniform(*_PATIENCE)
    rest = _REFRACTORY / max(strength, 1.0)
    planned: list[Blink] = []
    for t, draw, rate in zip(grid.tolist(), chance.tolist(), hazard.tolist(), strict=True):
        since += _STEP * strength
        if since < rest * strength:
            continue
        # Eyes dry: the longer a blink is due, the likelier it gets.
        if draw < rate * (0.25 + (since / 3.0) ** 2) * _STEP * strength or since > limit:
            planned.append(_shape(t, shapes))
            since, limit = 0.0, limits.uniform(*_PATIENCE)
    return planned


def _provocation(grid: Times, prosody: Prosody, shifts: Times) -> npt.NDArray[np.float64]:
    """(N,) factor on the hazard, mean 1 over the shot so that the rate stays human however one talks."""
    factor = np.ones(len(grid))
    begins, ends = prosody.phrases[:, 0], prosody.phrases[:, 1]
    for starts, stops, value in (
        (begins, ends, 0.7),
        (begins - 0.1, begins + 0.4, 0.4),
        (ends - 0.1, ends + 0.45, 4.0),
    ):
        for low, high in zip(np.searchsorted(grid, starts), np.searchsorted(grid, stops), strict=True):
            factor[low:high] = value
    for low, high in zip(np.searchsorted(grid, shifts - 0.06), np.searchsorted(grid, shifts + 0.1), strict=True):
        factor[low:high] += 5.0
    scaled: npt.NDArray[np.float64] = factor / factor.mean()
    return scaled


def _shape(start: float, rng: np.random.Generator) -> Blink:
    length = float(np.clip(np.exp(rng.normal(np.log(0.265), 0.15)), 0.2, _LONGEST))
    incomplete = rng.random() < _INCOMPLETE
    depth = rng.uniform(0.55, 0.8) if incomplete else rng.uniform(0.94, 1.0)
    return Blink(start, 0.33 * length, 0.08 * length, 0.59 * length, float(depth), float(rng.uniform(-0.05, 0.05)))


def draw_blinks(blinks: list[Blink], times: Times, fps: float) -> tuple[Floats, Floats]:
    """(T,) left and right eyeBlink 0-1. A complete blink is shut on at least one frame, whatever the rate."""
    left, right = np.zeros(len(times), np.float32), np.zeros(len(times), np.float32)
    for blink in blinks:
        held = max(blink.held, 1.0 / fps)
        opening = max(blink.opening - (held - blink.held), 0.08)
        end = blink.start + blink.closing + held + opening
        low, high = np.searchsorted(times, (blink.start, end))
        t = times[low:high] - blink.start
        closing = np.clip(t / blink.closing, 0, 1)
        opened = np.clip((t - blink.closing - held) / opening, 0, 1)
        # Lids shut fast and evenly; they open fast at first and arrive slowly.
        shut = closing**2 * (3 - 2 * closing) * (1 - opened) ** 2 * (1 + 2 * opened) * blink.depth
        left[low:high] = np.maximum(left[low:high], shut * (1 + min(blink.tilt, 0)))
        right[low:high] = np.maximum(right[low:high], shut * (1 - max(blink.tilt, 0)))
    return left, right
