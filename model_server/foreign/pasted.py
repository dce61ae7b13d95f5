"""What EmoTalk does to its curves behind the network: a Savitzky-Golay filter, and blinks that are pasted in.

Savitzky and Golay, "Smoothing and differentiation of data by simplified least squares procedures", Anal. Chem. 1964.
"""

import numpy as np
import numpy.typing as npt

from model_server.face.streams import stream

Array = npt.NDArray[np.float32]

WINDOW, DEGREE = 5, 2
_INSIDE = np.array([-3, 12, 17, 12, -3], np.float64) / 35
"""The value in the middle of a parabola that is fitted to five frames."""

BLINKS = np.array([
    [0.365, 0.950, 0.956, 0.917, 0.367, 0.119, 0.025],
    [0.235, 0.910, 0.945, 0.778, 0.191, 0.235, 0.089],
    [0.870, 0.950, 0.949, 0.696, 0.191, 0.073, 0.007],
    [0.0003, 0.557, 0.953, 0.942, 0.426, 0.148, 0.018],
])  # fmt: skip
"""(4, 7) what both lids do in seven frames of the network."""
FIRST, SOONEST, LATEST = 60, 60, 180
"""Frames of the network: before which the first blink begins, and from one to the next."""


def savgol(curves: Array) -> Array:
    """(T, n) of (T, n), each frame the middle of a parabola through five; the first and last two are on the outermost
    parabolas. Fewer than five frames stay as they are.
    """
    count = len(curves)
    if count < WINDOW:
        return curves
    frames = curves.astype(np.float64)
    result = frames.copy()
    result[2:-2] = sum(weight * frames[k : count - 4 + k] for k, weight in enumerate(_INSIDE))
    at = np.vander(np.arange(WINDOW), DEGREE + 1)
    for outer, ends in ((slice(0, WINDOW), slice(0, 2)), (slice(count - WINDOW, count), slice(-2, None))):
        fitted = at @ np.linalg.lstsq(at, frames[outer], rcond=None)[0]
        result[ends] = fitted[ends]
    return result.astype(np.float32)


def lids(count: int, seed: int) -> Array:
    """(count,) 0-1 of both lids at the network's frames; blinks that the end would cut off are left out."""
    random = stream(seed, "pasted blinks")
    result = np.zeros(count, np.float32)
    at = int(random.integers(0, FIRST))
    while at + BLINKS.shape[1] <= count:
        result[at : at + BLINKS.shape[1]] = BLINKS[random.integers(len(BLINKS))]
        at += int(random.integers(SOONEST, LATEST))
    return result
