"""What prosody() hears in sounds whose loudness, pitch and accents are known."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from model_server.audio.prosody import prosody


def tone(hz: float, seconds: float = 2.0, loudness: float = 0.1) -> np.ndarray:
    t = np.arange(int(seconds * 16000)) / 16000
    return (loudness * sum(np.sin(2 * np.pi * hz * k * t) / k for k in range(1, 9))).astype(np.float32)


@pytest.mark.parametrize("hz", [75, 120, 220, 330, 430])
def test_the_pitch_of_a_voice_is_right_within_one_percent(hz: float) -> None:
    heard = prosody(tone(hz), 60).f0_hz[6:-6]
    assert np.abs(heard / hz - 1).max() < 0.01


def test_a_weak_fundamental_does_not_fool_it_by_an_octave() -> None:
    t = np.arange(32000) / 16000
    wave = 0.05 * np.sin(2 * np.pi * 110 * t) + sum(0.3 / k * np.sin(2 * np.pi * 110 * k * t) for k in (2, 3, 4, 5))
    heard = prosody(wave.astype(np.float32), 60).f0_hz[6:-6]
    assert np.abs(heard / 110 - 1).max() < 0.01


def test_noise_and_silence_have_no_pitch() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 32000).astype(np.float32)
    assert (prosody(noise, 60).f0_hz > 0).mean() < 0.02
    assert not prosody(np.zeros(32000, np.float32), 60).f0_hz.any()


def test_silence_holds_no_speech() -> None:
    nothing = prosody(np.zeros(32000, np.float32), 60)
    assert not nothing.speech.any()
    assert not nothing.energy.any()
    assert len(nothing.phrases) == len(nothing.accents) == 0


def test_loudness_is_decibels_below_full_scale() -> None:
    t = np.arange(16000) / 16000
    heard = prosody(np.sin(2 * np.pi * 200 * t).astype(np.float32), 60).loudness_db
    assert heard[10:-10] == pytest.approx(-3.01, abs=0.1)


def test_phrases_begin_and_end_where_speech_does() -> None:
    gap = np.zeros(16000, np.float32)
    said = prosody(np.concatenate([gap, tone(120, 1.5), gap, tone(130, 1.0), gap]), 60)
    assert said.phrases == pytest.approx(np.array([[1.0, 2.5], [3.5, 4.5]]), abs=0.06)


def test_the_higher_and_louder_syllable_carries_the_accent() -> None:
    syllables = [tone(110, 0.15, 0.05)] * 4 + [tone(150, 0.18, 0.12)] + [tone(108, 0.15, 0.05)] * 4
    gap = np.zeros(800, np.float32)
    parts = [np.zeros(8000, np.float32)]
    for syllable in syllables:
        parts += [syllable * np.hanning(len(syllable)).astype(np.float32), gap]
    heard = prosody(np.concatenate(parts), 60)
    time_, _ = max(heard.accents, key=lambda accent: accent[1])
    assert time_ == pytest.approx(0.5 + 4 * 0.2 + 0.09, abs=0.06)
    assert heard.stress[round(time_ * 60)] > 1.5 * heard.stress[round((time_ - 0.4) * 60)]


def test_blocks_leave_no_seam() -> None:
    """The analysis works in blocks of 20 s; a steady tone across several of them stays steady."""
    heard = prosody(tone(140, 65.0), 60)
    assert np.abs(heard.f0_hz[6:-6] - 140).max() < 1.0
    assert np.ptp(heard.loudness_db[6:-6]) < 0.5


@pytest.mark.parametrize("fps", [23.976, 24, 29.97, 30, 60, 120])
def test_frames_and_events_at_any_rate(fps: float) -> None:
    sound = np.concatenate([np.zeros(8000, np.float32), tone(120, 2.0), np.zeros(8000, np.float32)])
    heard = prosody(sound, fps)
    assert len(heard.energy) == len(heard.pitch) == int(3.0 * fps + 1e-9) + 1
    assert np.array_equal(heard.phrases, prosody(sound, 60).phrases)


def test_it_is_four_hundred_times_faster_than_real_time() -> None:
    sound = tone(120, 120.0)
    prosody(sound[:16000], 60)
    start = time.process_time()
    prosody(sound, 60)
    assert 120 / (time.process_time() - start) >= 400


@settings(max_examples=30, deadline=None)
@given(
    arrays.arrays(np.float32, st.integers(0, 6000), elements=st.floats(-4, 4, width=32)),
    st.sampled_from([10.0, 24.0, 60.0]),
)
def test_any_sound_gives_finite_values_in_range(samples: np.ndarray, fps: float) -> None:
    heard = prosody(samples, fps)
    assert len(heard.energy) == int(len(samples) / 16000 * fps + 1e-9) + 1
    for values in (heard.energy, heard.stress, heard.speech):
        assert np.isfinite(values).all()
        assert values.min() >= 0
        assert values.max() <= 1
    assert np.isfinite(heard.loudness_db).all()
    assert np.isfinite(heard.pitch).all()
