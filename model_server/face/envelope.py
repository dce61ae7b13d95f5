"""How strongly an emotion shows at each moment: onset, apex, partial release, attack anew, and what the voice does."""

from collections.abc import Sequence

import numpy as np

from model_server.audio.prosody import Prosody, gaussian
from model_server.face.expressions import Expression
from model_server.face.streams import Floats, bumps, ease
from s2f_blender_addon.core.channels import CHANNELS, REGIONS

LEAST, MOST = 0.4, 1.15
"""Bounds of what the voice makes of a strength."""

APART = 0.7
"""Seconds at least from one pulse to the next: a face that attacks more often twitches."""
LEAD, ATTACK, FADE = 0.06, 0.24, 0.6
"""Seconds: a pulse peaks before its syllable (Cavé et al. 1996 for brows), rises and sinks again."""
HELD = 0.88
"""What shows of an upper face in silence, between the apex of one phrase and the next."""
MOUTH = 0.4
"""How far the mouth of an expression follows the pulses of the upper face; its work is speech."""

_UPPER = np.array([name not in REGIONS["mouth"] for name in CHANNELS])


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


def speaking(prosody: Prosody) -> Floats:
    """(T,) 0-1: somebody speaks, over phrases and not over syllables, so that nothing flickers with it."""
    return np.clip(gaussian(prosody.speech, 0.25 * prosody.fps), 0, 1).astype(np.float32)


def pulses(prosody: Prosody) -> Floats:
    """(T,) 0-1, up at the syllables that carry the sentence and where a phrase begins, at least ``APART`` from another.

    Facial signals of emotion in speech come with prosodic stress and go partly back between (Ekman 1979, "About brows:
    emotional and conversational signals"; Cavé et al., ICSLP 1996).
    """
    candidates = [(begin, 2.0) for begin, _ in prosody.phrases] + [(float(t), float(s)) for t, s in prosody.accents]
    chosen: list[tuple[float, float]] = []
    for at, strength in sorted(candidates, key=lambda one: -one[1]):
        if all(abs(at - other) >= APART for other, _ in chosen):
            chosen.append((at, strength))
    chosen.sort()
    peaks = np.array([at - LEAD for at, _ in chosen])
    heights = np.array([min(1.0, 0.7 + 0.4 * strength) for _, strength in chosen])
    return np.minimum(bumps(prosody.times, peaks, heights, ATTACK, FADE), 1).astype(np.float32)


def swell(expression: Expression, prosody: Prosody) -> tuple[Floats, Floats]:
    """(T,) factors around 1 on the upper face and on the mouth of an expression.

    The upper face has its apex at each pulse and is partly released before the next; the mouth follows weakly. Energy
    and pitch of the voice raise both slowly, each as much as the expression's row says.
    """
    timing, fps = expression.timing, prosody.fps
    if timing.sustain == 1 and not timing.energy and not timing.pitch:
        whole = np.ones(len(prosody.energy), np.float32)
        return whole, whole
    spoken, beat = speaking(prosody), pulses(prosody)
    slow = timing.energy * gaussian((prosody.energy - 0.5) * prosody.speech, 0.4 * fps)
    slow += timing.pitch * gaussian(np.clip(prosody.pitch, -6, 6) / 6, 0.4 * fps)
    base = HELD + (timing.sustain - HELD) * spoken
    upper = base + (1 - base) * np.maximum(beat, _begun(expression, prosody)) + slow
    mouth = 1 - MOUTH * (1 - upper) + slow
    return np.clip(upper, LEAST, MOST).astype(np.float32), np.clip(mouth, LEAST, MOST).astype(np.float32)


def swollen(values: Floats, upper: Floats, mouth: Floats) -> Floats:
    """(T, 52) ``values`` times the factors of ``swell``."""
    return np.where(_UPPER, values * upper[:, None], values * mouth[:, None]).astype(np.float32)


def _begun(expression: Expression, prosody: Prosody) -> Floats:
    """(T,) 0-1: up over the onset, so that the apex begins with the phrase; held for the apex; released."""
    timing, times = expression.timing, prosody.times
    total = np.zeros(len(times))
    for begin, _ in prosody.phrases:
        hold = min(timing.apex, APART)
        low, high = np.searchsorted(times, (begin - timing.onset, begin + hold + timing.release))
        t = times[low:high] - begin
        shape = ease(1 + t / timing.onset) * (1 - ease((t - hold) / timing.release))
        total[low:high] = np.maximum(total[low:high], shape)
    return total.astype(np.float32)
