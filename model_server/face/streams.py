"""Seeded randomness: one stream per idea, so that changing one never shifts another."""

import zlib

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Times = npt.NDArray[np.float64]


def stream(seed: int, name: str) -> np.random.Generator:
    """The random stream ``name`` of ``seed``; the same on every machine and in every version."""
    return np.random.default_rng([seed & 0xFFFFFFFF, zlib.crc32(name.encode())])


def drift(times: Times, per_second: float, rng: np.random.Generator) -> Floats:
    """(T,) smooth noise, mean 0, standard deviation 1, about ``per_second`` changes a second.

    A uniform cubic B-spline over normal knots (twice continuously differentiable, so nothing jerks). Knots are drawn
    in the order of time: a longer recording begins with the same motion.
    """
    position = times * per_second
    knots = rng.standard_normal(int(position[-1]) + 4) if len(times) else np.zeros(4)
    k = position.astype(np.int64)
    u = position - k
    square = u * u
    cube, left = square * u, 1 - u
    value = (
        left * left * left * knots[k]
        + (3 * cube - 6 * square + 4) * knots[k + 1]
        + (-3 * cube + 3 * square + 3 * u + 1) * knots[k + 2]
        + cube * knots[k + 3]
    ) / 6
    smooth: Floats = (value / 0.6904).astype(np.float32)  # the spline's own standard deviation, averaged over u
    return smooth


def ease(u: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Minimum jerk from 0 to 1 over 0-1, held outside (Flash and Hogan 1985)."""
    u = np.clip(u, 0, 1)
    eased: npt.NDArray[np.float64] = u * u * u * (10 + u * (6 * u - 15))
    return eased


def bumps(times: Times, peaks: Times, heights: Times, rise: float, fall: float) -> Floats:
    """(T,) sum of smooth bumps that rise for ``rise`` seconds up to each peak and sink for ``fall`` after it."""
    first, end = np.searchsorted(times, peaks - rise), np.searchsorted(times, peaks + fall)
    which = np.arange(len(peaks)).repeat(end - first)
    frame = np.arange(len(which)) + (end - np.cumsum(end - first))[which]
    t = times[frame] - peaks[which]
    height = heights[which] * ease(1 + t / np.where(t < 0, rise, -fall))
    return np.bincount(frame, height, len(times)).astype(np.float32)
