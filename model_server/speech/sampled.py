"""Values at one rate, read at the times of another."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


def read_at(values: Array, rate: float, times: npt.NDArray[np.float64]) -> Array:
    """(T, C) at ``rate`` Hz, read linearly at ``times`` (seconds), the last frame held."""
    position = np.clip(times * rate, 0, len(values) - 1)
    below = np.minimum(position.astype(np.int64), max(0, len(values) - 2))
    share = (position - below).astype(np.float32)[:, None]
    above = np.minimum(below + 1, len(values) - 1)
    result: Array = values[below] * (1 - share) + values[above] * share
    return result
