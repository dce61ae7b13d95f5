"""Fitting the acoustic network: random pieces of the corpus, distorted anew, to the class of every frame."""

import json
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from model_server.audio.features import CENTRE, FLOOR, LOUD_FROM, SPREAD
from model_server.speech.phones import BILABIAL, CLASS_INDEX, CLASSES
from model_server.training.corpus.batches import BatchSource, batches
from model_server.training.corpus.store import UNKNOWN
from model_server.training.network.acoustic import Network
from model_server.training.network.augmentation import augmented
from model_server.training.network.causal import network_of
from model_server.training.network.loop import descend
from model_server.training.network.plan import FitPlan, shape_of


def average_colour(sources: list[BatchSource], seed: int) -> Tensor:
    """(80,) the mean features of the loud frames of many clips."""
    mel, _ = next(batches(sources, 256, 400, seed))
    heard = (torch.log(mel.exp() + FLOOR) - CENTRE) / SPREAD
    loud = (torch.log(mel.exp().mean(2)) > LOUD_FROM).float()[:, :, None]
    return (heard * loud).sum((0, 1)) / loud.sum()


def cast() -> torch.autocast:
    """bfloat16 where the processor multiplies it; elsewhere it would be twice as slow as float32."""
    return torch.autocast("cpu", torch.bfloat16, enabled=torch.cpu._is_avx512_bf16_supported())


def loss_of(logits: Tensor, label: Tensor, weights: Tensor) -> Tensor:
    """Cross entropy over known frames, a little smoothed."""
    return torch.nn.functional.cross_entropy(
        logits.reshape(-1, logits.shape[-1]), label.reshape(-1), weight=weights, ignore_index=UNKNOWN,
        label_smoothing=0.03,
    )  # fmt: skip


def fit(
    sources: list[BatchSource],
    plan: FitPlan,
    folder: Path,
    report: Callable[[float, str], None],
    before: Network | None = None,
    rival: Network | None = None,
) -> Network:
    """Train into ``folder``; goes on where an interrupted run of the same plan stopped.

    ``before``: a network to start from; where it has fewer blocks, the new ones begin by passing their input on.
    ``rival``: another architecture to fit in place of the plan's.
    """
    torch.manual_seed(plan.seed)
    network = rival or network_of(shape_of(plan))
    if before is not None:
        network.load_state_dict(before.state_dict(), strict=False)
    weights = torch.ones(len(CLASSES))
    weights[[CLASS_INDEX[name] for name in BILABIAL]] = plan.bilabial_weight
    if not network.average.any():
        network.average.copy_(average_colour(sources, plan.seed))

    def losses(done: int) -> Callable[[], Tensor]:
        source = batches(sources, plan.batch, plan.frames, plan.seed + 1000 * done)

        def next_loss() -> Tensor:
            mel, label = next(source)
            with torch.no_grad():
                heard = augmented(mel, mel.roll(1, 0), network.average)
            with cast():
                logits = network(heard)
            return loss_of(logits.float(), label, weights)

        return next_loss

    descend(network, plan, folder, losses, report, network.paces())
    return network


def load(folder: Path) -> Network:
    """The network that ``fit`` left in ``folder``, ready to be used."""
    from safetensors import safe_open

    with safe_open(folder / "checkpoint.safetensors", "pt") as opened:
        fields = json.loads(opened.metadata()["plan"])
    network = network_of(shape_of(FitPlan(**{**fields, "dilations": tuple(fields["dilations"])})))
    network.load_state_dict(load_file(folder / "network.safetensors"))
    return network.eval()
