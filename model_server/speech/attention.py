"""The transformer's arithmetic on numpy: what Whisper's encoder does (Radford et al. 2022), normalised first."""

import numpy as np
import numpy.typing as npt

from model_server.speech.layers import LARGEST, convolved, gelu, normal
from model_server.speech.network import Shape, positions

Array = npt.NDArray[np.float32]


def listened(features: Array, shape: Shape, weights: dict[str, Array]) -> Array:
    """(T, bands) features at 100 Hz, T even, to (T / 2, states) at 50 Hz, normalised."""
    x = gelu(convolved(features, weights["first.weight"], weights["first.bias"]))
    x = _halved(x, weights["second.weight"])
    x += weights["second.bias"]
    x = gelu(x)
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
    """Every frame's mean of all frames' values, weighted by how well keys fit queries; those are scaled already.

    A head at a time: what it weighs with stays in the processor's cache.
    """
    heads, keys, values = shape.heads, shape.keys, shape.values
    three = _linear(x, weights, f"{layer}attend")
    mean = np.empty((len(x), heads * values), np.float32)
    fit = np.empty((len(x), len(x)), np.float32)
    value = np.ones((len(x), values + 1), np.float32)  # the last column sums the weights
    for head in range(heads):
        query, key = (three[:, at : at + keys] for at in (head * keys, (heads + head) * keys))
        at = 2 * heads * keys + head * values
        value[:, :-1] = three[:, at : at + values]
        np.matmul(query, key.T, out=fit)
        if _longest(query) * _longest(key) > LARGEST:  # no product is larger (Cauchy and Schwarz)
            fit -= fit.max(1, keepdims=True)
        np.exp(fit, out=fit)
        sums = fit @ value
        np.divide(sums[:, :-1], sums[:, -1:], out=mean[:, head * values : (head + 1) * values])
    return _linear(mean, weights, f"{layer}join")


def _longest(rows: Array) -> float:
    """The largest norm of the rows of (T, N)."""
    return float(np.sqrt(np.einsum("tn,tn->t", rows, rows).max()))


def _halved(x: Array, weight: Array) -> Array:
    """(T, inputs), T even, and three taps (3, inputs, outputs) around every other frame to (T / 2, outputs)."""
    two, outputs = 2 * x.shape[1], weight.shape[2]
    y: Array = x.reshape(-1, two) @ weight[1:].reshape(two, outputs)
    y[1:] += x[1:-1:2] @ weight[0]
    return y
