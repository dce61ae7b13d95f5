"""From a trained network to the file that ships: normalisation folded in, half precision, the card inside."""

from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from model_server.speech.card import Card
from model_server.training.network import Network, exported
from s2f_blender_addon.core.whole_file import whole_file


def export(network: Network, path: Path, model_id: str, made: dict[str, Any], licence_track: str = "product") -> Card:
    """Write ``network`` to ``path`` as float16 safetensors; ``made`` goes into its card."""
    kinds = {"whisper-tcn": bool(network.shape.layers), "tcn-causal": network.shape.causal, "tcn": True}
    encoder = next(kind for kind, fits in kinds.items() if fits)
    card = Card(model_id, licence_track, "GPL-3.0-or-later", network.shape, made=made, encoder=encoder)
    arrays = {name: np.ascontiguousarray(array.astype(np.float16)) for name, array in exported(network).items()}
    with whole_file(path) as temporary:
        temporary.write_bytes(save(arrays, {"card": card.to_json()}))
    return card
