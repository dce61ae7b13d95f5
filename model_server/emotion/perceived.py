"""Which emotion does a track show? A small classifier on the 52 curves, ours or anybody's.

The idea of judging animation by an emotion classifier on its coefficients is VERHM's. It reads means, spreads and
peaks of the upper face and the mouth over windows of two seconds. Trained on our synthetic emotional set
(``training.emotion.perceived_set``); it tells whether a face is drawn as angry, not whether a person is.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model_server.emotion.untaught import widened
from model_server.speech import weights
from model_server.speech.layers import softmax
from s2f_blender_addon.core.channels import CHANNELS, EMOTIONS, INDEX, mirrored

Floats = npt.NDArray[np.float32]

CLASSES = ("neutral", *EMOTIONS)
WINDOW, HOP = 2.0, 0.5
"""Seconds of a judgement and between judgements."""

FEATURES = 3 * len(CHANNELS)
_BUNDLED = Path(__file__).parent.parent / "weights" / "perceived.safetensors"

MIRROR = [INDEX[mirrored(name)] for name in CHANNELS]


@dataclass(frozen=True)
class Perceived:
    """shares: (1 + E,) of CLASSES over the whole track; over_time: (n, 1 + E) at ``times`` (n,) seconds, middles of
    windows."""

    shares: Floats
    times: npt.NDArray[np.float64]
    over_time: Floats

    @property
    def emotion(self) -> str:
        """The class with the largest share."""
        return CLASSES[int(self.shares.argmax())]


def perceive(values: Floats, fps: float, model: Path = _BUNDLED) -> Perceived:
    """What ``values`` (T, 52) 0-1 at ``fps`` read as, by the classifier in the file ``model``."""
    size, hop = max(1, round(WINDOW * fps)), max(1, round(HOP * fps))
    starts = range(0, max(1, len(values) - size + 1), hop)
    described = np.array([describe(values[start : start + size]) for start in starts])
    shares = _judge(described, _arrays(model, model.stat().st_mtime_ns))
    times = (np.array(starts) + min(size, len(values)) / 2) / fps
    return Perceived(shares.mean(0), times, shares)


def describe(window: Floats) -> Floats:
    """(156,) of a window (n, 52): mean, standard deviation and 90th percentile of every channel."""
    parts = [window.mean(0), window.std(0), np.percentile(window, 90, axis=0)]
    return np.asarray(np.concatenate(parts), np.float32)


@lru_cache(maxsize=2)
def _arrays(model: Path, changed: int) -> dict[str, Floats]:
    return weights.read(model)[0]


def card(model: Path = _BUNDLED) -> dict[str, Any]:
    """How the classifier was made, and its figures."""
    found: dict[str, Any] = json.loads(weights.read(model)[1]["card"])
    return found


def _judge(described: Floats, arrays: dict[str, Floats]) -> Floats:
    """(n, 1 + E) shares of windows (n, 156); a mirrored face counts as much, so sides do not matter."""
    blocks = described.reshape(len(described), 3, len(CHANNELS))
    total = np.zeros((len(described), len(CLASSES)), np.float32)
    weight, bias = widened(arrays["out.weight"], arrays["out.bias"], len(CLASSES))
    for face in (blocks, blocks[:, :, MIRROR]):
        x = (face.reshape(len(described), FEATURES) - arrays["mean"]) / arrays["sd"]
        hidden = np.maximum(np.clip(x, -6, 6) @ arrays["hidden.weight"] + arrays["hidden.bias"], 0)
        logits = hidden @ weight + bias
        total += softmax(logits)
    return total / 2
