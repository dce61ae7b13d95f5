"""The shape of the acoustic network, shared by the numpy and torch backends and by training.

A temporal convolutional network (Bai, Kolter and Koltun 2018) with residual blocks: two feature frames are folded
into one, so all deep layers run at 50 Hz; the head unfolds to 100 Hz again. Batch normalisation is folded into the
weights when a model is exported, so what is shipped is matrices, biases and ReLU only.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from model_server.audio.features import BANDS
from s2f_blender_addon.core.errors import UserError


@dataclass(frozen=True)
class Shape:
    """width: channels of the deep layers; dilations: one residual block each; outputs: values a 100 Hz frame.

    causal: the blocks look back only; what an output still looks ahead is ``ahead``.
    """

    outputs: int
    width: int = 256
    bands: int = BANDS
    stem: int = 5
    kernel: int = 3
    dilations: tuple[int, ...] = field(default=(1, 2, 4, 8, 1, 2, 4, 8))
    causal: bool = False

    @property
    def context(self) -> int:
        """50 Hz frames that an output looks to either side, at most."""
        reach = self.kernel - 1 if self.causal else self.kernel // 2
        return self.stem // 2 + sum(self.dilations) * reach + 1

    @property
    def ahead(self) -> int:
        """50 Hz frames that an output looks ahead: stem and head do, and blocks unless they are causal."""
        return self.stem // 2 + 1 if self.causal else self.context

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of the exported arrays; matrices are (kernel, inputs, outputs)."""
        found: dict[str, tuple[int, ...]] = {
            "average": (self.bands,),
            "stem.weight": (self.stem, 2 * self.bands, self.width),
            "stem.bias": (self.width,),
        }
        for i in range(len(self.dilations)):
            found[f"block{i}.spread.weight"] = (self.kernel, self.width, self.width)
            found[f"block{i}.spread.bias"] = (self.width,)
            found[f"block{i}.mix.weight"] = (1, self.width, self.width)
            found[f"block{i}.mix.bias"] = (self.width,)
        found["head.weight"] = (3, self.width, 2 * self.outputs)
        found["head.bias"] = (2 * self.outputs,)
        return found

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> "Shape":
        """Raises UserError when ``data`` does not describe a network of this kind."""
        try:
            return Shape(**{**data, "dilations": tuple(int(d) for d in data["dilations"])})
        except (TypeError, KeyError, ValueError):
            raise UserError("This model describes a network of another kind; it needs another version.") from None
