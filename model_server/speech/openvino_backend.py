"""The network's arithmetic on OpenVINO, in half precision where the processor multiplies it. Optional, never needed.

The graph is made in memory of the same weights that numpy reads; there is no second model. The only file here that
imports openvino.
"""

import threading
from typing import Any

import numpy as np
import openvino
from openvino import opset13 as op

from model_server.hardware import Precision
from model_server.speech.backend import Array, Backend, Weights
from model_server.speech.layers import TINY
from model_server.speech.network import MARGIN, WINDOW, Shape, positions

STEP = (WINDOW + 2 * MARGIN) // 5
"""50 Hz frames. Pieces are filled up to whole steps, so that there are five lengths: OpenVINO makes its code for each
length when it meets it first, which takes longer than a line of dialogue."""
NOWHERE = -1e4
"""What is added to how well the key of a frame that is not there fits."""


def openvino_backend(shape: Shape, weights: Weights, precision: Precision = "half", streams: int = 1) -> Backend:
    """As ``numpy_backend``; may be called from ``streams`` threads at a time, of which each has a processor's core.

    In half precision matrices and convolutions multiply bfloat16, which Intel's AMX does in a quarter of numpy's time.
    """
    compiled = openvino.Core().compile_model(
        _Graph(shape, weights).model(), "CPU",
        {
            "INFERENCE_PRECISION_HINT": "bf16" if precision == "half" else "f32",
            "INFERENCE_NUM_THREADS": streams, "NUM_STREAMS": streams,
        },
    )  # fmt: skip
    own = threading.local()

    def run(features: Array) -> Array:
        if not hasattr(own, "request"):
            own.request = compiled.create_infer_request()
        frames = len(features) // 2
        filled = STEP * -(-frames // STEP)
        given = [np.pad(features, ((0, 2 * (filled - frames)), (0, 0)))]
        given.append((np.arange(filled) < frames).astype(np.float32))
        if shape.layers:
            given.append(positions(filled, shape.states))
        logits: Array = own.request.infer(given)[0].reshape(2 * filled, shape.outputs)
        return logits[: len(features)].copy()

    return run


class _Graph:
    """Nodes of OpenVINO for the layers of ``numpy_backend``; frames stand in rows but in convolutions."""

    def __init__(self, shape: Shape, weights: Weights) -> None:
        self.shape, self.weights = shape, weights

    def model(self) -> Any:
        """(T, bands) features, (T / 2,) 1 where they are there and 0 where they only fill up, and (T / 2, states)
        positions where there are layers, to (T / 2, 2 * outputs) logits."""
        shape = self.shape
        features, there = op.parameter([-1, shape.bands], np.float32), op.parameter([-1], np.float32)
        inputs, there = [features, there], op.reshape(there, np.array([1, 1, -1]), False)
        if shape.layers:
            inputs.append(op.parameter([-1, shape.states], np.float32))
            x = self._listened(features, inputs[2], there)
        else:
            x = op.reshape(features, np.array([-1, 2 * shape.bands]), False)
        x = op.relu(self._convolved(op.multiply(_as_columns(x), there), "stem"))
        for i, dilation in enumerate(shape.dilations):
            x = op.multiply(x, there)  # what looks beyond the end sees zeros, as on numpy
            y = op.relu(self._convolved(x, f"block{i}.spread", dilation, causal=shape.causal))
            x = op.relu(op.add(self._convolved(y, f"block{i}.mix"), x))
        x = op.multiply(x, there)
        return openvino.Model([_as_rows(self._convolved(x, "head"))], inputs, "phones")

    def _listened(self, features: Any, places: Any, there: Any) -> Any:
        """As ``attention.listened``."""
        x = op.gelu(self._convolved(_as_columns(features), "first"), "tanh")
        x = op.gelu(self._convolved(x, "second", stride=2), "tanh")
        x = op.add(_as_rows(x), places)
        away = op.multiply(op.subtract(op.constant(np.float32(1)), there), op.constant(np.float32(NOWHERE)))
        for i in range(self.shape.layers):
            x = op.add(x, self._attended(_normal(x), f"layer{i}.", away))
            wide = op.gelu(self._linear(_normal(x), f"layer{i}.widen"), "tanh")
            x = op.add(x, self._linear(wide, f"layer{i}.narrow"))
        return _normal(x)

    def _attended(self, x: Any, layer: str, away: Any) -> Any:
        heads, keys, values = self.shape.heads, self.shape.keys, self.shape.values
        sizes = np.array([heads * keys, heads * keys, heads * values])
        query, key, value = op.variadic_split(self._linear(x, f"{layer}attend"), 1, sizes).outputs()
        query, key, value = (
            op.transpose(op.reshape(one, np.array([0, heads, size]), True), np.array([1, 0, 2]))
            for one, size in ((query, keys), (key, keys), (value, values))
        )
        fit = op.softmax(op.add(op.matmul(query, key, False, True), away), 2)
        mean = op.transpose(op.matmul(fit, value, False, False), np.array([1, 0, 2]))
        return self._linear(op.reshape(mean, np.array([0, heads * values]), True), f"{layer}join")

    def _linear(self, x: Any, name: str) -> Any:
        product = op.matmul(x, op.constant(self.weights[f"{name}.weight"]), False, False)
        return op.add(product, op.constant(self.weights[f"{name}.bias"]))

    def _convolved(self, x: Any, name: str, dilation: int = 1, causal: bool = False, stride: int = 1) -> Any:
        """(1, inputs, T) to (1, outputs, T / stride)."""
        weight = self.weights[f"{name}.weight"]
        reach = dilation * (len(weight) - 1)
        before = reach if causal else dilation * (len(weight) // 2)
        taps = op.constant(np.ascontiguousarray(weight.transpose(2, 1, 0)))
        after = reach - before - (stride - 1)
        y = op.convolution(x, taps, [stride], [before], [after], [dilation])
        return op.add(y, op.constant(self.weights[f"{name}.bias"][None, :, None]))


def _as_columns(rows: Any) -> Any:
    """(T, C) to (1, C, T)."""
    return op.unsqueeze(op.transpose(rows, np.array([1, 0])), 0)


def _as_rows(columns: Any) -> Any:
    """(1, C, T) to (T, C)."""
    return op.transpose(op.squeeze(columns, 0), np.array([1, 0]))


def _normal(x: Any) -> Any:
    return op.mvn(x, np.array([1]), True, TINY, "inside_sqrt")
