"""The fusions of ``slots.fused`` while they learn (torch), their losses, and how they become arrays."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from model_server.slots.fused import CONTENT, LEVELS, STEM, FusionShape
from s2f_blender_addon.core.channels import CHANNELS, EMOTIONS

Array = npt.NDArray[np.float32]

REGION = torch.tensor([0.4 if n.startswith(("mouth", "jaw", "tongue", "brow")) else 0.3 for n in CHANNELS])
VELOCITY, SMOOTH = 0.5, 0.1
"""EmoTalk_v0002's weights: mouth, jaw, tongue and brow 0.4, eye, cheek and nose 0.3, velocity 0.5, smoothness 0.1."""


class FusionLayer(nn.Module):
    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.spread = nn.Conv1d(width, width, 3, padding=dilation, dilation=dilation)
        self.mix = nn.Conv1d(width, width, 1)
        nn.init.zeros_(self.mix.weight)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.mix(torch.relu(self.spread(x))))


class FusionNet(nn.Module):
    """(B, T, 45) heard, (B, T, E) sliders, (B, T) level, (B,) identity to (B, T, 52); T even."""

    def __init__(self, shape: FusionShape) -> None:
        super().__init__()
        self.shape = shape
        self.level = nn.Embedding(len(LEVELS), shape.embed)
        self.identity = nn.Embedding(len(shape.identities), shape.embed)
        for table in (self.level, self.identity):
            nn.init.normal_(table.weight, std=0.3)
        aside = 2 * shape.embed
        before = CONTENT if shape.temporal else CONTENT + len(EMOTIONS) + aside
        self.stem = nn.Conv1d(before, shape.width, STEM, padding=STEM // 2)
        if shape.temporal:
            self.gru = nn.GRU(shape.felt + 1, shape.hidden, bidirectional=True, batch_first=True)
            self.film = nn.Linear(2 * shape.hidden, 2 * shape.width)
            nn.init.zeros_(self.film.weight)
            nn.init.zeros_(self.film.bias)
            self.join = nn.Conv1d(shape.width + aside, shape.width, 1)
        self.blocks = nn.ModuleList(FusionLayer(shape.width, d) for d in shape.dilations)
        self.head = nn.Conv1d(shape.width, len(CHANNELS), 1)

    def forward(self, heard: Tensor, sliders: Tensor, level: Tensor, identity: Tensor) -> Tensor:
        strength = sliders.amax(2) * level
        felt = torch.cat([sliders * level[:, :, None], self._level(strength)], 2)
        who = self.identity(identity)[:, None].expand(-1, heard.shape[1], -1)
        if self.shape.temporal:
            x = self._modulated(heard, felt, who)
        else:
            x = torch.relu(self.stem(torch.cat([heard, felt, who], 2).transpose(1, 2)))
        for block in self.blocks:
            x = block(x)
        curves: Tensor = self.head(x).transpose(1, 2)
        return curves

    def _level(self, strength: Tensor) -> Tensor:
        position = (strength / LEVELS[1]).clamp(0, len(LEVELS) - 1.0001)
        low = position.floor().long()
        share = (position - low)[..., None]
        found: Tensor = self.level(low) * (1 - share) + self.level(low + 1) * share
        return found

    def _modulated(self, heard: Tensor, felt: Tensor, who: Tensor) -> Tensor:
        """FiLM of the content by the emotion over time, then level and identity beside it."""
        seen = torch.cat([felt, heard[:, :, -1:]], 2)
        batch, frames, width = seen.shape
        state, _ = self.gru(seen.reshape(batch, frames // 2, 2, width).mean(2))
        gamma, beta = self.film(state.repeat_interleave(2, 1)).transpose(1, 2).chunk(2, 1)
        x = torch.relu(self.stem(heard.transpose(1, 2))) * (1 + gamma) + beta
        aside = torch.cat([felt[:, :, len(EMOTIONS) :], who], 2).transpose(1, 2)
        return torch.relu(self.join(torch.cat([x, aside], 1)))


def loss_of(curves: Tensor, face: Tensor) -> Tensor:
    """Region-weighted L1, 0.5 squared error of the velocity, 0.1 squared second difference, all of (B, T, 52)."""
    absolute = ((curves - face).abs() * REGION).mean()
    velocity = (curves.diff(dim=1) - face.diff(dim=1)).square().mean()
    jerky = curves.diff(n=2, dim=1).square().mean()
    return absolute + VELOCITY * velocity + SMOOTH * jerky


def exported(network: FusionNet) -> dict[str, Array]:
    """The arrays that ``FusionShape.tensors`` names."""
    state = {name: value.detach() for name, value in network.state_dict().items()}
    found = {"level": state["level.weight"], "identity": state["identity.weight"]}
    for name, value in state.items():
        if name.startswith(("stem", "join", "head", "blocks")):
            key = name.replace("blocks.", "block")
            found[key] = value.permute(2, 1, 0) if value.ndim == 3 else value
    if network.shape.temporal:
        found["film.weight"], found["film.bias"] = state["film.weight"].T[None], state["film.bias"]
        for ours, theirs in (("input", "ih"), ("state", "hh")):
            ends = ("_l0", "_l0_reverse")
            found[f"gru.{ours}.weight"] = torch.stack([state[f"gru.weight_{theirs}{end}"].T for end in ends])
            found[f"gru.{ours}.bias"] = torch.stack([state[f"gru.bias_{theirs}{end}"] for end in ends])
    return {name: value.contiguous().numpy() for name, value in found.items()}
