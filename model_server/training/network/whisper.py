"""A start for the network that attends: the first layers of Whisper's encoder (Radford et al. 2022; MIT).

Whisper has heard 680 000 hours of people. Its folder is the one that finds the words of recordings (``transcribe``).
"""

import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from model_server.audio import features
from model_server.audio.features import CENTRE, FFT, SAMPLE_RATE, SPREAD
from model_server.speech.network import Shape
from model_server.training.network.encoder import Listening
from s2f_blender_addon.core.errors import UserError

Arrays = dict[str, npt.NDArray[np.float32]]

FORMAT = 6
HALF = 4
"""CTranslate2's numbers for its file format and for float16."""
MELS, HIGHEST_HZ, FFT_THERE = 80, 8000.0, 400
LEVEL = 0.6
"""Decimal log of band power over a recording's level to that which Whisper hears; of three LibriSpeech recordings the
middle one (-0.1 to 1.1)."""
_NAMES = {
    "self_attention/layer_norm": "attend_norm", "self_attention/linear_0": "attend", "self_attention/linear_1": "join",
    "ffn/layer_norm": "widen_norm", "ffn/linear_0": "widen", "ffn/linear_1": "narrow",
}  # fmt: skip


def started(folder: Path, shape: Shape, average: Tensor) -> Listening:
    """An untaught network of ``shape`` that hears as Whisper does; ``average`` (80,) is the average voice's colour.

    Raises UserError when the folder holds no Whisper of ``shape.states`` numbers a frame in half precision.
    """
    arrays = encoder(folder / "model.bin")
    network = Listening(shape)
    network.average.copy_(average)
    try:
        attention_layers(network, arrays)
        _ear(network, arrays)
    except (KeyError, RuntimeError):
        raise UserError(f"{folder} holds another Whisper than tiny; give one of its size in float16.") from None
    return network


def encoder(path: Path) -> Arrays:
    """The encoder's arrays in a CTranslate2 ``model.bin``. Raises UserError when it is none."""
    try:
        with path.open("rb") as file:
            return dict(_read(file))
    except (OSError, struct.error, ValueError, UnicodeDecodeError):
        raise UserError(f"{path} is no Whisper model in CTranslate2's form; convert one to float16.") from None


def _read(file: BinaryIO) -> list[tuple[str, npt.NDArray[np.float32]]]:
    def number(kind: str) -> int:
        return int(struct.unpack(f"<{kind}", file.read(struct.calcsize(kind)))[0])

    def text() -> str:
        return file.read(number("H")).rstrip(b"\0").decode()

    if number("I") != FORMAT or text() != "WhisperSpec":
        raise ValueError("another model")
    number("I")
    found = []
    for _ in range(number("I")):
        name = text()
        size = tuple(number("I") for _ in range(number("B")))
        kind = number("B")
        data = file.read(number("I"))
        if name.startswith("encoder/") and kind == HALF:
            values = np.frombuffer(data, "<f2").reshape(size).astype(np.float32)
            found.append((name.removeprefix("encoder/"), values))
    return found


def attention_layers(network: Listening, arrays: Arrays) -> None:
    """The weights of the layers of ``network``; raises KeyError or RuntimeError where ``arrays`` are of other sizes."""
    for i, layer in enumerate(network.layers):
        state = {}
        for theirs, ours in _NAMES.items():
            weight, bias = ("gamma", "beta") if "norm" in theirs else ("weight", "bias")
            state[f"{ours}.weight"] = torch.from_numpy(arrays[f"layer_{i}/{theirs}/{weight}"])
            state[f"{ours}.bias"] = torch.from_numpy(arrays[f"layer_{i}/{theirs}/{bias}"])
        layer.load_state_dict(state)


def _ear(network: Listening, arrays: Arrays) -> None:
    """The convolutions; the first one reads our features, from which Whisper's nearly follow by a linear map."""
    read, flat = between_filters()
    decimal = 1 / (4 * np.log(10))
    weight = torch.from_numpy(arrays["conv1/weight"])
    scale = torch.from_numpy(read * np.float32(SPREAD * decimal))
    network.first.weight.data.copy_(torch.einsum("ojk,bj->obk", weight, scale))
    usual = (read.T @ (network.average.numpy() * SPREAD + CENTRE) + flat) * decimal + (LEVEL + 4) / 4
    assert network.first.bias is not None and network.second.bias is not None
    heard = weight.sum(2) @ torch.from_numpy(usual.astype(np.float32))
    network.first.bias.data.copy_(torch.from_numpy(arrays["conv1/bias"]) + heard)
    network.second.weight.data.copy_(torch.from_numpy(arrays["conv2/weight"]))
    network.second.bias.data.copy_(torch.from_numpy(arrays["conv2/bias"]))


def between_filters() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """(80, 80) shares of our bands in each of Whisper's, and (80,) log of what those are wider than ours."""
    from scipy.optimize import nnls

    ours = features.mel_filters().astype(np.float64)
    theirs = _slaney() * FFT_THERE / FFT
    shares = np.stack([nnls(ours, theirs[:, band])[0] for band in range(MELS)], 1)
    total = shares.sum(0)
    return (shares / total).astype(np.float32), np.log(total).astype(np.float32)


def _slaney() -> npt.NDArray[np.float64]:
    """(257, 80) triangles of equal area on Slaney's scale: linear to 1 kHz, then logarithmic."""
    step = np.log(6.4) / 27
    most = 15 + np.log(HIGHEST_HZ / 1000) / step
    mel = np.linspace(0, most, MELS + 2)
    edges = np.where(mel < 15, mel * 200 / 3, 1000 * np.exp(step * (mel - 15)))
    hertz = np.arange(FFT // 2 + 1)[:, None] * SAMPLE_RATE / FFT
    rising = (hertz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hertz) / (edges[2:] - edges[1:-1])
    found: npt.NDArray[np.float64] = np.maximum(0, np.minimum(rising, falling)) * 2 / (edges[2:] - edges[:-2])
    return found
