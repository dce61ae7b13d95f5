"""The acoustic network while it learns (torch), and how it becomes the exported arrays."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from model_server.speech.network import Shape


class AcousticBlock(nn.Module):
    def __init__(self, width: int, kernel: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.spread = nn.Conv1d(width, width, kernel, padding=dilation * (kernel // 2), dilation=dilation, bias=False)
        self.spread_norm = nn.BatchNorm1d(width)
        self.mix = nn.Conv1d(width, width, 1, bias=False)
        self.mix_norm = nn.BatchNorm1d(width)
        # A new block passes its input on (Goyal et al. 2017): a trained network can be deepened.
        nn.init.zeros_(self.mix_norm.weight)
        self.dropout = nn.Dropout1d(dropout)

    def forward(self, x: Tensor) -> Tensor:
        y = torch.relu(self.spread_norm(self.spread(x)))
        return torch.relu(x + self.mix_norm(self.mix(self.dropout(y))))


class Network(nn.Module):
    """(B, T, bands) features with T even to (B, T, outputs) logits."""

    def __init__(self, shape: Shape, dropout: float = 0.05) -> None:
        super().__init__()
        self.shape = shape
        self.average: Tensor
        self.register_buffer("average", torch.zeros(shape.bands))
        self.stem = nn.Conv1d(2 * shape.bands, shape.width, shape.stem, padding=shape.stem // 2, bias=False)
        self.stem_norm = nn.BatchNorm1d(shape.width)
        self.blocks = nn.ModuleList(AcousticBlock(shape.width, shape.kernel, d, dropout) for d in shape.dilations)
        self.head = nn.Conv1d(shape.width, 2 * shape.outputs, 3, padding=1)

    def paces(self) -> list[tuple[list[nn.Parameter], float]]:
        """Parameters with their learning rate as a share of the plan's."""
        return [(list(self.parameters()), 1.0)]

    def arrays(self) -> dict[str, npt.NDArray[np.float32]]:
        """What ``exported`` gives of all that comes before the stem."""
        return {}

    def restore(self, weights: dict[str, Tensor]) -> None:
        """The way back from ``arrays``."""

    def stemmed(self, features: Tensor) -> Tensor:
        """(B, width, T / 2) what the first block sees."""
        batch, frames, bands = features.shape
        folded = features.reshape(batch, frames // 2, 2 * bands).transpose(1, 2)
        return torch.relu(self.stem_norm(self.stem(folded)))

    def deep(self, features: Tensor) -> Tensor:
        """(B, width, T / 2) what the head sees."""
        x = self.stemmed(features)
        for block in self.blocks:
            x = block(x)
        return x

    def forward(self, features: Tensor) -> Tensor:
        logits: Tensor = self.head(self.deep(features))
        batch, _, half = logits.shape
        return logits.transpose(1, 2).reshape(batch, 2 * half, self.shape.outputs)


def _folded(conv: nn.Conv1d, norm: nn.BatchNorm1d) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Weight (kernel, in, out) and bias of a convolution with its batch normalisation."""
    assert norm.running_mean is not None and norm.running_var is not None
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    weight = (conv.weight * scale[:, None, None]).permute(2, 1, 0)
    bias = norm.bias - norm.running_mean * scale
    return weight.detach().contiguous().numpy(), bias.detach().numpy()


def exported(network: Network) -> dict[str, npt.NDArray[np.float32]]:
    """The arrays that ``Shape.tensors`` names."""
    found: dict[str, npt.NDArray[np.float32]] = {"average": network.average.numpy(), **network.arrays()}
    found["stem.weight"], found["stem.bias"] = _folded(network.stem, network.stem_norm)
    for i, block in enumerate(network.blocks):
        assert isinstance(block, AcousticBlock)
        for name in ("spread", "mix"):
            pair = _folded(getattr(block, name), getattr(block, f"{name}_norm"))
            found[f"block{i}.{name}.weight"], found[f"block{i}.{name}.bias"] = pair
    found["head.weight"] = network.head.weight.detach().permute(2, 1, 0).contiguous().numpy()
    assert network.head.bias is not None
    found["head.bias"] = network.head.bias.detach().numpy()
    return found
