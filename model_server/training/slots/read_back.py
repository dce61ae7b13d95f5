"""VERHM's classifier loss: what reads the emotion back from the curves, and how wrong it is, while a fusion learns.

VERHM (swerizwan/voiceemo) puts a dense classifier on the coefficients and adds a tenth of its cross-entropy to the
loss, so that curves keep what tells the emotion. The classifier learns along and is thrown away afterwards.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from s2f_blender_addon.core.channels import CHANNELS, EMOTIONS

INNER = 64


class ReadBack(nn.Module):
    """A fusion with a classifier on its curves, to be trained together."""

    def __init__(self, fusion: nn.Module) -> None:
        super().__init__()
        self.fusion = fusion
        self.classifier = nn.Sequential(
            nn.Linear(len(CHANNELS), INNER), nn.ReLU(), nn.Linear(INNER, 1 + len(EMOTIONS))
        )

    def loss(self, curves: Tensor, sliders: Tensor, level: Tensor) -> Tensor:
        """Cross-entropy between ``shares`` and what the classifier reads in curves (B, T, 52), mean of the frames."""
        return cross_entropy(self.classifier(curves).flatten(0, 1), shares(sliders, level).flatten(0, 1))


def shares(sliders: Tensor, level: Tensor) -> Tensor:
    """(B, T, 1 + E) of neutral and each emotion, which sum to 1, of sliders (B, T, E) at level (B, T)."""
    felt = sliders * level[..., None]
    felt = felt / felt.sum(-1, keepdim=True).clamp_min(1)
    return torch.cat([1 - felt.sum(-1, keepdim=True), felt], -1)
