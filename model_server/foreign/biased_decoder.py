"""The decoder of EmoTalk's family: causal attention that fades with distance in periods, and a diagonal memory.

FaceFormer's biased attention (Fan et al., CVPR 2022). Frame i sees only frame i of the memory, so cross-attention is
two linear layers; self-attention runs over blocks of frames, in memory that grows with T and not with its square.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

BLOCK = 512
"""Frames whose attention is computed at once."""
MOST_SCORES = 1 << 24
"""Scores of one head that are held at once: of a long sound, fewer frames."""


class BiasedDecoderLayer(nn.TransformerDecoderLayer):
    """torch's post-norm layer by its names, with the bias in place of a mask. Frames are (T, width)."""

    def __init__(self, width: int, heads: int, inner: int, period: int) -> None:
        super().__init__(width, heads, inner, dropout=0.0, batch_first=True)
        self.heads, self.period = heads, period

    def forward(self, tgt: Tensor, memory: Tensor) -> Tensor:  # type: ignore[override]
        """(T, width) of frames (T, width) and their memory (T, width)."""
        x = self.norm1(tgt + self._self_attention(tgt))
        x = self.norm2(x + self._memory(memory))
        result: Tensor = self.norm3(x + self.linear2(torch.relu(self.linear1(x))))
        return result

    def _self_attention(self, x: Tensor) -> Tensor:
        count, width = x.shape
        qkv = linear(x, self.self_attn.in_proj_weight, self.self_attn.in_proj_bias)
        q, k, v = qkv.view(count, 3, self.heads, width // self.heads).permute(1, 2, 0, 3)
        slopes = torch.tensor(bias_slopes(self.heads), device=x.device)[:, None, None]
        at = torch.arange(count, device=x.device)
        seen = []
        block = max(1, min(BLOCK, MOST_SCORES // count))
        for first in range(0, count, block):
            last = min(first + block, count)
            apart = at[first:last, None] - at[None, :last]
            bias = -slopes * (apart // self.period)
            scores = q[:, first:last] @ k[:, :last].transpose(1, 2) / math.sqrt(width // self.heads) + bias
            seen.append(torch.softmax(scores.masked_fill(apart < 0, -torch.inf), -1) @ v[:, :last])
        mixed = torch.cat(seen, 1).transpose(0, 1).reshape(count, width)
        result: Tensor = self.self_attn.out_proj(mixed)
        return result

    def _memory(self, memory: Tensor) -> Tensor:
        width = memory.shape[1]
        weight, bias = self.multihead_attn.in_proj_weight[2 * width :], self.multihead_attn.in_proj_bias[2 * width :]
        result: Tensor = self.multihead_attn.out_proj(linear(memory, weight, bias))
        return result


class BiasedDecoder(nn.Module):
    """``depth`` layers, one after the other."""

    def __init__(self, depth: int, width: int, heads: int, inner: int, period: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(BiasedDecoderLayer(width, heads, inner, period) for _ in range(depth))

    def forward(self, frames: Tensor, memory: Tensor) -> Tensor:
        """(T, width) of (T, width) and their memory (T, width)."""
        for layer in self.layers:
            frames = layer(frames, memory)
        return frames


def bias_slopes(heads: int) -> list[float]:
    """r, r^2, … with r = 2^(-2^(3 - log2 heads)): 1/4 … 1/256 for four heads (ALiBi, Press et al. 2022)."""
    ratio = 2.0 ** (-(2.0 ** (3 - math.log2(heads))))
    return [ratio ** (i + 1) for i in range(heads)]
