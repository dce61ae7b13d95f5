"""The resampler keeps what 16 kHz can hold, removes the rest, and streams to the same bits."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_server.audio.resample import Resampler, Samples, resample

RATES = (8000, 11025, 22050, 24000, 32000, 44100, 48000, 88200, 96000, 192000)
EDGE = 800
"""Output samples at either end where the filter sees the silence around the recording."""


def tone(hertz: float, rate: int, seconds: float = 1.0) -> Samples:
    return np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate).astype(np.float32)


@pytest.mark.parametrize("rate", [*RATES, 16000, 44056, 7999])
def test_a_tone_keeps_its_pitch_level_and_phase(rate: int) -> None:
    out = resample(tone(1000, rate), rate, 16000)
    np.testing.assert_allclose(out[EDGE:-EDGE], tone(1000, 16000)[EDGE:-EDGE], atol=1e-4)


@pytest.mark.parametrize("rate", RATES)
def test_the_passband_reaches_nine_tenths_of_the_lower_band(rate: int) -> None:
    highest = 0.9 * min(rate, 16000) / 2
    out = resample(tone(highest, rate), rate, 16000)
    np.testing.assert_allclose(out[EDGE:-EDGE], tone(highest, 16000)[EDGE:-EDGE], atol=1e-3)


@pytest.mark.parametrize("rate", [r for r in RATES if r > 16000])
@pytest.mark.parametrize("above", [1.001, 1.05, 1.3])
def test_what_16_khz_cannot_hold_is_80_db_down(rate: int, above: float) -> None:
    hertz = 8000 * above
    if hertz >= rate / 2:
        hertz = rate / 2 * 0.99
    out = resample(tone(hertz, rate), rate, 16000)
    assert np.abs(out[EDGE:-EDGE]).max() < 10 ** (-80 / 20)


@pytest.mark.parametrize("rate", [8000, 11025])
def test_upsampling_leaves_no_image_above_the_old_band(rate: int) -> None:
    out = resample(tone(rate * 0.4, rate, 2.0), rate, 16000)[EDGE:-EDGE]
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out)))) / len(out) * 4
    hertz = np.fft.rfftfreq(len(out), 1 / 16000)
    assert spectrum[hertz > rate * 0.55].max() < 10 ** (-80 / 20)


@pytest.mark.parametrize("rate", RATES)
def test_a_constant_stays_that_constant(rate: int) -> None:
    out = resample(np.full(rate, 0.5, np.float32), rate, 16000)
    np.testing.assert_allclose(out[EDGE:-EDGE], 0.5, atol=1e-6)


@given(st.sampled_from(RATES), st.integers(0, 60_000), st.data())
@settings(max_examples=60, deadline=None)
def test_blocks_of_any_size_give_the_same_bits_as_one_call(rate: int, count: int, data: st.DataObject) -> None:
    samples = np.random.default_rng(count).standard_normal(count).astype(np.float32)
    cuts = sorted(data.draw(st.lists(st.integers(0, count), max_size=6)))
    resampler = Resampler(rate, 16000)
    blocks = np.split(samples, cuts)
    streamed = np.concatenate([*(resampler.push(block) for block in blocks), resampler.finish()])
    np.testing.assert_array_equal(streamed, resample(samples, rate, 16000))


@given(st.integers(1000, 200_000), st.integers(0, 3000))
@settings(max_examples=25, deadline=None)
def test_any_integer_rate_gives_the_length_that_time_asks_for(rate: int, count: int) -> None:
    if 16000 // np.gcd(rate, 16000) > 2000:
        rate = round(rate, -2)  # a rate without a common factor takes seconds to set up; one of them is tested above
    out = resample(np.zeros(count, np.float32), rate, 16000)
    assert len(out) == -(-count * 16000 // rate)


def test_a_minute_of_48_khz_takes_little_of_a_minute() -> None:
    samples = np.random.default_rng(0).standard_normal(48000 * 60).astype(np.float32)
    resample(samples[:48000], 48000, 16000)
    start = time.process_time()
    resample(samples, 48000, 16000)
    assert time.process_time() - start < 60 / 100  # it is ten times faster than this; a busy machine is not a failure
