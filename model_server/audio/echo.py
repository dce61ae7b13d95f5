"""Speech without its echo, before anything listens: weighted prediction error (WPE).

What a room adds to a frequency bin can be told from the frames before, because it is those frames again; what the
speaker says next can't. So each bin is predicted from its own past, not nearer than a sound lasts by itself, and the
prediction is taken away. The prediction that speech itself would spoil least weighs every frame by one over its power:
Nakatani, Yoshioka, Kinoshita, Miyoshi and Juang, "Speech dereverberation based on variance-normalized delayed linear
prediction", 2010. One microphone, one iteration: more brought nothing (training/RESULTS.md).
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from model_server.audio import features
from model_server.cancel import Progress, silent

Array = npt.NDArray[np.float32]
Spectrum = features.Spectrum

BLOCK = 30 * features.RATE
"""Frames that one prediction is made for at most; rooms are left more slowly than that."""
DELAY, TAPS = 2, 32
"""Frames of 10 ms: what is nearer is the sound itself, and how many before that foretell it."""
REACH = DELAY + TAPS - 1
BINS = 128
"""Bins below 4 kHz. Echoes above cost as much to take away and hardly hide a phone."""
SEEN = 200
"""Frames of a block, evenly spread, that the prediction is found from."""
PRIOR_FRAMES = 3.0
"""Frames that speak for no echo at all, so that a second of speech is not taken for its own echo."""
_LEAST = 1e-4
"""Power of a bin over its mean that counts as silence, which would else decide alone."""


def power(samples: Array, progress: Progress = silent, workers: int = 1) -> Array:
    """(T, 80) mel band powers, as ``features.mel_power``, of mono 16 kHz ``samples`` (N,) without their echo.

    In blocks of one length, at most ``BLOCK``, ``workers`` at a time.
    """
    total = features.frame_count(len(samples))
    size = -(-total // -(-total // BLOCK))
    result = np.empty((total, features.BANDS), np.float32)

    def listen(start: int) -> None:
        first, stop = max(0, start - REACH), min(start + size, total)
        spectrum = features.spectrum(samples, first, stop)
        spectrum[:, :BINS] -= echo(spectrum[:, :BINS])
        result[start:stop] = features.band_power(spectrum[start - first :])

    pool = ThreadPoolExecutor(workers)
    try:
        for start, block in [(start, pool.submit(listen, start)) for start in range(0, total, size)]:
            progress(start / total, "Listening")
            block.result()
    finally:
        pool.shutdown(cancel_futures=True)
    return result


def echo(spectrum: Spectrum) -> Spectrum:
    """What frames (T, bins) owe to those ``DELAY`` to ``REACH`` before them."""
    rows = np.ascontiguousarray(spectrum.T)
    return _filtered(rows, _prediction(rows)).T


def _prediction(rows: Spectrum) -> Spectrum:
    """(bins, TAPS): how much of each past frame of ``rows`` (bins, T), the oldest first, is heard again."""
    total = rows.shape[1]
    seen = np.arange(0, total, max(1, total // SEEN))
    past = np.take(np.pad(rows, ((0, 0), (REACH, 0))), seen[:, None] + np.arange(TAPS), axis=1)
    weighted = past.conj()
    weighted *= _weights(rows)[:, seen, None]
    weighted = weighted.transpose(0, 2, 1)
    among = weighted @ past
    strength = among.real.trace(axis1=1, axis2=2) / TAPS * (PRIOR_FRAMES / len(seen)) + np.float32(1e-20)
    among += strength[:, None, None] * np.eye(TAPS, dtype=np.float32)
    found: Spectrum = np.linalg.solve(among, weighted @ rows[:, seen, None])[:, :, 0]
    return found


def _weights(rows: Spectrum) -> Array:
    """(bins, T): one over the power of each frame and its neighbours, in units of the bin's mean power."""
    strong = rows.real**2 + rows.imag**2
    strong /= strong.mean(1, keepdims=True) + np.float32(1e-20)
    near = np.pad(strong, ((0, 0), (1, 1)), mode="edge")
    weights: Array = 1 / ((near[:, :-2] + near[:, 1:-1] + near[:, 2:]) / 3 + np.float32(_LEAST))
    return weights


def _filtered(rows: Spectrum, prediction: Spectrum) -> Spectrum:
    """(bins, T): what ``prediction`` makes of ``rows``, as products of matrices, which processors do best.

    Groups of ``TAPS`` frames owe to themselves and to the two groups before.
    """
    bins, total = rows.shape
    groups = -(-total // TAPS)
    padded = np.pad(rows, ((0, 0), (2 * TAPS, groups * TAPS - total))).reshape(bins, groups + 2, TAPS)
    taps = np.pad(prediction, ((0, 0), (0, 1)))
    found = np.zeros((bins, groups, TAPS), np.complex64)
    for back in range(3):
        lag = np.arange(TAPS) - np.arange(TAPS)[:, None] + back * TAPS
        tap = np.where((lag >= DELAY) & (lag <= REACH), REACH - lag, TAPS)
        found += padded[:, 2 - back : groups + 2 - back] @ np.take(taps, tap, axis=1)
    return found.reshape(bins, -1)[:, :total]
