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
    value = (
        (1 - u) ** 3 * knots[k]
        + (3 * u**3 - 6 * u**2 + 4) * knots[k + 1]
        + (-3 * u**3 + 3 * u**2 + 3 * u + 1) * knots[k + 2]
        + u**3 * knots[k + 3]
    ) / 6
    smooth: Floats = (value / 0.6904).astype(np.float32)  # the spline's own standard deviation, averaged over u
    return smooth


def ease(u: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Minimum jerk from 0 to 1 over 0-1, held outside (Flash and Hogan 1985)."""
    u = np.clip(u, 0, 1)
    eased: npt.NDArray[np.float64] = u**3 * (10 - 15 * u + 6 * u**2)
    return eased


def bumps(times: Times, peaks: Times, heights: Times, rise: float, fall: float) -> Floats:
    """(T,) sum of smooth bumps that rise for ``rise`` seconds up to each peak and sink for ``fall`` after it."""
    total = np.zeros(len(times))
    for peak, height in zip(peaks, heights, strict=True):
        low, high = np.searchsorted(times, (peak - rise, peak + fall))
        t = times[low:high] - peak
        total[low:high] += height * np.where(t < 0, ease(1 + t / rise), ease(1 - t / fall))
    return total.astype(np.float32)
