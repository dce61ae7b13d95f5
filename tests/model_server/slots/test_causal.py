"""The causal network: what it looks ahead is what its shape says, in both backends."""

import numpy as np
import pytest

from model_server.speech.backend import numpy_backend
from model_server.speech.network import Shape

SHAPE = Shape(44, 16, dilations=(1, 2, 4), causal=True)


def weights(shape: Shape) -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    return {name: random.normal(0, 0.2, s).astype(np.float32) for name, s in shape.tensors().items()}


def looks_ahead(shape: Shape) -> int:
    """Frames at 50 Hz before a change of the sound that the output moves."""
    backend = numpy_backend(shape, weights(shape))
    mel = np.random.default_rng(1).normal(size=(200, 80)).astype(np.float32)
    changed = mel.copy()
    changed[120:] += 1
    moved = np.abs(backend(mel) - backend(changed)).max(1) > 1e-6
    return (120 - int(np.flatnonzero(moved)[0])) // 2


def test_it_looks_ahead_as_far_as_stem_and_head_and_no_further() -> None:
    assert looks_ahead(SHAPE) == SHAPE.ahead == 3
    both_ways = Shape(44, 16, dilations=(1, 2, 4))
    assert looks_ahead(both_ways) == both_ways.ahead == both_ways.context


def test_torch_computes_the_same() -> None:
    pytest.importorskip("torch")
    from model_server.speech.torch_backend import torch_backend

    mel = np.random.default_rng(1).normal(size=(300, 80)).astype(np.float32)
    ours, theirs = numpy_backend(SHAPE, weights(SHAPE))(mel), torch_backend(SHAPE, weights(SHAPE), "cpu")(mel)
    assert ours == pytest.approx(theirs, abs=1e-4)


def test_the_shape_survives_its_card() -> None:
    assert Shape.from_json(SHAPE.to_json()) == SHAPE
