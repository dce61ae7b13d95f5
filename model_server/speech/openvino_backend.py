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
from model_server.speech.backend import Array, Backend, Weights, numpy_backend
from model_server.speech.layers import TINY
from model_server.speech.network import Shape, positions

LEAST = 4
"""Frames of a piece, twice those of a layer. OpenVINO 2026.4 that sees a single one of a layer's first computes longer
pieces wrongly ever after; numpy has it as soon."""


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
    own, tiny = threading.local(), numpy_backend(shape, weights)

    def run(features: Array) -> Array:
        if len(features) < LEAST:
            return tiny(features)
        if not hasattr(own, "request"):
            own.request = compiled.create_infer_request()
        given: list[Array] = [features]
        if shape.layers:
            given.append(positions(len(features) // 2, shape.states))
        logits: Array = own.request.infer(given)[0].reshape(len(features), shape.outputs)
        return logits.copy()

    return run


class _Graph:
    """Nodes of OpenVINO for the layers of ``numpy_backend``; frames stand in rows but in convolutions."""

    def __init__(self, shape: Shape, weights: Weights) -> None:
        self.shape, self.weights = shape, weights

    def model(self) -> Any:
        """(T, bands) features, and (T / 2, states) positions where there are layers, to (T / 2, 2 * outputs) logits."""
        shape = self.shape
        features = op.parameter([-1, shape.bands], np.float32)
        inputs = [features]
        if shape.layers:
            inputs.append(op.parameter([-1, shape.states], np.float32))
            x = self._listened(features, inputs[1])
        else:
            x = op.reshape(features, np.array([-1, 2 * shape.bands]), False)
        x = op.relu(self._convolved(_as_columns(x), "stem"))
        for i, dilation in enumerate(shape.dilations):
            y = op.relu(self._convolved(x, f"block{i}.spread", dilation, causal=shape.causal))
            x = op.relu(op.add(self._convolved(y, f"block{i}.mix"), x))
        return openvino.Model([_as_rows(self._convolved(x, "head"))], inputs, "phones")

    def _listened(self, features: Any, places: Any) -> Any:
        """As ``attention.listened``."""
        x = op.gelu(self._convolved(_as_columns(features), "first"), "tanh")
        x = op.gelu(self._convolved(x, "second", stride=2), "tanh")
        x = op.add(_as_rows(x), places)
        for i in range(self.shape.layers):
            x = op.add(x, self._attended(_normal(x), f"layer{i}."))
            wide = op.gelu(self._linear(_normal(x), f"layer{i}.widen"), "tanh")
            x = op.add(x, self._linear(wide, f"layer{i}.narrow"))
        return _normal(x)

    def _attended(self, x: Any, layer: str) -> Any:
        heads, keys, values = self.shape.heads, self.shape.keys, self.shape.values
        sizes = np.array([heads * keys, heads * keys, heads * values])
        query, key, value = op.variadic_split(self._linear(x, f"{layer}attend"), 1, sizes).outputs()
        query, key, value = (
            op.transpose(op.reshape(one, np.array([0, heads, size]), True), np.array([1, 0, 2]))
            for one, size in ((query, keys), (key, keys), (value, values))
        )
        fit = op.softmax(op.matmul(query, key, False, True), 2)
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
