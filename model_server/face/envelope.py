"""How strongly an emotion shows at each moment: onset, apex, release, and what the voice does to it."""

from collections.abc import Sequence

import numpy as np

from model_server.audio.prosody import Prosody, gaussian
from model_server.face.expressions import Expression
from model_server.face.streams import Floats, ease

LEAST, MOST = 0.55, 1.15
"""Bounds of what the voice makes of a strength."""


def settle(emotion: Floats, fps: float, rows: Sequence[Expression]) -> Floats:
    """(T, n) sliders of ``rows`` that rise no faster than each one's onset and fall no faster than its release.

    A face does not snap: a step becomes a ramp that ends where the step would have held; a slower curve passes
    unchanged, so hand-made keys stay as they are. The first frame is taken as it is: the mood was there before.
    """
    if len(emotion) < 2 or not np.diff(emotion, axis=0).any():
        return emotion
    up = np.array([1 / (row.timing.onset * fps) for row in rows])
    down = np.array([1 / (row.timing.release * fps) for row in rows])
    settled = np.empty_like(emotion)
    now = emotion[0].astype(np.float64)
    settled[0] = now
    for i in range(1, len(emotion)):
        now = now + np.clip(emotion[i] - now, -down, up)
        settled[i] = now
    return settled


def swell(expression: Expression, prosody: Prosody) -> Floats:
    """(T,) factor around 1 on an expression: it peaks as a phrase begins and lives on, weaker, until the next.

    Stress, energy and pitch of the voice raise it, each as much as the expression's row says: anger bites on stressed
    syllables, surprise goes with pitch.
    """
    timing, fps = expression.timing, prosody.fps
    factor = timing.sustain + (1 - timing.sustain) * _phrases(expression, prosody)
    factor += timing.stress * gaussian(prosody.stress, 0.04 * fps)
    middle = (prosody.energy - 0.5) * prosody.speech
    factor += timing.energy * gaussian(middle, 0.08 * fps)
    factor += timing.pitch * gaussian(np.clip(prosody.pitch, -6, 6) / 6, 0.10 * fps)
    return np.clip(factor, LEAST, MOST).astype(np.float32)


def _phrases(expression: Expression, prosody: Prosody) -> Floats:
    """(T,) 0-1: up over the onset, so that the apex begins with the phrase; held; released."""
    timing, times = expression.timing, prosody.times
    total = np.zeros(len(times))
    for begin, end in prosody.phrases:
        hold = max(timing.apex, 0.6 * (end - begin))
        low, high = np.searchsorted(times, (begin - timing.onset, begin + hold + timing.release))
        t = times[low:high] - begin
        shape = ease(1 + t / timing.onset) * (1 - ease((t - hold) / timing.release))
        total[low:high] = np.maximum(total[low:high], shape)
    return total.astype(np.float32)
