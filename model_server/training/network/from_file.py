"""A model file as a network that can learn on: the way back from ``network.exported``."""

from pathlib import Path

import torch
from torch import Tensor, nn

from model_server.speech.card import Card
from model_server.speech.weights import read
from model_server.training.corpus.batches import BatchSource, batches
from model_server.training.network.acoustic import AcousticBlock, Network
from model_server.training.network.augmentation import augmented
from model_server.training.network.causal import network_of

HEARD = 48
"""Clips of four seconds that tell what each normalisation usually sees."""


def unfolded(path: Path, sources: list[BatchSource], seed: int = 0) -> Network:
    """The network of a model file, computing what it computes there.

    Its batch normalisations were folded into the weights; here each gets back the mean and variance of what it sees
    on some speech of ``sources``, and the scale and shift that undo them. Raises UserError when the file is no model.
    """
    arrays, notes = read(path)
    weights = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
    network = network_of(Card.from_metadata(notes, path).shape).eval()
    network.average.copy_(weights["average"])
    network.restore(weights)
    shifts: dict[nn.Module, Tensor] = {}
    for conv, norm, name in _pairs(network):
        conv.weight.data.copy_(weights[f"{name}.weight"].permute(2, 1, 0))
        shifts[norm] = weights[f"{name}.bias"]
    network.head.weight.data.copy_(weights["head.weight"].permute(2, 1, 0))
    assert network.head.bias is not None
    network.head.bias.data.copy_(weights["head.bias"])

    def measured(norm: nn.Module, inputs: tuple[Tensor]) -> None:
        assert isinstance(norm, nn.BatchNorm1d) and norm.running_mean is not None and norm.running_var is not None
        mean, variance = inputs[0].mean((0, 2)), inputs[0].var((0, 2), unbiased=False)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.data.copy_(torch.sqrt(variance + norm.eps))
        norm.bias.data.copy_(mean + shifts[norm])

    hooks = [norm.register_forward_pre_hook(measured) for norm in shifts]
    mel, _ = next(batches(sources, HEARD, 400, seed))
    with torch.no_grad():
        network(augmented(mel, mel.roll(1, 0), network.average))
    for hook in hooks:
        hook.remove()
    return network


def _pairs(network: Network) -> list[tuple[nn.Conv1d, nn.BatchNorm1d, str]]:
    """Every convolution with its normalisation and its name in a model file."""
    found = [(network.stem, network.stem_norm, "stem")]
    for i, block in enumerate(network.blocks):
        assert isinstance(block, AcousticBlock)
        found += [
            (block.spread, block.spread_norm, f"block{i}.spread"), (block.mix, block.mix_norm, f"block{i}.mix"),
        ]  # fmt: skip
    return found
