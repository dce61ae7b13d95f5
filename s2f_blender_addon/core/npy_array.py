"""The array in the bytes of a .npy file, whatever they hold: numpy raises whatever comes up in Python's own parser."""

import io
import tokenize

import numpy as np
import numpy.typing as npt

DAMAGED = (
    ValueError, EOFError, OSError, MemoryError, OverflowError, RecursionError, TypeError, SyntaxError, KeyError,
    tokenize.TokenError,
)  # fmt: skip
"""What numpy raises for a file that is no array, or lies about it."""


def array(data: bytes) -> npt.NDArray[np.generic]:
    """The array in ``data``. Raises ValueError where there is none, or one of Python's objects."""
    try:
        with np.errstate(all="ignore"):
            found = np.load(io.BytesIO(data), allow_pickle=False)
    except DAMAGED as error:
        raise ValueError("no array, or a damaged one") from error
    if not isinstance(found, np.ndarray):
        raise ValueError("several arrays")
    return found
