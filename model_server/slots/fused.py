"""Trained fusions in numpy: content, emotion, level and identity to 52 curves, 50 times a second.

``film-gru`` follows EmoTalk_v0002 (MarkZhang99/Editable_Audio-to-3D_Animation_by_AI): a bidirectional GRU encodes the
emotion over time, its state modulates the content by FiLM (Perez et al. 2018), level and identity embeddings join
behind it. Three things differ: FiLM is (1 + gamma) x + beta, so that it starts by passing the content on; the level is
a strength (theirs is the index of an emotion); the transformer decoder is a small convolutional one. ``concat`` is the
plain baseline: the same decoder on content, emotion, level and identity side by side.

The content is posteriors of phones and the voice's loudness, so that every encoder fits every fusion.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from model_server.cancel import Progress, part, silent
from model_server.face.compensate import apart, rounded
from model_server.face.expressions import Expression
from model_server.face.life import Performance
from model_server.face.mood import mood
from model_server.slots.can import Can
from model_server.speech.backend import Weights
from model_server.speech.coarticulation import voice
from model_server.speech.layers import convolved
from model_server.speech.phones import CLASSES
from model_server.speech.sampled import read_at
from s2f_blender_addon.core.acting import Acting
from s2f_blender_addon.core.channels import CHANNELS, EMOTIONS, INDEX, mirrored
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.request import Side

Array = npt.NDArray[np.float32]

RATE = 50.0
STEM = 5
"""Frames at RATE that the first convolution sees."""
LEVELS = (0.0, 0.5, 1.0, 1.5, 2.0)
"""Where the level embedding has rows; between them it is linear."""
CONTENT = len(CLASSES) + 1
BLOCK = 3000
"""Frames that the decoder sees at a time, without context."""

SPOKEN = [i for i, name in enumerate(CHANNELS) if name.startswith(("mouth", "jaw", "tongue"))]
"""What the talk layer may move; the rest of a neutral face is for blinks, gaze and brows."""
_MIRROR = [INDEX[mirrored(name)] for name in CHANNELS]


@dataclass(frozen=True)
class FusionShape:
    """temporal: FiLM over a bidirectional GRU of ``hidden`` units a side, else ``concat``. identities: whose mouths.

    width, dilations: of the decoder's residual blocks. embed: size of the level's and the identity's embedding.
    """

    temporal: bool
    identities: tuple[str, ...]
    width: int = 160
    dilations: tuple[int, ...] = (1, 2, 4, 8)
    hidden: int = 64
    embed: int = 16

    @property
    def context(self) -> int:
        """Frames at RATE that the decoder looks to either side."""
        return STEM // 2 + sum(self.dilations)

    @property
    def felt(self) -> int:
        """Numbers a frame that encode the emotion: the sliders times the level, and the level's embedding."""
        return len(EMOTIONS) + self.embed

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of the arrays; convolutions are (kernel, inputs, outputs)."""
        aside = 2 * self.embed  # level and identity
        found: dict[str, tuple[int, ...]] = {
            "level": (len(LEVELS), self.embed),
            "identity": (len(self.identities), self.embed),
            "head.weight": (1, self.width, len(CHANNELS)),
            "head.bias": (len(CHANNELS),),
        }
        if self.temporal:
            found |= {
                "stem.weight": (STEM, CONTENT, self.width),
                "stem.bias": (self.width,),
                "gru.input.weight": (2, self.felt + 1, 3 * self.hidden),
                "gru.input.bias": (2, 3 * self.hidden),
                "gru.state.weight": (2, self.hidden, 3 * self.hidden),
                "gru.state.bias": (2, 3 * self.hidden),
                "film.weight": (1, 2 * self.hidden, 2 * self.width),
                "film.bias": (2 * self.width,),
                "join.weight": (1, self.width + aside, self.width),
                "join.bias": (self.width,),
            }
        else:
            found |= {
                "stem.weight": (STEM, CONTENT + len(EMOTIONS) + aside, self.width),
                "stem.bias": (self.width,),
            }
        for i in range(len(self.dilations)):
            found[f"block{i}.spread.weight"] = (3, self.width, self.width)
            found[f"block{i}.mix.weight"] = (1, self.width, self.width)
            found[f"block{i}.spread.bias"] = found[f"block{i}.mix.bias"] = (self.width,)
        return found

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> "FusionShape":
        """Raises TypeError, KeyError or ValueError when ``data`` is no such shape."""
        dilations, identities = tuple(map(int, data["dilations"])), tuple(map(str, data["identities"]))
        return FusionShape(**{**data, "dilations": dilations, "identities": identities})


class Fused:
    """Entries ``concat`` and ``film-gru``: a shape and its weights. ``identity`` (n,) mixes the identities, sum 1."""

    def __init__(self, shape: FusionShape, weights: Weights, identity: Array) -> None:
        self.shape, self.identity = shape, identity
        self._weights = weights

    @staticmethod
    def tensors(settings: dict[str, Any]) -> dict[str, tuple[int, ...]]:
        return FusionShape.from_json(settings["shape"]).tensors()

    @classmethod
    def open(cls, settings: dict[str, Any], weights: Weights) -> "Fused":
        """``settings``: ``shape`` and ``identity``. Raises KeyError, TypeError or ValueError where they are others."""
        shape = FusionShape.from_json(settings["shape"])
        identity = np.array(settings["identity"], np.float32)
        if identity.shape != (len(shape.identities),):
            raise ValueError("identity")
        return cls(shape, weights, identity)

    @property
    def can(self) -> Can:
        """Whose mouth it speaks with."""
        return Can(identities=self.shape.identities)

    def acted(self, acting: Acting) -> "Fused":
        """With the mouth of one identity alone. Raises UserError that lists them for one that it does not know."""
        if replace(acting, identity="") != Acting():
            raise UserError(
                "Level, person, closures, smoothing and blinks are for a checkpoint of others; leave them as they are."
            )
        if not acting.identity:
            return self
        if acting.identity not in self.shape.identities:
            known = ", ".join(self.shape.identities)
            raise UserError(f"This model has no identity {acting.identity!r}; choose from {known}.")
        alone = np.array([name == acting.identity for name in self.shape.identities], np.float32)
        return Fused(self.shape, self._weights, alone)

    def shapes(self, phones: Array, loudness: Array, rate: float) -> Array:
        """(T, 52) at ``rate`` of a neutral face, 0-1, before seals and rest; (T, K) ``phones``, (T,) ``loudness``."""
        curves = self.run(content(phones, loudness, rate), None)
        spoken = np.zeros_like(curves)
        spoken[:, SPOKEN] = np.clip(curves[:, SPOKEN], 0, 1)
        return read_at(spoken, RATE, np.arange(len(phones)) / rate)

    def mood(
        self,
        emotion: Array,
        performance: Performance,
        expressions: Sequence[Expression] | None = None,
        side: Side = "left",
        progress: Progress = silent,
    ) -> Array:
        """(T, 52) that ``emotion`` at level 1 adds to the neutral face; see ``face.mood.mood``.

        Emotions of a user are not in the weights: rules add them.
        """
        talk, fps = performance.talk, performance.fps
        ours = emotion[:, : len(EMOTIONS)]
        added = np.zeros((len(emotion), len(CHANNELS)), np.float32)
        if ours.any():
            heard = content(talk.phones, talk.loudness, fps)
            grid = np.arange(len(heard)) / RATE
            felt = read_at(np.ascontiguousarray(ours), fps, grid)
            face = self.run(heard, felt, progress=part(progress, 0.0, 0.8)) - self.run(heard, None)
            if side == "right":
                face = face[:, _MIRROR]
            added += np.clip(read_at(face, RATE, np.arange(len(emotion)) / fps), -1, 1)
            added = apart(rounded(added, talk), talk)
        if emotion[:, len(EMOTIONS) :].any():
            rest = emotion.copy()
            rest[:, : len(EMOTIONS)] = 0
            added += mood(rest, performance, expressions, side)
        return added

    def run(self, heard: Array, emotion: Array | None, level: float = 1.0, progress: Progress = silent) -> Array:
        """(T, 52), not clamped, of ``content`` (T, 45) and sliders (T, E) at ``level`` 0-2; None is neutral."""
        sliders = np.zeros((len(heard), len(EMOTIONS)), np.float32) if emotion is None else emotion
        # What is not felt has no level: sliders at 0, or level 0, are the neutral face at every level.
        strength = sliders.max(1) * level
        felt = np.concatenate([sliders * level, self._level(strength)], 1).astype(np.float32)
        state = self._encoded(np.concatenate([felt, heard[:, -1:]], 1)) if self.shape.temporal else None
        out = np.empty((len(heard), len(CHANNELS)), np.float32)
        reach = self.shape.context
        for start in range(0, len(heard), BLOCK):
            progress(start / len(heard), "Fusing speech and emotion")
            stop = min(start + BLOCK, len(heard))
            first, last = max(0, start - reach), min(len(heard), stop + reach)
            now = slice(first, last)
            block = self._decoded(heard[now], felt[now], None if state is None else state[now])
            out[start:stop] = block[start - first : stop - first]
        return out

    def _level(self, strength: Array) -> Array:
        table = self._weights["level"]
        position = np.clip(strength / LEVELS[1], 0, len(LEVELS) - 1.0001)
        low = position.astype(np.int64)
        share = (position - low)[:, None]
        return np.asarray(table[low] * (1 - share) + table[low + 1] * share, np.float32)

    def _encoded(self, felt: Array) -> Array:
        """(T, 2 hidden) state of the GRU, forwards and backwards, which runs at half of RATE."""
        if len(felt) % 2:
            felt = np.concatenate([felt, felt[-1:]])
        halved = felt.reshape(len(felt) // 2, 2, -1).mean(1)
        w = self._weights
        both = np.stack([halved, halved[::-1]])
        inputs = both @ w["gru.input.weight"] + w["gru.input.bias"][:, None]
        states = recurrent(inputs, w["gru.state.weight"], w["gru.state.bias"])
        joined = np.concatenate([states[0], states[1, ::-1]], 1)
        return np.repeat(joined, 2, 0)

    def _decoded(self, heard: Array, felt: Array, state: Array | None) -> Array:
        w = self._weights
        who = np.broadcast_to(self.identity @ w["identity"], (len(heard), self.shape.embed))
        level = felt[:, len(EMOTIONS) :]
        if state is None:
            x = _layer(np.concatenate([heard, felt, who], 1), w, "stem")
        else:
            film = state @ w["film.weight"][0] + w["film.bias"]
            x = _layer(heard, w, "stem") * (1 + film[:, : self.shape.width]) + film[:, self.shape.width :]
            x = _layer(np.concatenate([x, level, who], 1), w, "join")
        for i, dilation in enumerate(self.shape.dilations):
            y = _layer(x, w, f"block{i}.spread", dilation)
            x = np.maximum(x + convolved(y, w[f"block{i}.mix.weight"], w[f"block{i}.mix.bias"]), 0)
        return convolved(x, w["head.weight"], w["head.bias"])


def content(phones: Array, loudness: Array, rate: float) -> Array:
    """(T, 45) at RATE from posteriors (N, 44) and log loudness (N,) at ``rate``; the voice (0-1.2) comes last."""
    times = np.arange(int((len(phones) - 1) / rate * RATE + 1e-9) + 1) / RATE
    return read_at(np.concatenate([phones, voice(loudness)[:, None]], 1), rate, times)


def recurrent(inputs: Array, weight: Array, bias: Array) -> Array:
    """States (2, T, H) of two gated recurrent units (Cho et al. 2014) from their inputs' products (2, T, 3 H).

    ``weight`` (2, H, 3 H) and ``bias`` (2, 3 H): reset, update, new, as in torch.
    """
    hidden = weight.shape[1]
    states = np.empty((2, inputs.shape[1], hidden), np.float32)
    state = np.zeros((2, hidden), np.float32)
    for t in range(inputs.shape[1]):
        given, kept = inputs[:, t], (state[:, None] @ weight)[:, 0] + bias
        gates = 1 / (1 + np.exp(-(given[:, : 2 * hidden] + kept[:, : 2 * hidden])))
        reset, update = gates[:, :hidden], gates[:, hidden:]
        new = np.tanh(given[:, 2 * hidden :] + reset * kept[:, 2 * hidden :])
        state = (1 - update) * new + update * state
        states[:, t] = state
    return states


def _layer(x: Array, weights: Weights, name: str, dilation: int = 1) -> Array:
    y = convolved(x, weights[f"{name}.weight"], weights[f"{name}.bias"], dilation)
    return np.maximum(y, 0, out=y)
