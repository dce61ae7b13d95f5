"""The graph of emotion2vec (Ma et al., ACL Findings 2024), a data2vec 2.0 audio encoder (Baevski et al. 2023).

transformers has no such class. Modules here carry our own names; ``emotion2vec`` maps the published checkpoints' keys
on them and reads every size from the tensors themselves.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, layer_norm, pad, scaled_dot_product_attention

CONVOLUTIONS = ((10, 5), (3, 2), (3, 2), (3, 2), (3, 2), (2, 2), (2, 2))
"""Kernel and stride of the waveform's convolutions: 16 kHz to about 50 frames a second."""


@dataclass(frozen=True)
class Size:
    """Everything that tells one checkpoint from another."""

    width: int = 768
    heads: int = 12
    channels: int = 512
    hidden: int = 3072
    first_blocks: int = 4
    blocks: int = 8
    positions: int = 5
    kernel: int = 19
    groups: int = 16
    tokens: int = 10
    classes: int = 0


class AttentionBlock(nn.Module):
    """Post-norm transformer block whose attention is biased by distance."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.heads = size.heads
        self.qkv = nn.Linear(size.width, 3 * size.width)
        self.mix = nn.Linear(size.width, size.width)
        self.up = nn.Linear(size.width, size.hidden)
        self.down = nn.Linear(size.hidden, size.width)
        self.after_attention, self.after_mlp = nn.LayerNorm(size.width), nn.LayerNorm(size.width)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """(batch, T, width); ``bias`` (1, heads, T, T) is added to the attention's scores."""
        batch, frames, width = x.shape
        q, k, v = self.qkv(x).view(batch, frames, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        seen = scaled_dot_product_attention(q, k, v, attn_mask=bias).transpose(1, 2).reshape(batch, frames, width)
        x = self.after_attention(x + self.mix(seen))
        result: Tensor = self.after_mlp(x + self.down(gelu(self.up(x))))
        return result


class Emotion2vec(nn.Module):
    """Waveforms to frames of features, and to class logits where the checkpoint has a classifier."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.size = size
        inputs = [1] + [size.channels] * (len(CONVOLUTIONS) - 1)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(n, size.channels, kernel, stride, bias=False)
            for n, (kernel, stride) in zip(inputs, CONVOLUTIONS, strict=True)
        )
        self.convolution_norms = nn.ModuleList(nn.LayerNorm(size.channels) for _ in CONVOLUTIONS)
        self.feature_norm = nn.LayerNorm(size.channels)
        self.feature = nn.Linear(size.channels, size.width)
        self.positions = nn.ModuleList(
            nn.Conv1d(size.width, size.width, size.kernel, padding=size.kernel // 2, groups=size.groups)
            for _ in range(size.positions)
        )
        self.tokens = nn.Parameter(torch.zeros(1, size.tokens, size.width))
        self.distance_scale = nn.Parameter(torch.ones(1, 1, size.heads, 1, 1))
        self.norm = nn.LayerNorm(size.width)
        self.blocks = nn.ModuleList(AttentionBlock(size) for _ in range(size.first_blocks + size.blocks))
        self.classifier = nn.Linear(size.width, size.classes) if size.classes else None

    def forward(self, samples: Tensor) -> Tensor:
        """(batch, N) 16 kHz to (batch, T, width) at about 50 frames a second. Needs at least 400 samples."""
        x = layer_norm(samples, samples.shape[-1:])[:, None]
        for convolution, norm in zip(self.convolutions, self.convolution_norms, strict=True):
            x = gelu(norm(convolution(x).transpose(1, 2)).transpose(1, 2))
        x = self.feature(self.feature_norm(x.transpose(1, 2)))
        where = x.transpose(1, 2)
        for position in self.positions:
            where = position(where)[..., : x.shape[1]].transpose(1, 2)
            where = gelu(layer_norm(where, where.shape[-1:])).transpose(1, 2)
        x = x + where.transpose(1, 2)
        # The extra tokens come first, and distance means nothing to them.
        bias = self.distance_scale[0].clamp_min(0) * distances(x.shape[1], self.size.heads).to(x)
        bias = pad(bias, (self.size.tokens, 0, self.size.tokens, 0))
        x = self.norm(torch.cat([self.tokens.expand(len(x), -1, -1), x], 1))
        for block in self.blocks:
            x = block(x, bias)
        features: Tensor = x[:, self.size.tokens :]
        return features

    def classify(self, samples: Tensor) -> Tensor:
        """(batch, classes) probabilities over the whole of ``samples``. Needs a checkpoint with a classifier."""
        if self.classifier is None:
            raise ValueError("this emotion2vec has no classifier")
        return torch.softmax(self.classifier(self(samples).mean(1)), -1)


def distances(frames: int, heads: int) -> Tensor:
    """(1, heads, T, T): minus the distance in frames times each head's slope (ALiBi, Press et al. 2022), both ways."""
    at = torch.arange(frames, dtype=torch.float32)
    apart = -(at[None] - at[:, None]).abs()
    return (torch.tensor(_slopes(heads))[:, None, None] * apart)[None]


def _slopes(heads: int) -> list[float]:
    """A geometric series; where ``heads`` is no power of two, the rest comes from between the next one's."""
    whole = 2 ** math.floor(math.log2(heads))
    slopes = [2 ** (-8 * (i + 1) / whole) for i in range(whole)]
    return slopes + [2 ** (-8 * (i + 1) / (2 * whole)) for i in range(0, 2 * (heads - whole), 2)]
