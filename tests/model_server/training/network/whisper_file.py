"""A Whisper in CTranslate2's form with random weights: what tests have instead of 75 MB."""

import struct
from pathlib import Path

import numpy as np

LAYERS = 4


def write_whisper(folder: Path, states: int) -> dict[str, np.ndarray]:
    """Write ``folder``/model.bin; the encoder's arrays (float32 of what float16 kept) by name."""
    random = np.random.default_rng(0)
    sizes = {
        "conv1/weight": (states, 80, 3), "conv1/bias": (states,), "conv2/weight": (states, states, 3),
        "conv2/bias": (states,),
    }  # fmt: skip
    for i in range(LAYERS):
        for part, inside in (("self_attention", 3 * states), ("ffn", 4 * states)):
            back = states if part == "self_attention" else inside
            name = f"layer_{i}/{part}"
            sizes |= {f"{name}/layer_norm/gamma": (states,), f"{name}/layer_norm/beta": (states,)}
            sizes |= {f"{name}/linear_0/weight": (inside, states), f"{name}/linear_0/bias": (inside,)}
            sizes |= {f"{name}/linear_1/weight": (states, back), f"{name}/linear_1/bias": (states,)}
    arrays = {name: (random.normal(size=size) * 0.05).astype(np.float16) for name, size in sizes.items()}
    body = [_variable(f"encoder/{name}", array, 4) for name, array in arrays.items()]
    body.append(_variable("decoder/num_heads", np.array(6, np.int16), 2))
    header = struct.pack("<I", 6) + _text("WhisperSpec") + struct.pack("<II", 3, len(body))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.bin").write_bytes(header + b"".join(body))
    return {name: array.astype(np.float32) for name, array in arrays.items()}


def _text(text: str) -> bytes:
    return struct.pack("<H", len(text) + 1) + text.encode() + b"\0"


def _variable(name: str, array: np.ndarray, kind: int) -> bytes:
    data = array.tobytes()
    sizes = struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape)
    return _text(name) + sizes + struct.pack("<BI", kind, len(data)) + data
