"""Matrices in eight bits: whole numbers -127 … 127 and a scale for each column, so that a model file is a quarter."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

SCALE = ".scale"
_MOST = 127


def packed(weight: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """(…, n) as int8, and (n,) what one step of each last column is worth."""
    largest = np.abs(weight).reshape(-1, weight.shape[-1]).max(0)
    scale = np.maximum(largest / _MOST, 1e-12).astype(np.float32)
    return np.round(weight / scale).astype(np.int8), scale


def eight_bits(network: Mapping[str, Floats]) -> dict[str, Any]:
    """``network`` with its matrices packed, each with its scale beside it."""
    arrays: dict[str, Any] = {}
    for name, array in network.items():
        if array.ndim > 1:
            arrays[name], arrays[name + SCALE] = packed(array)
        else:
            arrays[name] = array
    return arrays


def unpacked(arrays: dict[str, Floats]) -> dict[str, Floats]:
    """``arrays`` with every one that has a scale beside it multiplied by that."""
    return {
        name: np.ascontiguousarray(array * arrays[name + SCALE]) if name + SCALE in arrays else array
        for name, array in arrays.items()
        if not (name.endswith(SCALE) and name.removesuffix(SCALE) in arrays)
    }
