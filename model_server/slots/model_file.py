"""A model file opened: its card checked, its network's weights, what stands in its slots."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from model_server.slots import registry
from model_server.slots.registry import Fusion
from model_server.speech.backend import Weights
from model_server.speech.card import Card
from model_server.speech.weights import CARD, LONGEST_HEADER, read
from s2f_blender_addon.core.acting import is_checkpoint
from s2f_blender_addon.core.errors import UserError

INDEX = ".index.json"
"""Ends the name of the file that lists the several files of a checkpoint."""
BUNDLED = Path(__file__).parent.parent / "weights" / "talk.safetensors"


@dataclass(frozen=True)
class ModelFile:
    """weights: of the network that ``card.shape`` describes, ready for a backend."""

    card: Card
    weights: Weights
    fusion: Fusion


def is_foreign(path: Path) -> bool:
    """Whether ``path`` is a checkpoint of others: one of torch by its name, several files by their folder or index, or
    safetensors without a card of ours.
    """
    if is_checkpoint(path.name) or path.name.endswith(INDEX) or path.is_dir():
        return True
    if not path.is_file():  # nobody waits at a pipe
        return False
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(min(length, LONGEST_HEADER)))
        return CARD not in header.get("__metadata__", {})
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        return False  # whoever opens it says what is wrong


def open_model(path: Path | None = None) -> ModelFile:
    """The model at ``path``, or the bundled one; the encoder's own files are not touched yet.

    A file that brings a fusion only hears with the bundled model's network.
    Raises UserError when the file is no model of this program.
    """
    where = path or BUNDLED
    weights, notes = read(where)
    card = Card.from_metadata(notes, where)
    if card.encoder not in (*registry.ENCODERS, registry.BUNDLED) or card.fusion not in registry.FUSIONS:
        raise UserError(f"{where} needs a newer version: it names slots that this one lacks.")
    try:
        wanted = registry.fusion_tensors(card.fusion, card.fusion_settings)
        if card.encoder != registry.BUNDLED:
            wanted |= card.shape.tensors()
        if {name: array.shape for name, array in weights.items()} != wanted:
            raise UserError(f"{where} holds other weights than its card says; get the file again.")
        fusion = registry.fusion(card.fusion, card.fusion_settings, weights)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, MemoryError):
        raise UserError(f"{where} describes its fusion in another way than this version; train it again.") from None
    if card.encoder != registry.BUNDLED:
        network = {name: weights[name] for name in card.shape.tensors()}
        return ModelFile(card, network, fusion)
    hearing = open_model()
    name = f"{card.id} on {hearing.card.id}"
    heard = replace(card, id=name, shape=hearing.card.shape, encoder=hearing.card.encoder)
    return ModelFile(heard, hearing.weights, fusion)
