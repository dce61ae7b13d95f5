"""From a trained network to the file that ships: normalisation folded in, half precision, the card inside."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save

from model_server.speech.card import Card
from model_server.training.network.acoustic import Network, exported
from s2f_blender_addon.core.whole_file import whole_file

Arrays = dict[str, npt.NDArray[np.float32]]


def export(
    network: Network,
    path: Path,
    model_id: str,
    made: dict[str, Any],
    licence_track: str = "product",
    before: Arrays | None = None,
    share: float = 1.0,
) -> Card:
    """Write ``network`` to ``path`` as float16 safetensors; ``made`` goes into its card.

    ``before``: the arrays that it learnt on from; what is written is the mean of both, ``share`` of it the network's.
    """
    kinds = {"whisper-tcn": bool(network.shape.layers), "tcn-causal": network.shape.causal, "tcn": True}
    encoder = next(kind for kind, fits in kinds.items() if fits)
    card = Card(model_id, licence_track, "GPL-3.0-or-later", network.shape, made=made, encoder=encoder)
    found = exported(network)
    if before is not None:
        found = {name: share * array + (1 - share) * before[name] for name, array in found.items()}
    arrays = {name: np.ascontiguousarray(array.astype(np.float16)) for name, array in found.items()}
    with whole_file(path) as temporary:
        temporary.write_bytes(save(arrays, {"card": card.to_json()}))
    return card
