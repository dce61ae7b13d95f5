"""The nets and the linear judge behind ``emotion.acted``, on torch: definition, augmentation, fitting, export."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from model_server.cancel import Progress
from model_server.emotion.acted import DILATIONS, INPUTS

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_WIDTH = 64
_BATCH = 32
_BANDS = INPUTS - 2


class EmotionNet(nn.Module):
    """(batch, T, 82) and a mask (batch, T) to (batch, classes) logits."""

    def __init__(self, classes: int, dropout: float = 0.3) -> None:
        super().__init__()
        self.stem = nn.Conv1d(INPUTS, _WIDTH, 5, stride=2, padding=2)
        self.norms = nn.ModuleList(nn.LayerNorm(_WIDTH) for _ in range(len(DILATIONS) + 1))
        self.blocks = nn.ModuleList(nn.Conv1d(_WIDTH, _WIDTH, 5, padding=2 * d, dilation=d) for d in DILATIONS)
        self.attention = nn.Linear(_WIDTH, 1)
        self.out = nn.Linear(2 * _WIDTH, classes)
        self.dropout, self.last = nn.Dropout(dropout), nn.Dropout(dropout + 0.1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        # Normalised frame by frame, so that the filling of a batch changes nothing.
        x = nn.functional.silu(self.norms[0](self.stem(x.transpose(1, 2)).transpose(1, 2)))
        for block, norm in zip(self.blocks, self.norms[1:], strict=True):
            x = x * mask[:, ::2, None]
            x = x + self.dropout(nn.functional.silu(norm(block(x.transpose(1, 2)).transpose(1, 2))))
        score = self.attention(x)[..., 0].masked_fill(mask[:, ::2] < 0.5, -30)
        share = torch.softmax(score, 1)[..., None]
        mean = (x * share).sum(1)
        spread = ((x * x * share).sum(1) - mean * mean).clamp_min(1e-4).sqrt()
        result: Tensor = self.out(self.last(torch.cat([mean, spread], 1)))
        return result

    def arrays(self, prefix: str) -> dict[str, Floats]:
        """What ``emotion.acted`` reads: matrices (taps, inputs, outputs)."""
        found: dict[str, Tensor] = {}
        convolutions: list[nn.Module] = [self.stem, *self.blocks]
        for k, (layer, norm) in enumerate(zip(convolutions, self.norms, strict=True)):
            name = f"block{k - 1}" if k else "stem"
            found |= {f"{name}.{key}": value for key, value in layer.named_parameters()}
            found[f"{name}.weight"] = found[f"{name}.weight"].permute(2, 1, 0)
            found |= {f"{name}.scale": norm.get_parameter("weight"), f"{name}.shift": norm.get_parameter("bias")}
        found |= {"attention.weight": self.attention.weight[0], "attention.bias": self.attention.bias}
        found |= {"out.weight": self.out.weight.T, "out.bias": self.out.bias}
        return {f"{prefix}.{k}": np.ascontiguousarray(v.detach().numpy(), np.float32) for k, v in found.items()}


def augmented(x: Floats, rng: np.random.Generator) -> Floats:
    """(T', 82): another speed, vocal tract, colour and pitch, with holes and sometimes cut short."""
    position = np.linspace(0, len(x) - 1, max(20, int(len(x) * rng.uniform(0.85, 1.18))))
    x = _between(x, position)
    x[:, :_BANDS] = _between(x[:, :_BANDS].T, np.clip(np.arange(_BANDS) * rng.uniform(0.92, 1.08), 0, _BANDS - 1)).T
    slope, bow = np.linspace(-1, 1, _BANDS), np.cos(np.linspace(0, 2 * np.pi, _BANDS))
    x[:, :_BANDS] += rng.normal(0, 0.05) + rng.normal(0, 0.15) * slope + rng.normal(0, 0.1) * bow
    x[:, _BANDS] += rng.normal(0, 0.15)
    for _ in range(2):
        wide, long = int(rng.integers(0, 14)), int(rng.integers(0, min(20, len(x) // 4)))
        band, at = int(rng.integers(0, _BANDS - wide)), int(rng.integers(0, len(x) - long))
        x[:, band : band + wide] = 0
        x[at : at + long] = 0
    if len(x) > 60 and rng.random() < 0.5:
        kept = int(rng.integers(int(len(x) * 0.6), len(x)))
        at = int(rng.integers(0, len(x) - kept))
        x = x[at : at + kept]
    return x.astype(np.float32)


def _between(x: Floats, position: npt.NDArray[np.float64]) -> Floats:
    below = position.astype(np.int64)
    share = (position - below)[:, None]
    return np.asarray(x[below] * (1 - share) + x[np.minimum(below + 1, len(x) - 1)] * share, np.float32)


def batch(clips: list[Floats]) -> tuple[Tensor, Tensor]:
    """(n, T, 82) and its mask (n, T), shorter clips filled with zeros."""
    longest = max(map(len, clips))
    x, mask = np.zeros((len(clips), longest, INPUTS), np.float32), np.zeros((len(clips), longest), np.float32)
    for i, clip in enumerate(clips):
        x[i, : len(clip)], mask[i, : len(clip)] = clip, 1
    return torch.from_numpy(x), torch.from_numpy(mask)


def fit_net(clips: list[Floats], truth: Ints, classes: int, seed: int, epochs: int, report: Progress) -> EmotionNet:
    """One net on standardised ``clips``: mixup (Zhang et al. 2018), one cycle, averaged over its last epochs."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = EmotionNet(classes)
    optimiser = torch.optim.AdamW(net.parameters(), 3e-3, weight_decay=0.05)
    rounds = len(clips) // _BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, epochs * rounds)
    averaged: dict[str, Tensor] = {}
    for epoch in range(epochs):
        net.train()
        order = rng.permutation(len(clips))
        for k in range(rounds):
            chosen = order[k * _BATCH : (k + 1) * _BATCH]
            loss = _mixed_loss(net, [augmented(clips[i], rng) for i in chosen], truth[chosen], classes, rng)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
        if epoch + 1 > 0.7 * epochs:
            now = {name: value.detach().clone() for name, value in net.state_dict().items()}
            averaged = {name: averaged[name].lerp(now[name], 0.1) for name in now} if averaged else now
        report((epoch + 1) / epochs, f"net {seed}, epoch {epoch + 1} of {epochs}, loss {loss.item():.2f}")
    net.load_state_dict(averaged)
    return net.eval()


def _mixed_loss(net: EmotionNet, clips: list[Floats], truth: Ints, classes: int, rng: np.random.Generator) -> Tensor:
    x, mask = batch(clips)
    wanted = nn.functional.one_hot(torch.from_numpy(truth), classes).float()
    share, other = float(rng.beta(0.3, 0.3)), torch.from_numpy(rng.permutation(len(clips)))
    x, mask = share * x + (1 - share) * x[other], torch.maximum(mask, mask[other])
    wanted = share * wanted + (1 - share) * wanted[other]
    return -(wanted * torch.log_softmax(net(x, mask), 1)).sum(1).mean()


def fit_linear(described: Floats, truth: Ints, classes: int, shrink: float = 0.1) -> dict[str, Floats]:
    """Fisher's linear discriminant of (n, 184) functionals, covariance shrunken towards a sphere (Ledoit and Wolf)."""
    mean, sd = described.mean(0), described.std(0) + 1e-6
    z = np.clip((described - mean) / sd, -5, 5)
    centres = np.array([z[truth == k].mean(0) for k in range(classes)])
    inside = np.cov((z - centres[truth]).T)
    inside = (1 - shrink) * inside + shrink * np.trace(inside) / len(inside) * np.eye(len(inside))
    weight = np.linalg.solve(inside, centres.T)
    bias = -0.5 * (centres.T * weight).sum(0)
    found = {"mean": mean, "sd": sd, "weight": weight, "bias": bias}
    return {f"linear.{name}": np.ascontiguousarray(value, np.float32) for name, value in found.items()}
