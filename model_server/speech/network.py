"""The shape of the acoustic network, shared by the numpy and torch backends and by training.

Two convolutions and the first layers of a transformer, as in Whisper's encoder (Radford et al. 2022), then a temporal
convolutional network (Bai, Kolter and Koltun 2018) with residual blocks; or the latter alone, for which two feature
frames are folded into one. Either way all deep layers run at 50 Hz, and the head unfolds to 100 Hz again. The scales of
all normalisations are folded into the weights when a model is exported.
"""

from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from model_server.audio.features import BANDS
from s2f_blender_addon.core.errors import UserError

WINDOW, MARGIN = 600, 25
"""50 Hz frames that a network sees at a time, and those of its neighbours that it also hears where layers attend."""


LARGEST, MOST_LAYERS = 1 << 16, 64
"""What a file may claim of a network: more is no network, but takes all memory."""


@dataclass(frozen=True)
class Shape:
    """width: channels of the blocks; dilations: one residual block each; outputs: values a 100 Hz frame.

    causal: the blocks look back only; what an output still looks ahead is ``ahead``.
    layers: of the transformer, each of ``states`` numbers a frame and ``heads`` that attend; 0 does without.
    keys, values: numbers a head by which it compares frames, and that it takes from them; wide: of the perceptrons.
    """

    outputs: int
    width: int = 256
    bands: int = BANDS
    stem: int = 5
    kernel: int = 3
    dilations: tuple[int, ...] = field(default=(1, 2, 4, 8, 1, 2, 4, 8))
    causal: bool = False
    layers: int = 0
    states: int = 384
    heads: int = 6
    keys: int = 64
    values: int = 64
    wide: int = 1536

    @property
    def context(self) -> int:
        """50 Hz frames that an output looks to either side, at most; what attends hears windows with such margins."""
        if self.layers:
            return MARGIN
        reach = self.kernel - 1 if self.causal else self.kernel // 2
        return self.stem // 2 + sum(self.dilations) * reach + 1

    @property
    def ahead(self) -> int:
        """50 Hz frames that an output looks ahead: stem, head, blocks unless causal, layers to the end."""
        if self.layers:
            return WINDOW + MARGIN
        return self.stem // 2 + 1 if self.causal else self.context

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of the exported arrays; matrices are (kernel, inputs, outputs)."""
        into = self.states if self.layers else 2 * self.bands
        found: dict[str, tuple[int, ...]] = {
            "average": (self.bands,),
            "stem.weight": (self.stem, into, self.width),
            "stem.bias": (self.width,),
        }
        if self.layers:
            found |= self._attending()
        for i in range(len(self.dilations)):
            found[f"block{i}.spread.weight"] = (self.kernel, self.width, self.width)
            found[f"block{i}.spread.bias"] = (self.width,)
            found[f"block{i}.mix.weight"] = (1, self.width, self.width)
            found[f"block{i}.mix.bias"] = (self.width,)
        found["head.weight"] = (3, self.width, 2 * self.outputs)
        found["head.bias"] = (2 * self.outputs,)
        return found

    def _attending(self) -> dict[str, tuple[int, ...]]:
        n = self.states
        sizes: dict[str, tuple[int, ...]] = {"first": (3, self.bands, n), "second": (3, n, n)}
        for i in range(self.layers):
            sizes[f"layer{i}.attend"] = (n, self.heads * (2 * self.keys + self.values))
            sizes[f"layer{i}.join"] = (self.heads * self.values, n)
            sizes |= {f"layer{i}.widen": (n, self.wide), f"layer{i}.narrow": (self.wide, n)}
        weights = {f"{name}.weight": size for name, size in sizes.items()}
        return weights | {f"{name}.bias": size[-1:] for name, size in sizes.items()}

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> "Shape":
        """Raises UserError when ``data`` does not describe a network of this kind."""
        try:
            dilations = tuple(int(d) for d in data["dilations"])
            shape = Shape(**{**data, "dilations": dilations})
            sizes = (*dilations, *(getattr(shape, f.name) for f in fields(shape) if f.name != "dilations"))
            if not all(isinstance(n, int) and 0 <= n <= LARGEST for n in sizes):
                raise ValueError("sizes")
            if max(shape.layers, len(dilations)) > MOST_LAYERS or shape.states % 2:
                raise ValueError("layers")
            return shape
        except (TypeError, KeyError, ValueError, OverflowError):
            raise UserError("This model describes a network of another kind; it needs another version.") from None


@lru_cache(maxsize=8)
def positions(frames: int, states: int) -> npt.NDArray[np.float32]:
    """(frames, states) sines and cosines that tell a layer where in its window a frame is (Vaswani et al. 2017)."""
    rates = np.exp(-np.log(10000) / (states // 2 - 1) * np.arange(states // 2))
    angles = np.arange(frames)[:, None] * rates
    found: npt.NDArray[np.float32] = np.concatenate([np.sin(angles), np.cos(angles)], 1).astype(np.float32)
    return found
