"""Fitting a fusion to its set, and the small model file that it becomes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.numpy import save
from torch import Tensor

from model_server.cancel import Progress
from model_server.slots import registry
from model_server.slots.fused import FusionShape
from model_server.slots.model_file import open_model
from model_server.speech.card import Card
from model_server.training.network.loop import descend
from model_server.training.network.plan import FitPlan
from model_server.training.slots.fusion_net import FusionNet, exported, loss_of
from model_server.training.slots.fusion_set import RULES, FusionSet
from model_server.training.slots.read_back import ReadBack
from s2f_blender_addon.core.whole_file import whole_file

CAPTURED_SHARE = 0.4
"""Of every batch: clips with a captured mouth."""


@dataclass(frozen=True)
class Batch:
    """heard (B, T, 45), sliders (B, T, E), level (B, T), identity (B,), face (B, T, 52)."""

    heard: Tensor
    sliders: Tensor
    level: Tensor
    identity: Tensor
    face: Tensor


def batches(found: FusionSet, size: int, frames: int, seed: int) -> Iterator[Batch]:
    """Endless, seeded; clips shorter than ``frames`` hold their last frame."""
    random = np.random.default_rng(seed)
    names = found.identities
    captured = [clip for clip in found.clips if clip[2] != RULES]
    ruled = [clip for clip in found.clips if clip[2] == RULES]
    while True:
        rows: list[list[npt.NDArray[np.float32]]] = []
        who = []
        for _ in range(size):
            among = captured if captured and (not ruled or random.random() < CAPTURED_SHARE) else ruled
            first, count, name = among[int(random.integers(len(among)))]
            start = int(random.integers(0, max(1, count - frames)))
            where = first + np.minimum(np.arange(start, start + frames), count - 1)
            rows.append([np.asarray(array[where], np.float32) for array in (found.heard, found.felt, found.face)])
            who.append(names.index(name))
        heard, felt, face = (torch.from_numpy(np.stack(column)) for column in zip(*rows, strict=True))
        yield Batch(heard, felt[:, :, :-1], felt[:, :, -1], torch.tensor(who), face)


def fit(
    found: FusionSet, shape: FusionShape, plan: FitPlan, folder: Path, report: Progress, read_back: float = 0.0
) -> FusionNet:
    """Train into ``folder``; goes on where an interrupted run stopped. read_back: see ``ReadBack``, 0 for none."""
    torch.manual_seed(plan.seed)
    network = FusionNet(shape)
    reader = ReadBack(network)

    def losses(done: int) -> Callable[[], Tensor]:
        source = batches(found, plan.batch, plan.frames, plan.seed + 1000 * done)

        def next_loss() -> Tensor:
            b = next(source)
            curves = network(b.heard, b.sliders, b.level, b.identity)
            loss = loss_of(curves, b.face)
            return loss + read_back * reader.loss(curves, b.sliders, b.level) if read_back else loss

        return next_loss

    descend(reader if read_back else network, plan, folder, losses, report)
    return network


def export(
    network: FusionNet, path: Path, model_id: str, made: dict[str, Any], licence_track: str = "product",
    licence: str = "GPL-3.0-or-later",
) -> Card:  # fmt: skip
    """Write a model file that brings ``network`` and hears with the bundled encoder.

    Its mouth is half the rules', which know every sound, and half the captures' mean. ``made`` goes into the card.
    """
    shape = network.shape
    others = len(shape.identities) - 1
    identity = [0.5] + [0.5 / others] * others if others else [1.0]
    card = Card(
        model_id, licence_track, licence, open_model().card.shape, made=made,
        encoder=registry.BUNDLED, fusion="film-gru" if shape.temporal else "concat",
        fusion_settings={"shape": shape.to_json(), "identity": identity},
    )  # fmt: skip
    arrays = {f"fusion.{name}": array.astype(np.float16) for name, array in exported(network).items()}
    with whole_file(path) as temporary:
        temporary.write_bytes(save(arrays, {"card": card.to_json()}))
    return card
