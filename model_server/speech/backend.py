"""The network's arithmetic on numpy; ``torch_backend`` does the same on torch. A backend is a function on features."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from model_server.speech.attention import listened
from model_server.speech.network import Shape

Array = npt.NDArray[np.float32]
Weights = dict[str, Array]
Backend = Callable[[Array], Array]
"""(T, bands) features, T even, to (T, outputs) logits; edges see zeros, so callers give context."""


def convolved(x: Array, weight: Array, bias: Array, dilation: int = 1, causal: bool = False) -> Array:
    """(T, inputs) and (kernel, inputs, outputs) to (T, outputs), zero-padded; one matrix product a tap.

    The last tap is the present when ``causal``, else the middle one.
    """
    taps = len(weight)
    present = taps - 1 if causal else taps // 2
    reach = dilation * present
    out = np.empty((len(x), weight.shape[2]), np.float32)
    np.matmul(x, weight[present], out=out)
    out += bias
    for tap in range(taps):
        shift = tap * dilation - reach
        if shift < 0:
            out[-shift:] += x[:shift] @ weight[tap]
        elif shift > 0 and shift < len(x):
            out[:-shift] += x[shift:] @ weight[tap]
    return out


def numpy_backend(shape: Shape, weights: Weights) -> Backend:
    def run(features: Array) -> Array:
        if shape.layers:
            heard = listened(features, shape, weights)
        else:
            heard = features.reshape(len(features) // 2, 2 * shape.bands)
        x = np.maximum(convolved(heard, weights["stem.weight"], weights["stem.bias"]), 0)
        for i, dilation in enumerate(shape.dilations):
            name = f"block{i}.spread"
            y = convolved(x, weights[f"{name}.weight"], weights[f"{name}.bias"], dilation, shape.causal)
            np.maximum(y, 0, out=y)
            y = convolved(y, weights[f"block{i}.mix.weight"], weights[f"block{i}.mix.bias"])
            y += x
            x = np.maximum(y, 0, out=y)
        return convolved(x, weights["head.weight"], weights["head.bias"]).reshape(len(features), shape.outputs)

    return run
