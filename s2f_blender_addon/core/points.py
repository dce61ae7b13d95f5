"""Which files are vertex sequences: a mesh's points frame by frame, without a word about keys."""

from pathlib import Path

import numpy as np

from .npy_array import DAMAGED

ENDINGS = (".npy", ".abc")


def holds_points(path: Path) -> bool:
    """Whether ``path`` is a vertex sequence: Alembic, or a .npy array of three dimensions, the last of which is 3."""
    if path.suffix.lower() == ".abc":
        return True
    if path.suffix.lower() != ".npy" or not path.is_file():
        return False
    try:
        with np.errstate(all="ignore"):
            points = np.load(path, mmap_mode="r", allow_pickle=False)
    except DAMAGED:
        return False
    shaped = isinstance(points, np.ndarray) and points.ndim == 3 and points.shape[2] == 3
    return bool(shaped and points.dtype.kind == "f")
