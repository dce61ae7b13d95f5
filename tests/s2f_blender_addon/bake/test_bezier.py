"""Reduced curves keep their promise: every sample within its bound, seals kept, an eighth of the keys."""

import importlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays

pytestmark = pytest.mark.one_blender


@pytest.fixture(scope="module")
def part(addon):
    root = "bl_ext.user_default.s2f_blender_addon.s2f_blender_addon"
    return lambda name: importlib.import_module(f"{root}.{name}")


def drawn(part, values, fit):
    """The curves as Blender draws them through the keys of ``fit``."""
    keyed = part("bake.keyed")
    frames = np.arange(len(values), dtype=float)
    return np.stack([
        keyed.evaluate(keyed.made(frames[keep], v[keep], left[keep], right[keep]), frames)
        for keep, v, left, right in zip(fit.keep.T, values.T, fit.left.T, fit.right.T, strict=True)
    ], axis=1)  # fmt: skip


def speech(seed, seconds, fps, columns=52):
    """Random tracks that move as faces do: targets a few times a second, glided between, clamped, some at rest."""
    rng = np.random.default_rng(seed)
    frames = np.arange(int(seconds * fps)) / fps
    tracks = []
    for column in range(columns):
        times = np.cumsum(rng.gamma(4, 1 / rng.choice([4, 12, 24]), int(24 * seconds) + 8))
        targets = np.clip(rng.normal(0.2, 0.3, len(times)), 0, 1) * (column % 5 != 0)
        at = np.searchsorted(times, frames).clip(1, len(times) - 1)
        share = ((frames - times[at - 1]) / (times[at] - times[at - 1])).clip(0, 1)
        share = share * share * (3 - 2 * share)
        tracks.append(targets[at - 1] + share * (targets[at] - targets[at - 1]))
    return np.stack(tracks, axis=1).astype(np.float32)


shapes = some.tuples(some.integers(1, 60), some.integers(1, 4))


@settings(max_examples=60)
@given(
    values=arrays.arrays(np.float32, shapes, elements=some.floats(0, 1, width=32)),
    error=some.sampled_from([0.001, 0.005, 0.1, 0.5]),
)
def test_no_sample_of_any_curve_is_missed_by_more_than_the_bound(part, values, error):
    fit = part("bake.bezier").reduced(values, error)
    assert np.abs(drawn(part, values, fit) - values).max() <= error + 1e-6
    assert fit.keep[0].all()
    assert fit.keep[-1].all()


@settings(max_examples=15)
@given(seed=some.integers(0, 2**32 - 1), fps=some.sampled_from([30.0, 60.0]))
def test_moving_faces_need_an_eighth_of_the_dense_keys(part, seed, fps):
    values = speech(seed, 6, fps)
    fit = part("bake.bezier").reduced(values, 0.005)
    assert np.abs(drawn(part, values, fit) - values).max() <= 0.005
    assert fit.keep.sum() <= values.size / 8


@settings(max_examples=15)
@given(seed=some.integers(0, 2**32 - 1))
def test_sealed_lips_stay_sealed(part, seed):
    channels, blend, writing = part("bake.channels"), part("core.blend"), part("bake.write")
    names, index = part("core.channels").CHANNELS, part("core.channels").INDEX
    values = 0.4 * speech(seed, 4, 24)
    shut = np.zeros(len(values), bool)
    for start in np.random.default_rng(seed).integers(2, len(values) - 6, 8):
        shut[start : start + 3] = True
    for name in blend.OPENERS:
        values[shut, index[name]] = 0
    values[shut, index["jawOpen"]] = values[shut, index["mouthClose"]] = 0.12
    seal = blend.sealed(values)
    assert (seal[shut] > 0.99).all()
    curves = tuple(channels.Channel(name, 0, channels.group_of(name), parting=name in blend.OPENERS) for name in names)
    place = part("bake.stretch").Placement(((0.0, 1.0),), 0, (), 6)
    manner = writing.WriteOptions(place, writing.CURVES, channels.ERROR, 0.0, 24.0, "line", "OFFSET", True)
    writer = writing.CurveWriter(manner, np.arange(len(values), dtype=float), seal)
    fit = part("bake.bezier").reduced(values, writer._bounds(curves, seal))
    kept = drawn(part, values, fit).astype(np.float32)
    assert (blend.sealed(kept)[shut] > 0.85).all()
    assert np.abs(blend.lip_gap(kept) - blend.lip_gap(values))[shut].max() < 0.1, "millimetres"


def test_pinned_samples_are_keys(part):
    values = np.linspace(0, 1, 100, dtype=np.float32)[:, None]
    pinned = np.zeros((100, 1), bool)
    pinned[[30, 31]] = True
    assert list(np.flatnonzero(part("bake.bezier").reduced(values, 0.01, pinned).keep)) == [0, 30, 31, 99]


def test_ten_seconds_of_a_face_are_reduced_at_once(part):
    import time

    values = speech(1, 10, 24)
    part("bake.bezier").reduced(values, 0.005)
    began = time.process_time()
    part("bake.bezier").reduced(values, 0.005)
    assert time.process_time() - began < 0.4, "0.05 s on a machine of its own"
