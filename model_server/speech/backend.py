"""The network's arithmetic on numpy; ``torch_backend`` does the same on torch. A backend is a function on features."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from model_server.speech.attention import listened
from model_server.speech.layers import convolved
from model_server.speech.network import Shape

Array = npt.NDArray[np.float32]
Weights = dict[str, Array]
Backend = Callable[[Array], Array]
"""(T, bands) features, T even, to (T, outputs) logits; edges see zeros, so callers give context."""


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
