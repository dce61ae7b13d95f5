"""The product voice model: published acoustic profiles of the emotions, in units of how ordinary speech varies.

Five measures of prosody are compared with ordinary read and spoken English (the product speech that
``training.emotion_voice`` measured); the profiles are those of Juslin and Laukka, "Communication of emotions in vocal
expression and music performance", Psychological Bulletin 2003, table 7, and Scherer, Speech Communication 40, 2003.
No emotional recording was used. What it can do: tell an aroused voice from a quiet one. What it cannot: tell joy from
anger or disgust from neutral with any certainty; its sliders stay low where it does not know.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model_server.audio import features
from model_server.cancel import Progress, silent
from model_server.emotion.functionals import RATE, Frames, frames
from model_server.emotion.voice import Heard, windows
from s2f_blender_addon.core.channels import EMOTIONS

Floats = npt.NDArray[np.float32]

MEASURES = ("pitch", "range", "loudness", "brightness", "rate")
PROFILES = {
    "neutral": (0.0, 0.0, 0.0, 0.0, 0.0),
    "happy": (1.0, 1.2, 0.7, 0.6, 0.5),
    "sad": (-0.7, -1.0, -0.9, -1.0, -0.9),
    "angry": (0.8, 0.8, 1.3, 1.4, 0.6),
    "fear": (1.4, -0.2, -0.2, 0.3, 1.0),
    "disgust": (-0.4, -0.1, 0.1, 0.3, -0.6),
    "surprise": (1.4, 1.6, 0.4, 0.3, 0.2),
    "contempt": (-0.7, -0.2, -0.3, 0.0, -0.6),
    "calm": (-0.5, -0.8, -0.7, -0.8, -0.6),
}
"""Mean of each measure under each emotion, in standard deviations of ordinary speech."""

_PRIOR_NEUTRAL = 0.4
_MEL_1K = int(np.searchsorted(np.linspace(0, 1, features.BANDS), 0.36))  # the band at about 1 kHz


@dataclass(frozen=True)
class Ordinary:
    """How product speech varies: mean and sd (5,) of the measures, and the two registers of pitch (log2 Hz, sd)."""

    mean: Floats
    sd: Floats
    registers: tuple[tuple[float, float], ...]


@cache
def ordinary() -> Ordinary:
    data = json.loads(Path(__file__).with_name("ordinary_speech.json").read_text("utf-8"))
    registers = tuple((float(m), float(s)) for m, s in data["registers"])
    return Ordinary(np.array(data["mean"], np.float32), np.array(data["sd"], np.float32), registers)


def measure(window: Frames, whole: Frames, registers: tuple[tuple[float, float], ...]) -> Floats:
    """(5,) MEASURES of ``window`` out of the recording ``whole``.

    Pitch is in standard deviations from the nearer register (low or high voices); range in semitones; loudness in dB
    above the recording's usual; brightness in dB, above 1 kHz against below, while voiced; rate in stressed peaks a
    second of speech.
    """
    voiced = window.f0_hz > 0
    if voiced.sum() < 8:
        return np.full(len(MEASURES), np.nan, np.float32)
    octaves = np.log2(window.f0_hz[voiced])
    middle = float(np.median(octaves))
    centre, sd = min(registers, key=lambda r: abs(middle - r[0]))
    power = np.exp(window.log_mel[voiced])
    bright = 10 * np.log10(power[:, _MEL_1K:].sum() / max(float(power[:, :_MEL_1K].sum()), 1e-9) + 1e-9)
    spoken, usual = window.speech > 0.5, whole.loudness_db[whole.speech > 0.5]
    loud = window.loudness_db[spoken].mean() - usual.mean() if spoken.any() and len(usual) else 0.0
    peaks = (window.stress[1:-1] > window.stress[:-2]) & (window.stress[1:-1] >= window.stress[2:])
    rate = (peaks & (window.stress[1:-1] > 0.1)).sum() / max(spoken.sum() / RATE, 0.3)
    return np.array([(middle - centre) / sd, 12 * octaves.std(), loud, bright, rate], np.float32)


class ProsodicModel:
    """The VoiceModel that ships."""

    id = "prosody profiles 1"
    licence_track = "product"

    def hear(self, samples: Floats, progress: Progress = silent) -> Heard:
        """Judgements on 16 kHz mono ``samples`` (N,)."""
        voice = frames(samples, progress)
        times, rows = [], []
        for first, last in windows(voice.speech, RATE):
            row = measure(voice.between(first, last), voice, ordinary().registers)
            if np.isfinite(row).all():
                times.append((first + last) / 2 / RATE)
                rows.append(row)
        if not rows:
            return Heard(np.zeros(0), np.zeros((0, len(EMOTIONS)), np.float32))
        return Heard(np.array(times), judge((np.array(rows) - ordinary().mean) / ordinary().sd))


def judge(scores: Floats) -> Floats:
    """(n, 8) shares of the emotions for standardised measures (n, 5): Gaussian classes of equal spread."""
    names = ("neutral", *EMOTIONS)
    profiles = np.array([PROFILES[name] for name in names])
    priors = np.array([_PRIOR_NEUTRAL] + [(1 - _PRIOR_NEUTRAL) / len(EMOTIONS)] * len(EMOTIONS))
    distance = ((np.clip(scores, -3, 3)[:, None] - profiles) ** 2).sum(2)
    weight = priors * np.exp(-0.5 * (distance - distance.min(1, keepdims=True)))
    return np.asarray((weight / weight.sum(1, keepdims=True))[:, 1:], np.float32)
