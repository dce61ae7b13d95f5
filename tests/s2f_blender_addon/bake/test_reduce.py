"""Key reduction keeps its promise: lines between the keys that stay are within the error."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays


def rebuilt(values, keep):
    time = np.arange(len(values))
    return np.stack([np.interp(time, time[k], v[k]) for v, k in zip(values.T, keep.T, strict=True)], axis=1)


@pytest.fixture
def needed(load, addon):
    return load("bake.reduce").needed


@pytest.fixture(scope="module")
def needed_once(addon):
    import importlib

    return importlib.import_module("bl_ext.user_default.s2f_blender_addon.s2f_blender_addon.bake.reduce").needed


shapes = some.tuples(some.integers(1, 60), some.integers(1, 4))


@given(
    values=arrays.arrays(np.float32, shapes, elements=some.floats(0, 1, width=32)),
    error=some.sampled_from([0.001, 0.01, 0.1, 0.5]),
)
def test_the_error_bound_holds_for_any_curve(needed_once, values, error):
    keep = needed_once(values, error)
    assert np.abs(rebuilt(values, keep) - values).max() <= error + 1e-6
    assert keep[0].all()
    assert keep[-1].all()


def test_a_straight_line_needs_its_ends_alone(needed):
    assert needed(np.linspace(0, 1, 500, dtype=np.float32)[:, None], 1e-4).sum() == 2


def test_speech_like_curves_lose_most_keys(needed):
    time = np.arange(600)[:, None] / 60
    values = (0.5 + 0.5 * np.sin(2 * np.pi * time * np.linspace(0.2, 3, 52))).astype(np.float32)
    assert needed(values, 0.02).mean() < 0.4
