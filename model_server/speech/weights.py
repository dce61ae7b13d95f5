"""Model files: safetensors read with the standard library and numpy, so that Blender's own Python can.

The format (huggingface/safetensors): 8 bytes little-endian length, a JSON header of names to dtype, shape and byte
range, then the bytes. Its ``__metadata__`` holds the model's card as JSON under ``card``.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from s2f_blender_addon.core import plain_file
from s2f_blender_addon.core.errors import UserError

_TYPES: dict[str, Any] = {"F16": np.dtype("<f2"), "F32": np.dtype("<f4"), "I8": np.dtype("i1")}
LONGEST_HEADER = 1 << 24
CARD = "card"
"""Where the metadata of a file of ours has its card."""
_LARGEST = 8 << 30
"""Bytes of a model file."""


def read(path: Path) -> tuple[dict[str, npt.NDArray[np.float32]], dict[str, str]]:
    """(arrays as float32, metadata) of a safetensors file.

    Raises UserError when there is no such file or it is damaged, truncated or of another format.
    """
    try:
        data = plain_file.content(path, _LARGEST)
    except OSError as error:
        raise UserError(f"The model file {path} cannot be read ({error.strerror}); choose another model.") from None
    try:
        return _parsed(data)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, MemoryError):
        raise UserError(f"{path} is no safetensors model or is damaged; get the file again.") from None


def _parsed(data: bytes) -> tuple[dict[str, npt.NDArray[np.float32]], dict[str, str]]:
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(LONGEST_HEADER, len(data) - 8):
        raise ValueError("truncated")
    header: dict[str, Any] = json.loads(data[8 : 8 + length].decode("utf-8"))
    body = memoryview(data)[8 + length :]
    notes = {str(k): str(v) for k, v in header.pop("__metadata__", {}).items()}
    arrays, taken = {}, 0
    for name, entry in header.items():
        kind: np.dtype[Any] = _TYPES[entry["dtype"]]
        shape = tuple(int(n) for n in entry["shape"])
        start, stop = (int(n) for n in entry["data_offsets"])
        if min(shape, default=1) < 0 or not 0 <= start <= stop <= len(body):
            raise ValueError("range")
        if stop - start != math.prod(shape) * kind.itemsize:
            raise ValueError("size")
        taken += stop - start
        if taken > len(body):  # they overlap, so a small file would become large arrays
            raise ValueError("overlap")
        values = np.frombuffer(body[start:stop], kind).reshape(shape).astype(np.float32)
        if not np.isfinite(values).all():
            raise ValueError("not finite")
        arrays[name] = values
    return arrays, notes
