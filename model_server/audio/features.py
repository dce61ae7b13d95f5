"""Log-mel bands: what the model hears. numpy only, so both backends get the same numbers.

80 triangular mel bands (Stevens, Volkmann and Newman 1937; HTK's formula) of a 25 ms Hann window every 10 ms at
16 kHz; frame i is centred on i / 100 s. The level is divided out, and so is the mean spectrum of the loud frames (a
microphone's and a room's colour; Furui 1981), both with statistics that silence hardly moves; ``running`` says where.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Spectrum = npt.NDArray[np.complex64]

SAMPLE_RATE = 16000
HOP = 160
RATE = SAMPLE_RATE // HOP
WINDOW = 400
FFT = 512
BANDS = 80
LOW_HZ, HIGH_HZ = 50.0, 7600.0
FLOOR = 1e-5
"""Power below the recording's level (-50 dB) under which everything counts as silence."""
QUIETEST = 1e-4
"""Mean band power (about -75 dB full scale) below which a recording is left quiet, not scaled up to speech."""
CENTRE, SPREAD = -6.0, 3.0
LOUD_FROM, LOUD_AT = -3.0, -1.0
"""Natural log of frame power over the level: where a frame begins to count as loud, and where it counts fully."""
PRIOR_FRAMES = 100.0
"""How many loud frames the average voice's spectrum is worth, for recordings of a second or two."""
_BLOCK = 4096
_AT_ONCE = 256
"""Frames that are transformed together: in float64, which older numpys take, they fill half a processor's cache."""
_HANN = np.hanning(WINDOW + 1)[:-1].astype(np.float32)


@lru_cache(maxsize=1)
def mel_filters() -> Array:
    """(257, 80) triangles of equal height, evenly spaced in mel."""
    mel = np.linspace(2595 * np.log10(1 + LOW_HZ / 700), 2595 * np.log10(1 + HIGH_HZ / 700), BANDS + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    hertz = np.arange(FFT // 2 + 1) * SAMPLE_RATE / FFT
    rising = (hertz[:, None] - edges[None, :-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[None, 2:] - hertz[:, None]) / (edges[2:] - edges[1:-1])
    triangles: Array = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    return triangles


def frame_count(samples: int) -> int:
    """Feature frames of a recording of ``samples`` at 16 kHz: one at its start and one every 10 ms."""
    return samples // HOP + 1


def spectrum(samples: Array, first: int, last: int) -> Spectrum:
    """(last - first, 257) Fourier transforms of windows of mono 16 kHz ``samples`` (N,), zero beyond their ends."""
    low, high = first * HOP - WINDOW // 2, (last - 1) * HOP + WINDOW // 2
    piece = samples[max(0, low) : max(0, high)]
    front = max(0, -low)
    piece = np.pad(piece, (front, high - low - front - len(piece)))
    frames = np.lib.stride_tricks.as_strided(piece, (last - first, WINDOW), (HOP * piece.itemsize, piece.itemsize))
    found = np.empty((len(frames), FFT // 2 + 1), np.complex64)
    for start in range(0, len(frames), _AT_ONCE):
        found[start : start + _AT_ONCE] = np.fft.rfft(frames[start : start + _AT_ONCE] * _HANN, FFT)
    return found


def power_of(spectrum: Spectrum) -> Array:
    """(T, 257) of a spectrum (T, 257)."""
    found: Array = spectrum.real**2
    found += spectrum.imag**2
    return found


def band_power(spectrum: Spectrum) -> Array:
    """(T, 80) powers of the mel bands of a spectrum (T, 257)."""
    found: Array = power_of(spectrum) @ mel_filters()
    return found


def mel_power(samples: Array, first: int = 0, last: int | None = None) -> Array:
    """(last - first, 80) band powers of mono 16 kHz ``samples`` (N,); frames beyond the ends see zeros.

    Frames are computed in blocks of fixed length, so any range equals the same range of the whole.
    """
    last = frame_count(len(samples)) if last is None else last
    out = np.empty((max(0, last - first), BANDS), np.float32)
    for start in range(first, last, _BLOCK):
        stop = min(start + _BLOCK, last)
        out[start - first : stop - first] = band_power(spectrum(samples, start, stop))
    return out


def level(power: Array) -> float:
    """Mean band power of the loud part of a recording, from (T, 80): (sum e^1.5 / sum e)^2 over frames.

    Silence adds nothing to either sum; a click adds little. Never below ``QUIETEST``.
    """
    energy = power.mean(1, dtype=np.float64)
    total = float(energy.sum())
    return max(QUIETEST, (float((energy**1.5).sum()) / total) ** 2 if total > 0 else 0.0)


def log_mel(power: Array, loud: Array | float) -> Array:
    """(T, 80) features, about -2 to 3, from band powers and the ``level``, one or (T, 1)."""
    over = power * (np.float32(1) / np.asarray(loud, np.float32))
    result: Array = ((np.log(over + np.float32(FLOOR)) - CENTRE) / SPREAD).astype(np.float32)
    return result


def loudness(power: Array, loud: Array | float) -> Array:
    """(T,) natural log of frame power over the ``level``, one or (T, 1)."""
    result: Array = np.log(power.mean(1) / np.asarray(loud, np.float32).reshape(-1) + np.float32(FLOOR))
    return result


def loud_share(loudness: Array) -> Array:
    """(T,) 0-1, how much each frame counts as loud."""
    found: Array = np.clip((loudness - LOUD_FROM) / (LOUD_AT - LOUD_FROM), 0, 1)
    return found


def colour_of(total: npt.NDArray[np.float64], weight: float, average: Array) -> npt.NDArray[np.float64]:
    """(80,) mean of loud frames, of which there are ``weight``, drawn to the ``average`` voice's where they are few."""
    found: npt.NDArray[np.float64] = (total + PRIOR_FRAMES * average.astype(np.float64)) / (weight + PRIOR_FRAMES)
    return found
