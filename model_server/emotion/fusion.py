"""Voice and words fused by gated cross-attention, where trained weights exist; on numpy.

The idea is Speech2Face's: what the voice says asks the sentences, and a gate decides how much of their answer passes.
Here every judgement of the voice attends to the sentences, nearer ones more, or to nothing at all; the gated answer
joins it, a convolution looks at its neighbours in time, and a softmax gives neutral and the emotions. Late fusion by
visible weights (``mixer``) remains the default.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model_server.emotion.card_file import EmotionCard, refused
from model_server.emotion.voice import Heard
from model_server.emotion.words import Sentence
from model_server.speech.layers import sigmoid, silu, softmax
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.errors import UserError

Floats = npt.NDArray[np.float32]

CLASSES = len(EMOTIONS) + 1
FLOOR = 0.01
TAPS = 3
"""Judgements of the voice that the last layer sees side by side."""


@dataclass(frozen=True)
class FusionCard(EmotionCard):
    """What a file is. voice, words: ids of the models whose judgements it learned to weigh."""

    FORMAT = "speech2face-emotion-fusion/1"

    voice: str
    words: str


class GatedFusion:
    """The fusion in the file ``path``. Raises UserError when it is no such file."""

    def __init__(self, path: Path) -> None:
        with refused(path, "emotion fusion", "s2f train emotion-fusion"):
            self.card, self._arrays = FusionCard.read(path)
            self.judge(np.zeros((2, len(EMOTIONS)), np.float32), np.zeros(2), [])

    def check(self, voice: str, words: str) -> None:
        """Raises UserError unless it was trained for the models of these ids."""
        if (voice, words) != (self.card.voice, self.card.words):
            raise UserError(
                f"The emotion fusion {self.card.id} was trained for {self.card.voice} and {self.card.words}, not for "
                f"{voice} and {words}; choose those or leave the fusion out."
            )

    def over_time(self, heard: Heard, said: Sequence[Sentence], count: int, fps: float) -> Floats:
        """(count, E) 0-1 at frames i / fps, as ``Heard.over_time``."""
        if not len(heard.times):
            return heard.over_time(count, fps)
        return Heard(heard.times, self.judge(heard.sliders, heard.times, said)[:, 1:]).over_time(count, fps)

    def judge(self, voice: Floats, times: npt.NDArray[np.float64], said: Sequence[Sentence]) -> Floats:
        """(n, 1 + E) shares of neutral and the emotions for judgements ``voice`` (n, E) at ``times`` (n,) seconds."""
        a = self._arrays
        heard = silu(voice_tokens(voice) @ a["voice.weight"] + a["voice.bias"])
        read = silu(word_tokens(said) @ a["words.weight"] + a["words.bias"])
        keys = np.concatenate([read @ a["key.weight"], a["nothing"][None]])
        values = np.concatenate([read @ a["value.weight"], np.zeros_like(a["nothing"])[None]])
        scores = (heard @ a["query.weight"]) @ keys.T / np.sqrt(keys.shape[1])
        scores[:, :-1] -= np.exp(a["nearness"]) * away(times, said)
        answer = softmax(scores) @ values
        gate = sigmoid(np.concatenate([heard, answer], axis=1) @ a["gate.weight"] + a["gate.bias"])
        joined = heard + gate * answer
        padded = np.pad(joined, ((TAPS // 2, TAPS // 2), (0, 0)))
        around = np.sum([padded[k : k + len(joined)] @ a["time.weight"][k] for k in range(TAPS)], axis=0)
        joined = joined + silu(around + a["time.bias"])
        return np.asarray(softmax(joined @ a["out.weight"] + a["out.bias"]), np.float32)


def voice_tokens(voice: Floats) -> Floats:
    """(n, 1 + E) logarithms of what a voice model gave (n, E), neutral first."""
    neutral = np.maximum(1 - voice.sum(1, keepdims=True), 0)
    return np.asarray(np.log(np.concatenate([neutral, voice], axis=1) + FLOOR), np.float32)


def word_tokens(said: Sequence[Sentence]) -> Floats:
    """(s, E) logarithms of what the sentences gave."""
    scores = np.array([sentence.scores for sentence in said], np.float32).reshape(-1, len(EMOTIONS))
    return np.asarray(np.log(scores + FLOOR), np.float32)


def away(times: npt.NDArray[np.float64], said: Sequence[Sentence]) -> Floats:
    """(n, s) seconds from each time to each sentence; 0 while it is said."""
    start = np.array([sentence.start for sentence in said])
    end = np.array([sentence.end for sentence in said])
    return np.asarray(np.maximum(np.maximum(start - times[:, None], times[:, None] - end), 0), np.float32)
