"""The small transformer that ProbTalk3D and LSF share: pre-norm, bias-free qkv, attention scaled by the whole width.

Learning to Listen's blocks (Ng et al., CVPR 2022), by the names of published files. Frames are (T, width).
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, instance_norm, leaky_relu

HEADS = 8
SLOPE = 0.2


class Attention(nn.Module):
    """Self-attention; its scores are divided by the root of the whole width, not of a head's."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.to_qkv = nn.Linear(width, 3 * width, bias=False)
        self.to_out = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(T, width) of (T, width)."""
        count, width = x.shape
        q, k, v = self.to_qkv(x).view(count, 3, HEADS, width // HEADS).permute(1, 2, 0, 3)
        seen = torch.softmax(q @ k.transpose(1, 2) / math.sqrt(width), -1) @ v
        result: Tensor = self.to_out(seen.transpose(0, 1).reshape(count, width))
        return result


class FeedForward(nn.Module):
    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.l1, self.l2 = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, x: Tensor) -> Tensor:
        """(T, width) of (T, width)."""
        result: Tensor = self.l2(gelu(self.l1(x), approximate="tanh"))
        return result


class _Normed(nn.Module):
    def __init__(self, width: int, fn: nn.Module) -> None:
        super().__init__()
        self.norm, self.fn = nn.LayerNorm(width), fn


class _ResidualStep(nn.Module):
    """x + fn(norm(x)); the nesting is that of the names."""

    def __init__(self, width: int, fn: nn.Module) -> None:
        super().__init__()
        self.fn = _Normed(width, fn)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = x + self.fn.fn(self.fn.norm(x))
        return result


class Transformer(nn.Module):
    """``depth`` layers of attention and feed-forward."""

    def __init__(self, width: int, inner: int, depth: int) -> None:
        super().__init__()
        steps = ((Attention(width), FeedForward(width, inner)) for _ in range(depth))
        self.net = nn.Sequential(*(_ResidualStep(width, module) for pair in steps for module in pair))

    def forward(self, x: Tensor) -> Tensor:
        """(T, width) of (T, width)."""
        result: Tensor = self.net(x)
        return result


class Named(nn.Module):
    """A linear layer that files call ``net``."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.net = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.net(x)
        return result


class Positions(nn.Module):
    """Sinusoids, as a file holds them; beyond the file's length by the formula of Vaswani et al. 2017."""

    pe: Tensor

    def __init__(self, width: int, length: int) -> None:
        super().__init__()
        self.register_buffer("pe", sinusoids(0, length, width)[:, None])

    def forward(self, x: Tensor) -> Tensor:
        """(T, width) with its places added."""
        known = self.pe[: len(x), 0]
        beyond = sinusoids(len(known), len(x), x.shape[1]).to(x)
        return x + torch.cat([known, beyond])


def sinusoids(first: int, last: int, width: int) -> Tensor:
    """(last - first, width), sine and cosine in turn."""
    at = torch.arange(first, max(first, last))[:, None].float()
    speed = torch.exp(torch.arange(0, width, 2).float() * (-math.log(10000.0) / width))
    return torch.stack([torch.sin(at * speed), torch.cos(at * speed)], -1).reshape(len(at), width)


class Squasher(nn.Sequential):
    """(T, width): convolution over time, leaky ReLU, each channel centred and scaled over the whole clip.

    ``depth``: in how many lists of one the convolution lies by its name.
    """

    def __init__(self, width: int, depth: int) -> None:
        convolution = nn.Conv1d(width, width, 5, padding=2, padding_mode="replicate")
        super().__init__(convolution if depth == 1 else nn.Sequential(convolution))

    def forward(self, x: Tensor) -> Tensor:
        """(T, width) of (T, width)."""
        convolved = x.T[None]
        for module in self:
            convolved = module(convolved)
        return instance_norm(leaky_relu(convolved, SLOPE))[0].T
