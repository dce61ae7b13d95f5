"""Which files are vertex sequences: a mesh's points frame by frame, without a word about keys."""

from pathlib import Path

import numpy as np

ENDINGS = (".npy", ".abc")


def holds_points(path: Path) -> bool:
    """Whether ``path`` is a vertex sequence: Alembic, or a .npy array of three dimensions, the last of which is 3."""
    if path.suffix.lower() == ".abc":
        return True
    if path.suffix.lower() != ".npy":
        return False
    try:
        points = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):
        return False
    return bool(points.ndim == 3 and points.shape[2] == 3 and points.dtype.kind == "f")
