"""Is a voice that holds a note humming? What repeats with its period tells, low, in the middle and high.

Behind shut lips the nose lets out a murmur: one resonance below 400 Hz, and an antiresonance and losses above, so that
little is left beside the fundamental, and the less the higher (Fujimura, "Analysis of nasal consonants", 1962). An open
mouth has its first formant in the middle, or the next ones standing out above a gap, as for i.
"""

import numpy as np
import numpy.typing as npt

from model_server.audio import features

Array = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

WINDOW, FFT = 800, 2048
"""Samples of 50 ms: four periods of the lowest voice."""
LOWEST_HZ, HIGHEST_HZ = 70.0, 1100.0
"""Of a voice's fundamental; a whistle is found at a part of its own pitch, as a single line."""
VOICED = 0.75
"""Autocorrelation at the period from which a frame has a voice."""
MOST_VOICED = 0.7
"""Share of the frames that must have one."""
LOW_HZ, MIDDLE_HZ, HIGH_HZ = (60.0, 500.0), (500.0, 1000.0), (1500.0, 4000.0)
GAP_HZ = (900.0, 1500.0)
"""Between the first formant of i and e and their second; of any voice up to 600 Hz a harmonic lies there."""
OPEN_DB, PER_OCTAVE = -16.0, 6.0
"""Middle over low from which a mouth is open, at 200 Hz and for each octave above: a high voice is middle itself."""
FRONT_DB, HEARD_DB = 2.0, -35.0
"""High over the gap, and over low, from which it is open as for i. All fitted to 1400 synthetic notes and hums of 80 to
600 Hz: 93 % of hums and 96 % of vowels below 450 Hz are told. Above, a hum and an o are much the same sound."""
_SHORTER = 0.02
_EVERY, _AT_ONCE, _QUIET = 2, 256, 200
_HERTZ = np.arange(FFT // 2 + 1) * features.SAMPLE_RATE / FFT
_HANN = np.hanning(WINDOW)
_SELF = np.fft.irfft(np.abs(np.fft.rfft(_HANN, FFT)) ** 2)
_LAGS = np.arange(int(features.SAMPLE_RATE / HIGHEST_HZ), int(features.SAMPLE_RATE / LOWEST_HZ) + 1)
_NEAR = 10 * features.RATE
"""Frames to either side of a note in which the quiet is looked for."""


def openness(samples: Array, first: int, stop: int) -> float | None:
    """Decibels by which frames ``first`` to ``stop`` (100 Hz) of mono 16 kHz ``samples`` (N,) are brighter than a hum.

    Below 0 somebody hums. None where they are no voice.
    """
    quiet = _quiet(samples, first, stop)
    voiced, shares, pitches = [], [], []
    frames = np.arange(first, stop, _EVERY)
    for start in range(0, len(frames), _AT_ONCE):
        power = _power(samples, frames[start : start + _AT_ONCE])
        lag, strength = _period(power)
        bands = _bands(power, quiet, lag)
        voiced.append(strength > VOICED)
        shares.append(bands[1:] / np.maximum(bands[0], 1e-20))
        pitches.append(features.SAMPLE_RATE / lag)
    heard = np.concatenate(voiced)
    if heard.mean() < MOST_VOICED:
        return None
    middle, gap, high = 10 * np.log10(np.clip(np.median(np.concatenate(shares, 1)[:, heard], axis=1), 1e-6, 10))
    octaves = max(-1.0, float(np.log2(np.median(np.concatenate(pitches)[heard]) / 200)))
    return float(max(middle - OPEN_DB - PER_OCTAVE * octaves, min(high - gap - FRONT_DB, high - HEARD_DB)))


def _power(samples: Array, frames: npt.NDArray[np.int64]) -> Floats:
    """(n, 1025) power spectra around ``frames``, silent beyond the ends and below 60 Hz."""
    at = frames[:, None] * features.HOP - WINDOW // 2 + np.arange(WINDOW)
    inside = (at >= 0) & (at < len(samples))
    pieces = np.where(inside, samples[np.clip(at, 0, len(samples) - 1)], 0) * _HANN
    power = np.abs(np.fft.rfft(pieces, FFT)).astype(np.float64) ** 2
    power[:, LOW_HZ[0] > _HERTZ] = 0
    return power


def _quiet(samples: Array, first: int, stop: int) -> Floats:
    """(1025,) power of the noise near a note: ten of a hundred spectra of noise lie below a tenth of their mean."""
    last = features.frame_count(len(samples)) - 1
    frames = np.linspace(max(0, first - _NEAR), min(last, stop + _NEAR), _QUIET).astype(np.int64)
    tenth = np.percentile(_power(samples, frames), 10, axis=0)
    found: Floats = np.convolve(tenth, np.ones(9) / 9, "same") / -np.log(0.9)
    return found


def _period(power: Floats) -> tuple[Floats, Floats]:
    """(n,) samples that a period lasts, to a part of one, and how alike one is to the next, of frames (n, 1025)."""
    repeats = np.fft.irfft(power * (HIGH_HZ[0] > _HERTZ), FFT)[:, : _LAGS[-1] + 2]
    alike = repeats / (_SELF[: _LAGS[-1] + 2] / _SELF[0]) / np.maximum(repeats[:, :1], 1e-20)
    before, here, after = (alike[:, _LAGS + k] for k in (-1, 0, 1))
    peak = (here > before) & (here >= after)
    best = np.where(peak, here - _SHORTER * np.log2(_LAGS / _LAGS[0]), -1).argmax(1)
    rows = np.arange(len(power))
    b, h, a = before[rows, best], here[rows, best], after[rows, best]
    return _LAGS[best] + np.clip(0.5 * (b - a) / np.minimum(b - 2 * h + a, -1e-9), -0.5, 0.5), h


def _bands(power: Floats, quiet: Floats, lag: Floats) -> Floats:
    """(4, n) power low, in the middle, in the gap and high that is voice's: what repeats, or what noise can't explain.

    A high voice has its fundamental low and its second harmonic in the middle, wherever they lie.
    """
    pitch = (features.SAMPLE_RATE / lag)[:, None]
    alike = np.interp(lag, np.arange(FFT // 2), _SELF[: FFT // 2] / _SELF[0])[:, None]
    repeats = power * np.cos(2 * np.pi * _HERTZ / pitch) / alike
    left = power - 2 * quiet
    low, high = np.maximum(LOW_HZ[1], 1.4 * pitch), np.maximum(MIDDLE_HZ[1], 2.8 * pitch)
    found = []
    for first, last in ((LOW_HZ[0], low), (low, high), GAP_HZ, HIGH_HZ):
        band = (first <= _HERTZ) & (last > _HERTZ)
        found.append(np.maximum(np.maximum((repeats * band).sum(1), (left * band).sum(1)), 0))
    return np.stack(found)
