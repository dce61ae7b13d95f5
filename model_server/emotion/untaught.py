"""Emotions that came after a model was taught: it knows nothing of them until it is trained anew."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def widened(weight: Floats, bias: Floats, classes: int) -> tuple[Floats, Floats]:
    """The last layer (n, k), (k,) of a model of the first k of ``classes``; the others have no share. As they are where
    k is no fewer."""
    more = max(0, classes - len(bias))
    return np.pad(weight, ((0, 0), (0, more))), np.pad(bias, (0, more), constant_values=-1e4)
