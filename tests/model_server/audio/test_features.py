"""Log-mel features: centred frames, one level a recording, the same numbers in pieces as in one go."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_server.audio import features

NOISE = np.random.default_rng(0).normal(size=32000).astype(np.float32) * 0.1


def test_a_tone_lights_the_band_around_its_frequency() -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000).astype(np.float32)
    band = int(features.mel_power(tone)[50].argmax())
    peak_hz = np.arange(257)[features.mel_filters()[:, band].argmax()] * 16000 / 512
    assert peak_hz == pytest.approx(1000, abs=60)


def test_frame_i_is_centred_on_i_hundredths_of_a_second() -> None:
    click = np.zeros(16000, np.float32)
    click[8000] = 1.0
    energy = features.mel_power(click).sum(1)
    assert energy.argmax() == 50
    assert energy[49] == pytest.approx(energy[51], rel=1e-3)


@given(first=st.integers(0, 200), count=st.integers(0, 60))
def test_any_range_of_frames_equals_the_same_range_of_the_whole(first: int, count: int) -> None:
    last = min(first + count, features.frame_count(len(NOISE)))
    first = min(first, last)
    whole = features.mel_power(NOISE)
    assert np.allclose(features.mel_power(NOISE, first, last), whole[first:last], rtol=1e-5, atol=1e-9)


@given(length=st.integers(0, 1000))
def test_recordings_of_any_length_have_a_frame(length: int) -> None:
    assert features.mel_power(NOISE[:length]).shape == (length // 160 + 1, 80)


def test_silence_around_speech_hardly_moves_the_level() -> None:
    silence = np.zeros(160000, np.float32)
    alone = features.level(features.mel_power(NOISE))
    among = features.level(features.mel_power(np.concatenate([silence, NOISE, silence])))
    assert among == pytest.approx(alone, rel=0.05)


def test_a_louder_recording_gives_the_same_features() -> None:
    quiet, loud = features.mel_power(NOISE * 0.1), features.mel_power(NOISE)
    assert np.allclose(
        features.log_mel(quiet, features.level(quiet)), features.log_mel(loud, features.level(loud)), atol=1e-3
    )


def test_near_silence_is_not_blown_up_to_speech() -> None:
    power = features.mel_power(NOISE * 1e-5)
    assert features.log_mel(power, features.level(power)).max() < -1.0
