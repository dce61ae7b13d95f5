"""The layers that the voice model hears with: Whisper base's first two, made smaller, not taught."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from model_server.audio.decode import decode
from model_server.cancel import silent
from model_server.emotion.ear import bands
from model_server.speech.network import Shape
from model_server.training.network import whisper
from model_server.training.network.compress import compressed
from model_server.training.network.encoder import Listening
from s2f_blender_addon.core.errors import UserError

Arrays = dict[str, npt.NDArray[np.float32]]

THERE = Shape(1, 16, dilations=(1,), layers=2, states=512, heads=8, keys=64, values=64, wide=2048)
OURS = Shape(1, 16, dilations=(1,), layers=2, states=512, heads=8, keys=32, values=40, wide=1024)
_PIECE = 200
"""Frames of a piece of speech that says what matters in the layers."""
_PARTS = ("model.bin.part1", "model.bin.part2")


def layers(folder: Path, speech: Sequence[Path]) -> Arrays:
    """Arrays of OURS, from Whisper base (float16, CTranslate2) in ``folder``; ``speech`` says what matters.

    The folder holds model.bin, or anywhere below it that file in the two parts in which wheels of it come.
    Raises UserError when it does not.
    """
    arrays = whisper.encoder(_joined(folder))
    network = Listening(THERE).eval()
    try:
        whisper.attention_layers(network, arrays)
        for ours, theirs in ((network.first, "conv1"), (network.second, "conv2")):
            assert ours.bias is not None
            ours.weight.data.copy_(torch.from_numpy(arrays[f"{theirs}/weight"]))
            ours.bias.data.copy_(torch.from_numpy(arrays[f"{theirs}/bias"]))
    except (KeyError, RuntimeError):
        raise UserError(f"{folder} holds another Whisper than base; give that one in float16.") from None
    pieces = []
    for path in speech:
        heard = bands(decode(path).samples, silent)[0]
        count = len(heard) // _PIECE
        pieces.append(heard[: count * _PIECE].reshape(count, _PIECE, heard.shape[1]))
    smaller = compressed(network, OURS, torch.from_numpy(np.concatenate(pieces)))
    return {name: np.ascontiguousarray(array) for name, array in smaller.arrays().items()}


def _joined(folder: Path) -> Path:
    whole = folder / "model.bin"
    parts = [next(iter(sorted(folder.rglob(name))), None) for name in _PARTS]
    if not whole.is_file():
        if None in parts:
            raise UserError(f"{folder} holds no Whisper base (model.bin, or its two parts); give its folder.")
        whole.write_bytes(b"".join(part.read_bytes() for part in parts if part is not None))
    return whole
