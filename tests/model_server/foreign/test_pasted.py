"""EmoTalk's filter and blinks, as its authors' tools have them."""

import numpy as np
import pytest

from model_server.foreign.pasted import BLINKS, lids, savgol

scipy_signal = pytest.importorskip("scipy.signal")


@pytest.mark.parametrize("count", [5, 6, 9, 200])
def test_the_filter_is_scipys(count: int) -> None:
    curves = np.random.default_rng(count).normal(size=(count, 3)).astype(np.float32)
    assert np.allclose(savgol(curves), scipy_signal.savgol_filter(curves.astype(float), 5, 2, axis=0), atol=1e-6)


def test_too_few_frames_stay() -> None:
    curves = np.ones((4, 2), np.float32)
    assert savgol(curves) is curves


def test_blinks_come_every_two_to_six_seconds_and_by_the_seed() -> None:
    found = lids(3000, 1)
    begins = np.flatnonzero((found[1:] > 0) & (found[:-1] == 0)) + 1
    assert begins[0] < 60 + 1 and np.diff(begins).min() >= 60 - 1 and np.diff(begins).max() <= 180 + 1
    assert any(np.allclose(found[begins[1] : begins[1] + 7], blink) for blink in BLINKS)
    assert np.array_equal(found, lids(3000, 1)) and not np.array_equal(found, lids(3000, 2))
