"""A voice model learned from acted emotion, on numpy: a few small nets and a linear judge that vote.

``s2f train emotion-voice`` makes its file from recordings that a user has (RAVDESS: for research only, never
shipped). Every net hears mel bands and pitch through dilated convolutions and attentive statistics pooling (Okabe,
Koshinaka and Shinoda, Interspeech 2018); the linear judge (Fisher's discriminant, shrunken covariance) reads the
functionals of the stretch.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model_server.cancel import Progress, part, silent
from model_server.emotion.functionals import RATE, Frames, frames, functionals
from model_server.emotion.labels import to_sliders
from model_server.emotion.voice import Heard, windows
from model_server.speech import weights
from model_server.voice.reference import VoiceReference
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.errors import UserError

Floats = npt.NDArray[np.float32]

FORMAT = "speech2face-voice-emotion/1"
INPUTS = 82  # 80 bands, pitch, voicing
DILATIONS = (1, 2, 4, 1)
REGISTER_HZ = 160.0
_EPSILON = 1e-5


@dataclass(frozen=True)
class ActedCard:
    """What a file is. labels: the classes that it learned; nets: how many vote; share: the linear judge's vote."""

    id: str
    licence_track: str
    licence: str
    labels: tuple[str, ...]
    nets: int
    share: float
    made: dict[str, Any]

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT, **self.__dict__, "labels": list(self.labels)}, ensure_ascii=False)


class ActedModel:
    """The VoiceModel in the file ``path``. Raises UserError when it is no such file."""

    def __init__(self, path: Path) -> None:
        self._arrays, notes = weights.read(path)
        try:
            data = json.loads(notes["card"])
            if data.pop("format") != FORMAT:
                raise ValueError
            self.card = ActedCard(**{**data, "labels": tuple(data["labels"])})
            self._sliders = to_sliders(self.card.labels)
            self.classify(_silence())
        except (KeyError, TypeError, ValueError):
            raise UserError(f"{path} is no voice emotion model; make one with s2f train emotion-voice.") from None

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
        votes = [np.log(_softmax(self._net(heard, i)) + 1e-6) for i in range(self.card.nets)]
        described = (functionals(window) - self._arrays["linear.mean"]) / self._arrays["linear.sd"]
        linear = np.clip(described, -5, 5) @ self._arrays["linear.weight"] + self._arrays["linear.bias"]
        opinion = np.mean(votes, axis=0) + self.card.share * np.log(_softmax(linear) + 1e-6)
        return _softmax(opinion)

    def _net(self, x: Floats, i: int) -> Floats:
        """(classes,) logits of net ``i``."""

        def array(name: str) -> Floats:
            return self._arrays[f"net{i}.{name}"]

        x = _silu(_normalised(_convolved(x, array("stem.weight"), array("stem.bias"), 1, 2), array, "stem"))
        for k, dilation in enumerate(DILATIONS):
            y = _convolved(x, array(f"block{k}.weight"), array(f"block{k}.bias"), dilation, 1)
            x = x + _silu(_normalised(y, array, f"block{k}"))
        share = _softmax(x @ array("attention.weight") + array("attention.bias"))
        mean = share @ x
        spread = np.sqrt(np.maximum(share @ x**2 - mean**2, 1e-4))
        return np.asarray(np.concatenate([mean, spread]) @ array("out.weight") + array("out.bias"), np.float32)


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


def _convolved(x: Floats, weight: Floats, bias: Floats, dilation: int, stride: int) -> Floats:
    """(T', outputs): ``weight`` is (5, inputs, outputs), ends padded with zeros."""
    taps = len(weight)
    reach = taps // 2 * dilation
    padded = np.pad(x, ((reach, reach), (0, 0)))
    steps = (len(x) - 1) // stride + 1
    total = np.broadcast_to(bias, (steps, len(bias))).astype(np.float32)
    for k in range(taps):
        total = total + padded[k * dilation : k * dilation + len(x) : stride][:steps] @ weight[k]
    return np.asarray(total, np.float32)


def _normalised(x: Floats, array: Any, name: str) -> Floats:
    """Every frame over its channels."""
    scaled = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + _EPSILON)
    return np.asarray(scaled * array(f"{name}.scale") + array(f"{name}.shift"), np.float32)


def _silu(x: Floats) -> Floats:
    return np.asarray(x / (1 + np.exp(-np.clip(x, -60, 60))), np.float32)


def _softmax(x: Floats) -> Floats:
    raised = np.exp(x - x.max())
    return np.asarray(raised / raised.sum(), np.float32)


def _silence() -> Frames:
    quiet = np.zeros(50, np.float32)
    return Frames(np.full((50, INPUTS - 2), -16.0, np.float32), quiet, quiet - 80, quiet, quiet)
