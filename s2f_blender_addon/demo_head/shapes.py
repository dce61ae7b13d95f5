"""Plain meshes: a lattice rolled into a tube or a ball, and the mirror image of a left-hand shape."""

import numpy as np

from .anatomy.sheet import Ints
from .curves import Floats


def lattice(rows: int, columns: int, closed: bool) -> Ints:
    """(F, 4) quads over ``rows`` × ``columns`` vertices, row by row; ``closed`` joins the last column to the first."""
    index = np.arange(rows * columns).reshape(rows, columns)
    right = np.roll(index, -1, axis=1) if closed else index[:, 1:]
    here = index if closed else index[:, :-1]
    quads: Ints = np.stack([here[:-1], right[:-1], right[1:], here[1:]], -1).reshape(-1, 4)
    return quads


def tube(loops: Floats) -> tuple[Floats, Ints]:
    """Vertices and quads of a tube through ``loops`` (R, S, 3), its ends closed by a fan."""
    rows, size, _ = loops.shape
    ends = loops[[0, -1]].mean(1)
    vertices = np.concatenate([loops.reshape(-1, 3), ends])
    first, last = np.arange(size), np.arange(size) + (rows - 1) * size
    start, end = np.full(size, rows * size), np.full(size, rows * size + 1)
    caps = [np.stack([np.roll(first, -1), first, start, start], 1), np.stack([last, np.roll(last, -1), end, end], 1)]
    return vertices, np.concatenate([lattice(rows, size, True), *caps])


def paired(vertices: Floats, quads: Ints) -> tuple[Floats, Ints, Ints]:
    """A left-hand shape and its mirror image: vertices, quads and each vertex's ``twin``."""
    count = len(vertices)
    twin = np.concatenate([np.arange(count) + count, np.arange(count)])
    return np.vstack([vertices, vertices * (-1, 1, 1)]), np.concatenate([quads, quads[:, ::-1] + count]), twin
