"""Smooth curves and soft steps: what every shape of the head is made of."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def bspline(controls: Floats, at: Floats) -> Floats:
    """(N, C) points of the uniform cubic B-spline with ``controls`` (K, C) at parameters ``at`` (N,) in 0 … K-1.

    Ends are interpolated: a phantom control mirrors the second one through the first.
    """
    padded = np.vstack([2 * controls[0] - controls[1], controls, 2 * controls[-1] - controls[-2]])
    cell = np.clip(at.astype(int), 0, len(controls) - 2)
    t = (at - cell)[:, None]
    weights = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
    return np.asarray(sum(w * padded[cell + i] for i, w in enumerate(weights)) / 6)


def curve(points: list[tuple[float, float]], at: Floats) -> Floats:
    """Values at ``at`` of a smooth curve through ``points`` (position, value), flat beyond its ends."""
    x, y = np.array(points, float).T
    slope = np.zeros_like(y)
    steps = np.diff(y) / np.diff(x)
    rising = steps[:-1] * steps[1:] > 0  # monotone: the curve never swings past its points
    with np.errstate(divide="ignore", invalid="ignore"):
        slope[1:-1] = np.where(rising, 2 / (1 / steps[:-1] + 1 / steps[1:]), 0.0)
    cell = np.clip(np.searchsorted(x, at) - 1, 0, len(x) - 2)
    width = x[cell + 1] - x[cell]
    t = np.clip((at - x[cell]) / width, 0, 1)
    return np.asarray(
        (2 * t**3 - 3 * t**2 + 1) * y[cell]
        + (t**3 - 2 * t**2 + t) * width * slope[cell]
        + (3 * t**2 - 2 * t**3) * y[cell + 1]
        + (t**3 - t**2) * width * slope[cell + 1]
    )


def step(low: float, high: float, at: Floats) -> Floats:
    """0 at ``low`` and before, 1 at ``high`` and after, smooth between; falls when ``low`` > ``high``."""
    t = np.clip((at - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def bump(x: Floats, centre: float, width: float) -> Floats:
    """Gaussian bell of height 1 and standard deviation ``width``."""
    return np.asarray(np.exp(-0.5 * ((x - centre) / width) ** 2))


def blob(points: Floats, centre: tuple[float, float], radii: tuple[float, float]) -> Floats:
    """Gaussian bell over the frontal plane: ``points`` (N, 3), ``centre`` (x, z), ``radii`` (x, z)."""
    return bump(points[:, 0], centre[0], radii[0]) * bump(points[:, 2], centre[1], radii[1])


def field(x: Floats | float, y: Floats | float, z: Floats | float, weight: Floats) -> Floats:
    """(N, 3) displacements: ``x``, ``y``, ``z`` mm, each a number or (N,), times ``weight`` (N,)."""
    return np.stack([np.broadcast_to(c, weight.shape) * weight for c in (x, y, z)], 1)


def rotation(axis: str, degrees: float) -> Floats:
    """3 × 3 matrix of a right-handed turn about one axis; apply as ``points @ matrix.T``."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.eye(3)
    matrix[i, i] = matrix[j, j] = c
    matrix[i, j], matrix[j, i] = -s, s
    return matrix
