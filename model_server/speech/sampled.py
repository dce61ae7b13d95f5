"""Values at one rate, read at the times of another."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


_BLOCK = 1 << 14


def read_at(values: Array, rate: float, times: npt.NDArray[np.float64]) -> Array:
    """(T, C) at ``rate`` Hz, read linearly at ``times`` (seconds), the last frame held."""
    result = np.empty((len(times), values.shape[1]), np.float32)
    for first in range(0, len(times), _BLOCK):
        now = slice(first, first + _BLOCK)
        position = np.clip(times[now] * rate, 0, len(values) - 1)
        below = np.minimum(position.astype(np.int64), max(0, len(values) - 2))
        share = (position - below).astype(np.float32)[:, None]
        above = np.minimum(below + 1, len(values) - 1)
        result[now] = values[below] * (1 - share) + values[above] * share
    return result
