"""Other architectures for the same task, to be compared with ours at equal cost: none of them ships.

All hear what ours hears (two feature frames folded into one, 50 Hz inside) and are fitted by the same loop.
"""

import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from model_server.cancel import Progress
from model_server.speech.closures import Rule
from model_server.speech.network import Shape
from model_server.speech.phones import CLASSES
from model_server.training import develop
from model_server.training.batches import Source
from model_server.training.fit import fit
from model_server.training.network import Network
from model_server.training.plan import Plan
from model_server.training.store import Part
from s2f_blender_addon.core.errors import UserError


class Attention(nn.Module):
    """Self-attention over ``reach`` frames to either side, with a learned bias for each distance (Shaw et al. 2018)."""

    def __init__(self, width: int, heads: int, reach: int) -> None:
        super().__init__()
        self.heads, self.reach = heads, reach
        self.norm = nn.LayerNorm(width)
        self.project = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.distance = nn.Parameter(torch.zeros(heads, 2 * reach + 1))

    def forward(self, x: Tensor) -> Tensor:
        batch, frames, width = x.shape
        q, k, v = self.project(self.norm(x)).reshape(batch, frames, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        time = torch.arange(frames, device=x.device)
        apart = time[None] - time[:, None]
        bias = self.distance[:, apart.clamp(-self.reach, self.reach) + self.reach]
        bias = bias.masked_fill(apart.abs() > self.reach, float("-inf"))
        heard = nn.functional.scaled_dot_product_attention(q, k, v, bias[None].to(q.dtype))
        found: Tensor = x + self.out(heard.transpose(1, 2).reshape(batch, frames, width))
        return found


class Feed(nn.Module):
    """A feed-forward module of half weight, as in the Conformer; of full weight in a transformer."""

    def __init__(self, width: int, share: float) -> None:
        super().__init__()
        self.share = share
        self.inside = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.SiLU(), nn.Dropout(0.05), nn.Linear(2 * width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = x + self.share * self.inside(x)
        return found


class Mixing(nn.Module):
    """The Conformer's convolution module: gated, depth-wise over 15 frames."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.gate = nn.Linear(width, 2 * width)
        self.deep = nn.Conv1d(width, width, 15, padding=7, groups=width)
        self.deep_norm = nn.BatchNorm1d(width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        y = nn.functional.glu(self.gate(self.norm(x)), -1).transpose(1, 2)
        found: Tensor = x + self.out(nn.functional.silu(self.deep_norm(self.deep(y))).transpose(1, 2))
        return found


def transformer(width: int, blocks: int, reach: int) -> nn.Module:
    """Blocks of attention and feed-forward (Vaswani et al. 2017), normalised first."""
    return nn.Sequential(*(nn.Sequential(Attention(width, 4, reach), Feed(width, 1.0)) for _ in range(blocks)))


def conformer(width: int, blocks: int, reach: int) -> nn.Module:
    """Blocks after Gulati et al., "Conformer", 2020."""
    return nn.Sequential(
        *(
            nn.Sequential(
                Feed(width, 0.5), Attention(width, 4, reach), Mixing(width), Feed(width, 0.5), nn.LayerNorm(width)
            )
            for _ in range(blocks)
        )
    )


RIVALS = {"transformer": (transformer, 8), "conformer": (conformer, 5)}
"""What makes the deep layers, and how many blocks cost about as much as ours."""


class Rival(Network):
    """The stem and head of ``Network`` around other deep layers."""

    def __init__(self, kind: str, shape: Shape) -> None:
        super().__init__(shape)
        make, blocks = RIVALS[kind]
        self.blocks = nn.ModuleList()
        self.middle = make(shape.width, blocks, shape.context)

    def deep(self, features: Tensor) -> Tensor:
        """(B, width, T / 2) what the head sees."""
        found: Tensor = self.middle(super().deep(features).transpose(1, 2)).transpose(1, 2)
        return found


def compare(kind: str, work: Path, shares: dict[str, float], plan: Plan, report: Progress) -> dict[str, float]:
    """Fit ``kind`` (``tcn`` or of ``RIVALS``) from nothing to the corpus parts of ``work``; its cost and its figures.

    Raises UserError for an unknown kind or a folder without a corpus.
    """
    if kind not in ("tcn", *RIVALS):
        raise UserError(f"There is no architecture {kind!r}; choose tcn, {' or '.join(RIVALS)}.")
    sources = [
        Source.open(work / name, share) for name, share in shares.items() if (work / name / "index.json").exists()
    ]
    if not sources:
        raise UserError(f"{work} holds no corpus yet; run s2f train corpus first.")
    torch.manual_seed(plan.seed)
    shape = Shape(len(CLASSES), plan.width, dilations=plan.dilations)
    rival = Network(shape) if kind == "tcn" else Rival(kind, shape)
    began = time.process_time()
    network = fit(sources, plan, work / f"rival-{kind}", report, rival=rival)
    found = {
        "parameters": float(sum(p.numel() for p in network.parameters())),
        "processor_seconds_a_step": (time.process_time() - began) / plan.steps,
        "times_real_time": _speed(network),
    }
    for folder in sorted(path for path in work.glob("dev-*") if (path / "index.json").exists()):
        average = network.average.numpy()
        pairs = list(develop.heard(Part(folder), shape, lambda mel: _logits(network, mel), average))
        found[folder.name] = develop.count(pairs, Rule()).figures()["closure_f1"]
    return found


def _logits(network: Network, mel: develop.Array) -> develop.Array:
    with torch.no_grad():
        found: develop.Array = network(torch.from_numpy(mel)[None])[0].numpy()
    return found


def _speed(network: Network) -> float:
    """Seconds of sound per second of processor time, in pieces of 15 s."""
    mel = np.zeros((1500, network.shape.bands), np.float32)
    _logits(network, mel)
    began = time.process_time()
    for _ in range(5):
        _logits(network, mel)
    return 75.0 / (time.process_time() - began)
