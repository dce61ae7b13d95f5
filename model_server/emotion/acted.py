"""A voice model learned from acted emotion, on numpy: a few small nets and a linear judge that vote.

``s2f train emotion-voice`` makes its file from recordings that a user has (RAVDESS: for research only, never
shipped). Every net hears mel bands and pitch through dilated convolutions and attentive statistics pooling (Okabe,
Koshinaka and Shinoda, Interspeech 2018); the linear judge (Fisher's discriminant, shrunken covariance) reads the
functionals of the stretch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model_server.cancel import Progress, part, silent
from model_server.emotion.card_file import EmotionCard, refused
from model_server.emotion.functionals import RATE, Frames, frames, functionals
from model_server.emotion.labels import to_sliders
from model_server.emotion.voice import Heard, windows
from model_server.speech.layers import convolved, normal, silu, softmax
from model_server.voice.reference import VoiceReference
from s2f_blender_addon.core.channels import EMOTIONS

Floats = npt.NDArray[np.float32]

INPUTS = 82  # 80 bands, pitch, voicing
DILATIONS = (1, 2, 4, 1)
REGISTER_HZ = 160.0


@dataclass(frozen=True)
class ActedCard(EmotionCard):
    """What a file is. labels: the classes that it learned; nets: how many vote; share: the linear judge's vote."""

    FORMAT = "speech2face-voice-emotion/1"

    labels: tuple[str, ...]
    nets: int
    share: float


class ActedModel:
    """The VoiceModel in the file ``path``. Raises UserError when it is no such file."""

    def __init__(self, path: Path) -> None:
        with refused(path, "voice emotion model", "s2f train emotion-voice"):
            self.card, self._arrays = ActedCard.read(path)
            self._sliders = to_sliders(tuple(self.card.labels))
            self.classify(_silence())

    @property
    def id(self) -> str:
        return self.card.id

    @property
    def licence_track(self) -> str:
        return self.card.licence_track

    def hear(self, samples: Floats, progress: Progress = silent, reference: VoiceReference | None = None) -> Heard:
        """Judgements on 16 kHz mono ``samples`` (N,); it has no use for a reference."""
        voice = frames(samples, part(progress, 0.0, 0.5))
        times, rows = [], []
        spans = windows(voice.speech, RATE)
        for i, (first, last) in enumerate(spans):
            progress(0.5 + 0.5 * i / len(spans), "judging the voice")
            times.append((first + last) / 2 / RATE)
            rows.append(self.classify(voice.between(first, last)) @ self._sliders)
        if not rows:
            return Heard(np.zeros(0), np.zeros((0, len(EMOTIONS)), np.float32))
        return Heard(np.array(times), np.array(rows, np.float32))

    def classify(self, window: Frames) -> Floats:
        """(len(labels),) probabilities for one stretch of voice."""
        heard = (inputs(window) - self._arrays["mean"]) / self._arrays["sd"]
        votes = [np.log(softmax(self._net(heard, i)) + 1e-6) for i in range(self.card.nets)]
        described = (functionals(window) - self._arrays["linear.mean"]) / self._arrays["linear.sd"]
        linear = np.clip(described, -5, 5) @ self._arrays["linear.weight"] + self._arrays["linear.bias"]
        opinion = np.mean(votes, axis=0) + self.card.share * np.log(softmax(linear) + 1e-6)
        return softmax(opinion)

    def _net(self, x: Floats, i: int) -> Floats:
        """(classes,) logits of net ``i``."""
        of = f"net{i}."
        a = {name.removeprefix(of): array for name, array in self._arrays.items() if name.startswith(of)}
        x = silu(_normalised(convolved(x, a["stem.weight"], a["stem.bias"])[::2], a, "stem"))
        for k, dilation in enumerate(DILATIONS):
            y = convolved(x, a[f"block{k}.weight"], a[f"block{k}.bias"], dilation)
            x = x + silu(_normalised(y, a, f"block{k}"))
        share = softmax(x @ a["attention.weight"] + a["attention.bias"])
        mean = share @ x
        spread = np.sqrt(np.maximum(share @ x**2 - mean**2, 1e-4))
        return np.asarray(np.concatenate([mean, spread]) @ a["out.weight"] + a["out.bias"], np.float32)


def inputs(window: Frames) -> Floats:
    """(T, 82) at 50 Hz: log bands relative to the stretch's own level, pitch in octaves from 160 Hz, voicing."""
    v = window.trimmed()
    n = max(len(v) // 2 * 2, 2)
    bands = np.resize(v.log_mel, (n, v.log_mel.shape[1])) if len(v) < n else v.log_mel[:n]
    f0 = np.resize(v.f0_hz, n)
    bands = bands - np.log(np.exp(bands).mean())
    octaves = np.where(f0 > 0, np.log2(np.maximum(f0, 1) / REGISTER_HZ), 0)
    every = np.concatenate([bands, octaves[:, None], (f0 > 0)[:, None]], axis=1)
    return np.asarray(every.reshape(-1, 2, INPUTS).mean(1), np.float32)


def _normalised(x: Floats, arrays: Mapping[str, Floats], name: str) -> Floats:
    """Every frame over its channels."""
    return np.asarray(normal(x) * arrays[f"{name}.scale"] + arrays[f"{name}.shift"], np.float32)


def _silence() -> Frames:
    quiet = np.zeros(50, np.float32)
    return Frames(np.full((50, INPUTS - 2), -16.0, np.float32), quiet, quiet - 80, quiet, quiet)
