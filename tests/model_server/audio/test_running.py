"""A running ear: speech is heard at the level it has, and a recording of one level as it always was."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_server.audio import features, running

AVERAGE = np.zeros(80, np.float32)


def babble(seconds: float, seed: int = 0) -> np.ndarray:
    """(T, 80) band powers that swell and fade four times a second, as syllables do; level about 1."""
    random = np.random.default_rng(seed)
    time = np.arange(int(seconds * 100)) / 100
    swell = np.exp(4 * np.sin(2 * np.pi * 4 * time + seed) - 4) + 1e-4
    return (swell[:, None] * random.gamma(4, 0.25, (len(time), 80))).astype(np.float32)


def decibels(level: np.ndarray) -> np.ndarray:
    return np.asarray(10 * np.log10(level))


@given(loud=st.floats(2, 6), soft=st.floats(2, 6), drop=st.floats(6, 20), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_a_line_that_is_softer_is_heard_at_its_own_level(loud: float, soft: float, drop: float, seed: int) -> None:
    first, second = babble(loud, seed), babble(soft, seed + 1) * np.float32(10 ** (-drop / 10))
    level = decibels(running.levels(np.concatenate([first, second])))
    # Less than half a second from the joint it follows already, but for the 3 dB that speech varies by itself.
    assert level[: len(first) - 40].mean() - level[len(first) + 40 :].mean() == pytest.approx(drop - 3, abs=2.5)
    assert abs(level[len(first) - 45] - level[: len(first) - 100].mean()) < 3
    assert abs(level[len(first) + 45] - level[len(first) + 100 :].mean()) < 3


@given(seconds=st.floats(1, 8), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_one_voice_at_one_level_has_the_level_of_the_recording(seconds: float, seed: int) -> None:
    power = babble(seconds, seed)
    assert np.allclose(running.levels(power), features.level(power), rtol=0.02)


def test_what_is_steady_is_not_taken_for_soft_speech() -> None:
    hiss = np.random.default_rng(0).gamma(4, 0.25, (400, 80)).astype(np.float32) * np.float32(1e-3)
    level = running.levels(np.concatenate([babble(3), hiss, babble(3, 1)]))
    assert decibels(level[450:550]).min() > decibels(level[:250]).mean() - 3


def test_nothing_at_all_stays_nothing() -> None:
    for frames in (1, 2, 49, 50, 51, 1000):
        mel, loudness = running.heard(np.zeros((frames, 80), np.float32), AVERAGE)
        assert np.isfinite(mel).all() and (loudness < -10).all()


def test_a_joint_between_two_microphones_is_followed() -> None:
    """The same voice through another equaliser: much of what is between them is taken out."""
    tilt = np.exp(np.linspace(-2, 2, 80)).astype(np.float32)
    voice = babble(12)
    both, _ = running.heard(np.concatenate([voice, voice * tilt / tilt.mean()]), AVERAGE)
    loud = voice.mean(1) > 0.5
    first, second = both[:1200][loud].mean(0), both[1200:][loud].mean(0)
    apart = np.log(tilt) / features.SPREAD
    assert np.abs(first - second).mean() < 0.6 * np.abs(apart - apart.mean()).mean()


@given(frames=st.integers(1, 400))
@settings(max_examples=20, deadline=None)
def test_recordings_of_any_length_are_heard(frames: int) -> None:
    mel, loudness = running.heard(babble(4)[:frames].copy(), AVERAGE)
    assert mel.shape == (frames, 80) and loudness.shape == (frames,) and np.isfinite(mel).all()


@pytest.mark.parametrize(("drop", "followed"), [(18, True), (22, True), (32, False), (36, False)])
def test_who_is_30_db_softer_is_behind_and_stays_soft(drop: float, followed: bool) -> None:
    voice, other = babble(4), babble(4, 1) * np.float32(10 ** (-drop / 10))
    level = decibels(running.levels(np.concatenate([voice, other, voice])))
    assert (level[500:700].mean() < level[:250].mean() - 10) == followed


def test_a_note_that_is_held_keeps_its_vowel() -> None:
    """Held for three seconds between words, it is no more the colour of the voice than when it is sung for one."""
    vowel = np.exp(2 * np.sin(np.linspace(0, 9, 80))).astype(np.float32)
    vowel /= vowel.mean()

    def contrast(frames: int) -> float:
        note = np.tile(vowel, (frames, 1)) * np.random.default_rng(0).gamma(20, 0.05, (frames, 80)).astype(np.float32)
        mel, _ = running.heard(np.concatenate([babble(6), note, babble(6, 1)]), AVERAGE)
        return float(mel[600 + frames // 2 - 10 : 600 + frames // 2 + 10].mean(0).std())

    assert contrast(300) > 0.8 * contrast(60)
