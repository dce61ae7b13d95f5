"""The network with a transformer before its blocks, while it learns (torch)."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from model_server.speech.layers import TINY
from model_server.speech.network import Shape, positions
from model_server.speech.torch_backend import attention
from model_server.training.network.acoustic import Network

PACE = 0.1
"""Learning rate of what already knows speech, as a share of the others'."""
LONGEST = 1500
LATEST = 250
"""Frames at 50 Hz: how long a window may be, and how late in it a training clip may begin."""


class EncoderLayer(nn.Module):
    """One layer of Whisper's encoder: attention and a wide perceptron, each normalised first."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.heads = shape.heads
        self.sizes = [shape.heads * size for size in (shape.keys, shape.keys, shape.values)]
        self.attend_norm = nn.LayerNorm(shape.states, eps=TINY)
        self.attend = nn.Linear(shape.states, sum(self.sizes))
        self.join = nn.Linear(self.sizes[2], shape.states)
        self.widen_norm = nn.LayerNorm(shape.states, eps=TINY)
        self.widen = nn.Linear(shape.states, shape.wide)
        self.narrow = nn.Linear(shape.wide, shape.states)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        three = self.attend(self.attend_norm(x)).split(self.sizes, 2)
        query, key, value = (one.unflatten(2, (self.heads, -1)).transpose(1, 2) for one in three)
        heard = attention(query, key, value, query.shape[-1] ** -0.5)
        x = x + self.dropout(self.join(heard.transpose(1, 2).flatten(2)))
        wide = functional.gelu(self.widen(self.widen_norm(x)), approximate="tanh")
        found: Tensor = x + self.dropout(self.narrow(wide))
        return found


class Listening(Network):
    """As ``Network``, for a shape with layers."""

    def __init__(self, shape: Shape, dropout: float = 0.05) -> None:
        super().__init__(shape, dropout)
        n = shape.states
        self.first = nn.Conv1d(shape.bands, n, 3, padding=1)
        self.second = nn.Conv1d(n, n, 3, stride=2, padding=1)
        self.layers = nn.ModuleList(EncoderLayer(shape, dropout) for _ in range(shape.layers))
        self.stem = nn.Conv1d(n, shape.width, shape.stem, padding=shape.stem // 2, bias=False)
        self.place: Tensor
        self.register_buffer("place", torch.from_numpy(positions(LONGEST, n)), persistent=False)

    def stemmed(self, features: Tensor) -> Tensor:
        x = functional.gelu(self.first(features.transpose(1, 2)), approximate="tanh")
        x = functional.gelu(self.second(x), approximate="tanh").transpose(1, 2)
        start = int(torch.randint(LATEST, ())) if self.training else 0
        x = x + self.place[start : start + x.shape[1]]
        for layer in self.layers:
            x = layer(x)
        heard = functional.layer_norm(x, x.shape[-1:], eps=TINY)
        return torch.relu(self.stem_norm(self.stem(heard.transpose(1, 2))))

    def paces(self) -> list[tuple[list[nn.Parameter], float]]:
        known = [*self.first.parameters(), *self.second.parameters(), *self.layers.parameters()]
        ours = {id(p) for p in known}
        return [(known, PACE), ([p for p in self.parameters() if id(p) not in ours], 1.0)]

    def arrays(self) -> dict[str, npt.NDArray[np.float32]]:
        found = {**_taps("first", self.first), **_taps("second", self.second)}
        for i, layer in enumerate(self.layers):
            assert isinstance(layer, EncoderLayer)
            attend, bias = _scaled(layer.attend, layer.attend_norm)
            # Queries carry the scale of the products (Vaswani et al. 2017), so that attention need not.
            queries, scale = slice(self.shape.heads * self.shape.keys), self.shape.keys**-0.5
            attend[:, queries] *= scale
            bias[queries] *= scale
            found |= {f"layer{i}.attend.weight": attend, f"layer{i}.attend.bias": bias}
            widen, bias = _scaled(layer.widen, layer.widen_norm)
            found |= {f"layer{i}.widen.weight": widen, f"layer{i}.widen.bias": bias}
            for name in ("join", "narrow"):
                plain = getattr(layer, name)
                found[f"layer{i}.{name}.weight"] = plain.weight.detach().T.contiguous().numpy()
                found[f"layer{i}.{name}.bias"] = plain.bias.detach().numpy()
        return found

    def restore(self, weights: dict[str, Tensor]) -> None:
        for name in ("first", "second"):
            conv = getattr(self, name)
            conv.weight.data.copy_(weights[f"{name}.weight"].permute(2, 1, 0))
            conv.bias.data.copy_(weights[f"{name}.bias"])
        for i, layer in enumerate(self.layers):
            for name in ("attend", "join", "widen", "narrow"):
                linear = getattr(layer, name)
                linear.weight.data.copy_(weights[f"layer{i}.{name}.weight"].T)
                linear.bias.data.copy_(weights[f"layer{i}.{name}.bias"])
            assert isinstance(layer, EncoderLayer)
            queries, scale = slice(self.shape.heads * self.shape.keys), self.shape.keys**0.5
            layer.attend.weight.data[queries] *= scale
            layer.attend.bias.data[queries] *= scale


def _taps(name: str, conv: nn.Conv1d) -> dict[str, npt.NDArray[np.float32]]:
    assert conv.bias is not None
    weight = conv.weight.detach().permute(2, 1, 0).contiguous().numpy()
    return {f"{name}.weight": weight, f"{name}.bias": conv.bias.detach().numpy()}


def _scaled(linear: nn.Linear, norm: nn.LayerNorm) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Weight (in, out) and bias of a linear map behind a layer normalisation, with that one's scale and shift."""
    weight = (linear.weight * norm.weight).T.detach().contiguous().numpy()
    bias = (linear.bias + linear.weight @ norm.bias).detach().numpy()
    return weight, bias
