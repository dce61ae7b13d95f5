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
        with path.open("rb") as file:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, _, kind = read(file)
    except (OSError, ValueError):
        return False
    return len(shape) == 3 and shape[2] == 3 and kind.kind == "f"
