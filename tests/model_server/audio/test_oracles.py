"""Our numpy resampler, pitch and echo removal beside the programs that their fields trust: scipy, Praat, nara_wpe."""

import numpy as np
import pytest
from scipy import signal

from model_server.audio import echo, features
from model_server.audio import resample as resampling
from model_server.audio.decode import decode
from model_server.audio.prosody import prosody
from model_server.evaluation.distort import room
from model_server.sample import SAMPLE

Floats = np.ndarray


@pytest.fixture(scope="module")
def dry() -> Floats:
    return decode(SAMPLE).samples


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 24000, 44056, 44100, 48000, 96000])
def test_the_resampler_is_scipys_polyphase_with_the_same_filter(rate: int) -> None:
    """To 2e-5 of noise of variance 1: ours adds in float32, and makes every phase sum to 1, scipy's all together."""
    ours = resampling.Resampler(rate, 16000)
    half = resampling._filter(ours.up, ours.down, resampling._half_width(ours.up, ours.down))[:-1]
    taps = np.concatenate([half[:0:-1], half])
    noise = np.random.default_rng(rate).standard_normal(rate // 2 + 1).astype(np.float32)
    wanted = signal.resample_poly(noise.astype(np.float64), ours.up, ours.down, window=taps / taps.sum())
    found = resampling.resample(noise, rate, 16000)
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max() < 2e-5


@pytest.mark.parametrize("rate", [8000, 44100, 48000])
def test_speech_comes_out_as_scipys_own_filter_has_it(rate: int, dry: Floats) -> None:
    """Within 1 % of its RMS, by what scipy's shorter filter (60 dB, 0.1 of the band) leaves of the upper end."""
    there = signal.resample_poly(dry.astype(np.float64), rate, 16000).astype(np.float32)
    wanted = signal.resample_poly(there.astype(np.float64), 16000, rate)
    found = resampling.resample(there, rate, 16000)
    low = signal.butter(8, 3000, fs=16000, output="sos")  # what all of the rates hold
    apart = signal.sosfiltfilt(low, found[: len(wanted)] - wanted)
    assert np.sqrt(np.mean(apart**2)) < 0.01 * np.sqrt(np.mean(wanted**2))


def praat(samples: Floats) -> tuple[Floats, Floats]:
    """(n,) times and (n,) Hz, 0 where unvoiced, of Praat's autocorrelation with its own path search, in our range."""
    parselmouth = pytest.importorskip("parselmouth")
    sound = parselmouth.Sound(samples.astype(np.float64), 16000)
    found = sound.to_pitch_ac(time_step=0.01, pitch_floor=60, pitch_ceiling=450)
    return found.xs(), found.selected_array["frequency"]


def beside_praat(samples: Floats) -> tuple[Floats, Floats, Floats]:
    """Both voicings (n,), and cents (m,) from Praat's to our pitch where both are voiced."""
    times, theirs = praat(samples)
    found = prosody(samples, 200).f0_hz  # Praat's frames lie between ours
    ours = found[np.minimum(np.round(times * 200).astype(int), len(found) - 1)]
    both = (ours > 0) & (theirs > 0)
    return ours > 0, theirs > 0, 1200 * np.log2(ours[both] / theirs[both])


def test_the_pitch_of_speech_is_praats(dry: Floats) -> None:
    """A frame is 50 ms of ours and of Praat's, so within a glide they differ by a few tens of cents at its ends; and a
    voice begins and ends gradually, where two thresholds need not agree.
    """
    ours, theirs, cents = beside_praat(dry)
    assert np.median(np.abs(cents)) < 10
    assert np.percentile(np.abs(cents), 95) < 50
    assert (np.abs(cents) > 300).mean() < 0.02  # octaves
    assert (ours == theirs).mean() > 0.93


@pytest.mark.parametrize("noise", [0.0, 0.02])
@pytest.mark.parametrize(("start", "end"), [(80, 160), (300, 140), (200, 420)])
def test_the_pitch_of_a_glide_is_praats(start: float, end: float, noise: float) -> None:
    """To 10 cents, what a parabola through three lags at 4 kHz is off by at 420 Hz; noise adds as much to both."""
    time = np.arange(32000) / 16000
    phase = 2 * np.pi * np.cumsum(np.geomspace(start, end, 32000)) / 16000
    voice = sum(np.sin(k * phase) / k for k in range(1, 12)) * 0.2
    voice += np.random.default_rng(0).normal(size=len(time)) * noise
    ours, theirs, cents = beside_praat(voice.astype(np.float32))
    assert (ours & theirs).mean() > 0.8
    assert np.percentile(np.abs(cents), 95) < (20 if noise else 10)


def spectrum(samples: Floats) -> Floats:
    """(T, 128) the bins that ``echo`` looks at."""
    whole = features.spectrum(samples, 0, features.frame_count(len(samples)))
    return whole[:, : echo.BINS].astype(np.complex64)


def nara(found: Floats, iterations: int) -> Floats:
    """(T, bins) without echo by nara_wpe with our delay, taps and neighbours."""
    wpe = pytest.importorskip("nara_wpe.wpe").wpe
    rows = found.T[:, None].astype(np.complex128)
    return wpe(rows, taps=echo.TAPS, delay=echo.DELAY, iterations=iterations, psd_context=1)[:, 0].T


def test_with_nothing_spared_the_echo_is_nara_wpes(dry: Floats, monkeypatch: pytest.MonkeyPatch) -> None:
    """To 0.5 % of the echo: the power of the very first and last frame is averaged in another way, and ours solves in
    float32. As it ships it sees fewer frames and is held back by a prior, which is what the next test is for.
    """
    for name, value in (("SEEN", 10**9), ("PRIOR_FRAMES", 0.0), ("_LEAST", 1e-10)):
        monkeypatch.setattr(echo, name, value)
    heard = spectrum(room(dry, 0))
    theirs = heard - nara(heard, 1)
    assert np.linalg.norm(theirs) > 0.3 * np.linalg.norm(heard)
    assert np.linalg.norm(echo.echo(heard) - theirs) < 0.005 * np.linalg.norm(theirs)


@pytest.mark.parametrize("seed", [0, 1])
def test_speech_comes_out_as_dry_as_by_nara_wpe(seed: int, dry: Floats) -> None:
    """Within 2 % of its distance from dry speech in log mel bands, although it looks at 200 frames alone."""
    wet, wanted = spectrum(room(dry, seed)), bands(spectrum(dry))
    loud = wanted > features.FLOOR * features.level(wanted)

    def apart(found: Floats) -> float:
        return float(np.abs(np.log(bands(found)[loud] + 1e-9) - np.log(wanted[loud])).mean())

    ours, theirs = apart(wet - echo.echo(wet)), apart(nara(wet, 1))
    assert ours < 0.9 * apart(wet)
    assert ours < 1.02 * theirs


def bands(found: Floats) -> Floats:
    """(T, n) powers of the mel bands that lie below what ``echo`` looks at."""
    filters = features.mel_filters()
    return (np.abs(found) ** 2) @ filters[: echo.BINS, ~(filters[echo.BINS :] > 0).any(0)]
