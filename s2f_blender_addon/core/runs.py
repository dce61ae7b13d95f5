"""Stretches of a mask over frames."""

import numpy as np
import numpy.typing as npt


def true_runs(mask: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and one past the last place of every stretch of True in ``mask`` (T,), in order."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0)).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))
