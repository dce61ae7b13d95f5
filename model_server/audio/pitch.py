"""Fundamental frequency by Boersma's normalised autocorrelation, in numpy, a block at a time.

P. Boersma, "Accurate short-term analysis of the fundamental frequency ...", IFA Proceedings 17 (1993): the
autocorrelation of a windowed frame divided by that of the window. Instead of his path search, the few best
candidates of each frame are kept and the one nearest to the speaker's own register wins.
"""

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

Floats = npt.NDArray[np.float32]

SAMPLE_RATE = 16000
GRID = 100
"""Analysis frames a second; frame i is centred at i / GRID seconds."""

LOWEST_HZ, HIGHEST_HZ = 60.0, 450.0
_DECIMATION = 4
_RATE = SAMPLE_RATE // _DECIMATION
_WINDOW = 200  # 50 ms: three periods of the lowest voice
_FFT = 288  # no lag that we read wraps around: 200 + 68 < 288
_CANDIDATES = 3
_VOICED = 0.5  # autocorrelation from which a frame is voiced
_OCTAVE_COST = 0.02  # favours the shorter of two equally good periods
_REGISTER_COST = 0.12  # per squared octave away from the speaker's median
_FAINT = 3e-7  # energy of a frame below which it is silence
_LAGS = np.arange(int(_RATE / HIGHEST_HZ), int(_RATE / LOWEST_HZ) + 1)


def _low_pass() -> Floats:
    """Windowed sinc, 900 Hz at 16 kHz, so that decimation to 4 kHz does not fold hiss into the voice."""
    n = np.arange(-16, 17)
    taps = np.sinc(2 * 900 / SAMPLE_RATE * n) * np.hamming(len(n))
    normalised: Floats = (taps / taps.sum()).astype(np.float32)
    return normalised


def _waves() -> Floats:
    """(200, 290) cosines and sines, windowed: a product with them transforms frames in float32 on every numpy."""
    turns = 2 * np.pi * np.arange(_WINDOW)[:, None] * np.arange(_FFT // 2 + 1) / _FFT
    windowed: Floats = (np.concatenate([np.cos(turns), np.sin(turns)], 1) * _HANN[:, None]).astype(np.float32)
    return windowed


def _correlation() -> Floats:
    """(145, 69) from the power spectrum of a windowed frame to its autocorrelation over the window's, lag by lag."""
    turns = np.arange(_FFT // 2 + 1)[:, None] * np.arange(_LAGS[-1] + 2) / _FFT
    waves = np.cos(2 * np.pi * turns)
    waves[1:-1] *= 2  # these frequencies stand for their negatives, too
    window = np.abs(np.fft.rfft(_HANN, _FFT)) ** 2 @ waves
    normalised: Floats = (waves * window[0] / window).astype(np.float32)
    return normalised


_TAPS = _low_pass()
_HANN = np.hanning(_WINDOW).astype(np.float32)
_WAVES = _waves()
_CORRELATION = _correlation()


def candidates(samples: Floats, first: int, count: int) -> tuple[Floats, Floats]:
    """Pitch candidates of analysis frames ``first`` … ``first + count - 1`` of 16 kHz ``samples``.

    Returns (count, 3) Hz and (count, 3) strengths 0-1; an absent candidate has strength 0.
    """
    hop = SAMPLE_RATE // GRID
    half = _WINDOW // 2 * _DECIMATION
    margin = len(_TAPS) // 2
    low = first * hop - half - margin
    high = (first + count - 1) * hop + half + margin
    piece = np.zeros(high - low, np.float32)
    inside = samples[max(low, 0) : max(min(high, len(samples)), 0)]
    piece[max(-low, 0) : max(-low, 0) + len(inside)] = inside
    narrow = sliding_window_view(piece, len(_TAPS))[::_DECIMATION] @ _TAPS
    frames = sliding_window_view(narrow, _WINDOW)[:: hop // _DECIMATION][:count]
    squares = np.square((frames - frames.mean(1, keepdims=True)) @ _WAVES)
    acf = np.add(*np.split(squares, 2, axis=1)) @ _CORRELATION
    acf /= np.maximum(acf[:, :1], np.float32(_FAINT))
    return _peaks(acf)


def _peaks(acf: Floats) -> tuple[Floats, Floats]:
    """The best local maxima of each row, whose place and height are those of a parabola through three lags."""
    first, end = _LAGS[0], _LAGS[-1] + 1
    before, here, after = acf[:, first - 1 : end - 1], acf[:, first:end], acf[:, first + 1 : end + 1]
    peak = (here > before) & (here >= after) & (here > 0.2)
    shift = np.clip(0.5 * (before - after) / np.minimum(before - 2 * here + after, -1e-9), -0.5, 0.5)
    height = here - 0.25 * (before - after) * shift
    score = np.where(peak, height - _OCTAVE_COST * np.log2(_LAGS / _LAGS[0]), 0.0)
    rows = np.arange(len(acf))[:, None]
    best = np.argpartition(score, -_CANDIDATES, axis=1)[:, -_CANDIDATES:]
    best = best[rows, np.argsort(-score[rows, best], axis=1)]
    hz = _RATE / (_LAGS[best] + shift[rows, best])
    return hz.astype(np.float32), np.clip(score[rows, best], 0, 1).astype(np.float32)


def choose(hz: Floats, strength: Floats) -> Floats:
    """(N,) Hz, 0 where unvoiced, from the candidates of all frames: two passes, the second knows the register."""
    first = np.where(strength[:, 0] > _VOICED, hz[:, 0], 0)
    if not (first > 0).any():
        return np.zeros(len(hz), np.float32)
    register = np.median(np.log2(first[first > 0]))
    distance = np.log2(np.maximum(hz, 1)) - register
    best = np.argmax(np.where(strength > 0, strength - _REGISTER_COST * distance**2, -9), axis=1)
    rows = np.arange(len(hz))
    chosen = np.where(strength[rows, best] > _VOICED, hz[rows, best], 0)
    return _without_orphans(chosen.astype(np.float32))


def _without_orphans(hz: Floats) -> Floats:
    """Drops voiced runs shorter than 30 ms: a click has no pitch."""
    voiced = np.concatenate([[0], (hz > 0).astype(int), [0]])
    edges = np.diff(voiced)
    for start, end in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
        if end - start < 3:
            hz[start:end] = 0
    return hz
