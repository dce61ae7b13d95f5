"""The transformer's arithmetic on numpy: what Whisper's encoder does (Radford et al. 2022), normalised first."""

import numpy as np
import numpy.typing as npt

from model_server.speech.layers import convolved, gelu, normal
from model_server.speech.network import Shape, positions

Array = npt.NDArray[np.float32]


def listened(features: Array, shape: Shape, weights: dict[str, Array]) -> Array:
    """(T, bands) features at 100 Hz, T even, to (T / 2, states) at 50 Hz, normalised."""
    x = gelu(convolved(features, weights["first.weight"], weights["first.bias"]))
    x = gelu(_halved(x, weights["second.weight"]) + weights["second.bias"])
    x += positions(len(x), shape.states)
    for i in range(shape.layers):
        x += _attended(normal(x), shape, weights, f"layer{i}.")
        wide = gelu(_linear(normal(x), weights, f"layer{i}.widen"))
        x += _linear(wide, weights, f"layer{i}.narrow")
    return normal(x)


def _linear(x: Array, weights: dict[str, Array], name: str) -> Array:
    y: Array = x @ weights[f"{name}.weight"]
    y += weights[f"{name}.bias"]
    return y


def _attended(x: Array, shape: Shape, weights: dict[str, Array], layer: str) -> Array:
    """Every frame's mean of all frames' values, weighted by how well keys fit queries; those are scaled already."""
    frames, first, second = len(x), shape.heads * shape.keys, 2 * shape.heads * shape.keys
    three = np.split(_linear(x, weights, f"{layer}attend"), [first, second], 1)
    query, key, value = (one.reshape(frames, shape.heads, -1).transpose(1, 0, 2) for one in three)
    fit: Array = np.matmul(np.ascontiguousarray(query), np.ascontiguousarray(key).transpose(0, 2, 1))
    fit -= fit.max(-1, keepdims=True)
    np.exp(fit, out=fit)
    mean: Array = fit @ np.ascontiguousarray(value)
    mean /= fit.sum(-1)[:, :, None]
    return _linear(mean.transpose(1, 0, 2).reshape(frames, -1), weights, f"{layer}join")


def _halved(x: Array, weight: Array) -> Array:
    """(T, inputs), T even, and three taps (3, inputs, outputs) around every other frame to (T / 2, outputs)."""
    y: Array = x[::2] @ weight[1]
    y += x[1::2] @ weight[2]
    y[1:] += x[1:-1:2] @ weight[0]
    return y
