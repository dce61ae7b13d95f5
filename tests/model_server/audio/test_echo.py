"""Speech without its echo: drier than it was heard, untouched where there is none, the same in blocks."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_server.audio import echo, features
from model_server.audio.decode import decode
from model_server.evaluation.distort import room

SAMPLE = Path(echo.__file__).parents[1] / "sample" / "hello.wav"


@pytest.fixture(scope="module")
def dry() -> np.ndarray:
    return decode(SAMPLE).samples


def low(power: np.ndarray) -> np.ndarray:
    """The bands that lie below ``echo.BINS`` altogether."""
    reached = (features.mel_filters()[echo.BINS :] > 0).any(0)
    return power[:, ~reached]


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Mean difference of two band powers in natural logs, where the first is heard at all."""
    one, other = low(one), low(other)
    loud = one > features.FLOOR * features.level(one)
    return float(np.abs(np.log(one[loud]) - np.log(other[loud] + 1e-9)).mean())


@pytest.mark.parametrize("seed", range(3))
def test_speech_in_a_room_comes_nearer_to_speech_without_one(seed: int, dry: np.ndarray) -> None:
    wet, wanted = room(dry, seed), features.mel_power(dry)
    assert apart(wanted, echo.power(wet)) < 0.88 * apart(wanted, features.mel_power(wet))


def test_speech_without_a_room_stays_nearly_as_it_is(dry: np.ndarray) -> None:
    assert apart(features.mel_power(dry), echo.power(dry)) < 0.1


def test_an_echo_of_bursts_is_taken_away() -> None:
    random = np.random.default_rng(0)
    on = np.repeat(random.random(120) > 0.6, 1600)
    bursts = random.normal(size=len(on)) * np.where(on, 1.0, 0.1)
    late = 12 * features.HOP
    heard = bursts + 0.5 * np.concatenate([np.zeros(late), bursts[:-late]])
    wanted, wet = (low(features.mel_power(sound.astype(np.float32))) for sound in (bursts, heard))
    between = wanted.mean(1) < 0.1 * wanted.mean()
    left = low(echo.power(heard.astype(np.float32)))[between].mean() - wanted[between].mean()
    assert left < 0.3 * (wet[between].mean() - wanted[between].mean())


def test_blocks_that_are_heard_side_by_side_give_the_same(dry: np.ndarray) -> None:
    long = np.concatenate([dry] * 8)
    assert len(long) > 1.5 * echo.BLOCK * features.HOP
    assert np.array_equal(echo.power(long), echo.power(long, workers=3))


def test_the_first_frames_of_a_block_know_what_was_before_it_and_no_more(dry: np.ndarray) -> None:
    long = room(np.concatenate([dry] * 8))
    frames = features.frame_count(len(long))
    seam = -(-frames // -(-frames // echo.BLOCK))
    heard = echo.power(long)
    for before, knows in ((echo.REACH - 5, True), (echo.REACH + 5, False)):
        other = long.copy()
        other[(seam - before - 2) * features.HOP : (seam - before) * features.HOP] += 0.3
        changed = np.abs(echo.power(other) - heard)[seam + 3 : 2 * seam - echo.REACH]
        assert (changed.max() > 0) == knows


@settings(deadline=None)
@given(length=st.integers(0, 9000), scale=st.sampled_from([0.0, 1e-6, 1.0, 1e3]), seed=st.integers(0, 9))
def test_recordings_of_any_length_and_loudness_have_finite_frames(length: int, scale: float, seed: int) -> None:
    samples = (np.random.default_rng(seed).normal(size=length) * scale).astype(np.float32)
    samples[length // 2 :] = 0
    found = echo.power(samples)
    assert found.shape == (features.frame_count(length), features.BANDS)
    assert np.isfinite(found).all()
    assert (found >= 0).all()


@given(gain=st.floats(1e-3, 1e3))
def test_a_louder_recording_is_the_same_but_louder(gain: float) -> None:
    samples = np.random.default_rng(0).normal(size=8000).astype(np.float32)
    assert np.allclose(echo.power(samples * np.float32(gain)) / gain**2, echo.power(samples), rtol=2e-2, atol=1e-6)


def test_a_word_of_half_a_second_is_not_taken_for_its_own_echo(dry: np.ndarray) -> None:
    start = int(np.abs(dry).argmax()) - 4000
    word = dry[max(0, start) : max(0, start) + 8000]
    assert echo.power(word).sum() > 0.6 * features.mel_power(word).sum()
