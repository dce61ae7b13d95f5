"""One description of a stretch of voice: what the layers heard on average and how it varied, level, tilt, pitch, rate.

Every number is meant to be read against what is ordinary for the speaker (``Centre``).
"""

import numpy as np
import numpy.typing as npt

from model_server.emotion.ear import RATE, Voice

Floats = npt.NDArray[np.float32]

PROSODY = (
    "level mean", "level spread", "level 10 %", "level 50 %", "level 90 %", "level rise",
    "tilt mean", "tilt spread", "tilt 10 %", "tilt 50 %", "tilt 90 %",
    "pitch mean", "pitch 5 %", "pitch 20 %", "pitch 50 %", "pitch 80 %", "pitch 95 %",
    "pitch spread", "pitch movement", "pitch at the end", "pitch at the beginning",
    "voiced", "syllables a second", "stress", "speech", "log seconds", "pause",
)  # fmt: skip
LEVELS = (0, 2, 3, 4)
"""Those of PROSODY that a recording's gain moves."""
_SPOKEN = 0.5
_LEAST = 12


def describe(voice: Voice, first: int, last: int) -> Floats:
    """(2 N + 27,): mean and spread of the layers' N states over speech, then PROSODY, of frames first … last - 1."""
    spoken = voice.speech[first:last] > _SPOKEN
    if spoken.sum() < _LEAST:
        spoken = np.ones(last - first, bool)
    places = np.unique(np.minimum(np.flatnonzero(spoken) + first, 2 * len(voice.states) - 1) // 2)
    states = voice.states[places]
    mean = states.mean(0)
    spread = np.sqrt(np.maximum(np.einsum("tn,tn->n", states, states) / len(states) - mean**2, 1e-6))
    return np.asarray(np.concatenate([mean, spread, _prosody(voice, first, last, spoken)]), np.float32)


def mean_of(described: Floats) -> Floats:
    """(D,) the mean of what could be measured in ``described`` (n, D); not a number where nothing could."""
    there = np.isfinite(described).sum(0)
    return np.asarray(np.where(there, np.nansum(described, axis=0) / np.maximum(there, 1), np.nan), np.float32)


def _prosody(voice: Voice, first: int, last: int, spoken: npt.NDArray[np.bool_]) -> Floats:
    """(27,) PROSODY."""
    level = np.maximum(voice.level_db[first:last][spoken], -90)
    f0 = voice.f0_hz[first:last]
    voiced = spoken & (f0 > 0)
    tilt = voice.tilt_db[first:last][voiced if voiced.sum() >= _LEAST else spoken]
    half = len(level) // 2
    octaves = np.log2(f0[voiced]) if voiced.sum() >= _LEAST else np.full(_LEAST, np.nan)
    stress = voice.stress[first:last]
    peaks = (stress[1:-1] > stress[:-2]) & (stress[1:-1] >= stress[2:]) & (stress[1:-1] > 0.1)
    seconds = spoken.sum() / RATE
    inside = np.flatnonzero(spoken)
    extent = (inside[-1] - inside[0] + 1) / RATE
    found = [
        level.mean(), level.std(), *_percentiles(level, 10, 50, 90), level[half:].mean() - level[:half].mean(),
        tilt.mean(), tilt.std(), *_percentiles(tilt, 10, 50, 90),
        octaves.mean(), *_percentiles(octaves, 5, 20, 50, 80, 95),
        octaves.std(), np.abs(np.diff(octaves)).mean(),
        octaves[-5:].mean() - octaves.mean(), octaves[:5].mean() - octaves.mean(),
        voiced.sum() / spoken.sum(), peaks.sum() / max(seconds, 0.3), stress[spoken].mean(),
        seconds * RATE / (last - first), np.log(max(extent, 0.1)), 1 - seconds / extent,
    ]  # fmt: skip
    return np.array(found, np.float32)


def _percentiles(values: Floats, *percents: float) -> Floats:
    """As np.percentile, which takes five times as long for a few hundred ``values``."""
    places = np.array(percents) * (len(values) - 1) / 100
    return np.asarray(np.interp(places, np.arange(len(values)), np.sort(values)), np.float32)
