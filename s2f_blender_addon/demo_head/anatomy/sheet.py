"""The skin as a flat sheet: a grid of columns (azimuth) and rows (rings of the skull) with concentric loops of quads
round an eye and round the mouth. Only the character's left half is laid out; ``mirror`` completes it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..curves import Floats

Ints = npt.NDArray[np.intp]


def _spaced(*stretches: tuple[float, float, int]) -> Floats:
    """Values from each (start, end, count) stretch, the last stretch's end included."""
    parts = [np.linspace(start, end, count, endpoint=False) for start, end, count in stretches]
    return np.append(np.concatenate(parts), stretches[-1][1])


COLUMNS = _spaced((0, 5.5, 4), (5.5, 24.5, 8), (24.5, 39, 5), (39, 90, 9), (90, 180, 11))
ROWS = _spaced((0, 3.2, 6), (3.2, 5.6, 6), (5.6, 7.0, 4), (7.0, 8.9, 8), (8.9, 10.2, 9), (10.2, 12.9, 12),
               (12.9, 15, 6), (15, 20, 11))  # fmt: skip
EYE_COLUMNS, EYE_ROWS = (4, 17), (33, 45)
MOUTH_COLUMNS, MOUTH_ROWS = (0, 11), (16, 24)
EYE_LOOPS, MOUTH_LOOPS = 13, 19
"""Loops of a patch, counted from the rectangle in the grid inwards to the last one inside the head."""


@dataclass
class Sheet:
    """Half a skin. azimuth, ring: (N,) sheet coordinates; quads: (F, 4); a triangle repeats one vertex.

    eye: (EYE_LOOPS, S) vertex of each loop and spoke, closed, from the outer corner over the upper lid.
    mouth: (MOUTH_LOOPS, S) likewise, from the middle of the upper lip over the left corner to the middle of the lower.
    central: (N,) vertices in the plane of symmetry.
    """

    azimuth: Floats
    ring: Floats
    quads: Ints
    eye: Ints
    mouth: Ints
    central: npt.NDArray[np.bool_]


def _frame(grid: Ints, columns: tuple[int, int], rows: tuple[int, int]) -> Ints:
    """Vertices round a block of the grid, clockwise from its upper left."""
    (left, right), (low, high) = columns, rows
    return np.concatenate([
        grid[high, left:right], grid[high:low:-1, right], grid[low, right:left:-1], grid[low:high, left],
    ])  # fmt: skip


def _loops(first: Ints, count: int, next_vertex: int, closed: bool) -> tuple[Ints, Ints]:
    """``count`` loops inside ``first`` with new vertices from ``next_vertex`` on, and the quads between them."""
    size = len(first)
    fresh = np.arange(next_vertex, next_vertex + size * (count - 1)).reshape(count - 1, size)
    loops = np.vstack([first, fresh])
    ahead = np.roll(loops, -1, axis=1) if closed else loops[:, 1:]
    here = loops if closed else loops[:, :-1]
    return loops, np.stack([here[:-1], ahead[:-1], ahead[1:], here[1:]], -1).reshape(-1, 4)


def half_sheet() -> Sheet:
    """Lay out the grid and the two patches; loops inside the patches still lie on the patch's frame."""
    rows, columns = len(ROWS), len(COLUMNS)
    grid = np.arange((rows - 1) * columns).reshape(rows - 1, columns)
    cells = np.ones((rows - 2, columns - 1), bool)
    for (left, right), (low, high) in ((EYE_COLUMNS, EYE_ROWS), (MOUTH_COLUMNS, MOUTH_ROWS)):
        cells[low:high, left:right] = False
    corners = np.stack([grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], -1)
    quads = [corners[cells]]
    azimuth, ring = np.tile(COLUMNS, rows - 1), np.repeat(ROWS[:-1], columns)
    central = np.isin(azimuth, (0.0, 180.0))

    pole = grid.size
    top = grid[-1]
    quads.append(np.stack([top[:-1], top[1:], np.full(columns - 1, pole), np.full(columns - 1, pole)], 1))
    azimuth, ring, central = np.append(azimuth, 0.0), np.append(ring, ROWS[-1]), np.append(central, True)

    eye_frame = _frame(grid, EYE_COLUMNS, EYE_ROWS)[::-1]
    corner = int(np.flatnonzero(eye_frame == grid[sum(EYE_ROWS) // 2, EYE_COLUMNS[1]])[0])
    eye, eye_quads = _loops(np.roll(eye_frame, -corner), EYE_LOOPS, len(azimuth), closed=True)
    (_, right), (low, high) = MOUTH_COLUMNS, MOUTH_ROWS
    mouth_frame = np.concatenate([grid[high, :right], grid[high:low:-1, right], grid[low, right::-1]])
    mouth, mouth_quads = _loops(mouth_frame, MOUTH_LOOPS, eye.max() + 1, closed=False)
    for loops in (eye, mouth):
        azimuth = np.append(azimuth, np.tile(azimuth[loops[0]], len(loops) - 1))
        ring = np.append(ring, np.tile(ring[loops[0]], len(loops) - 1))
        central = np.append(central, np.zeros(loops[1:].size, bool))
    central[mouth[:, [0, -1]]] = True
    quads += [eye_quads, mouth_quads[:, ::-1]]
    return _compact(Sheet(azimuth, ring, np.concatenate(quads), eye, mouth, central))


def _compact(sheet: Sheet) -> Sheet:
    """Without the grid's vertices that no face uses."""
    used = np.unique(sheet.quads)
    new = np.zeros(len(sheet.azimuth), np.intp)
    new[used] = np.arange(len(used))
    return Sheet(sheet.azimuth[used], sheet.ring[used], new[sheet.quads], new[sheet.eye], new[sheet.mouth],
                 sheet.central[used])  # fmt: skip


def relax(sheet: Sheet, pinned: npt.NDArray[np.bool_], rounds: int) -> None:
    """Move every vertex that is not ``pinned`` towards the middle of its neighbours, in place.

    Vertices of the plane of symmetry stay in it.
    """
    edges = np.concatenate([sheet.quads[:, [i, (i + 1) % 4]] for i in range(4)])
    edges = np.unique(np.sort(edges[edges[:, 0] != edges[:, 1]], axis=1), axis=0)
    a, b = np.concatenate([edges, edges[:, ::-1]]).T
    valence = np.bincount(a, minlength=len(sheet.azimuth))
    for _ in range(rounds):
        for values, held in ((sheet.azimuth, pinned | sheet.central), (sheet.ring, pinned)):
            middle = np.bincount(a, values[b], minlength=len(values)) / valence
            values[~held] = middle[~held]


def pinned_outside(sheet: Sheet, margin: int = 5) -> npt.NDArray[np.bool_]:
    """(N,) vertices that layout leaves where the grid has them: everything a few cells away from the patches."""
    near = np.zeros(len(sheet.azimuth), bool)
    near[sheet.eye] = near[sheet.mouth] = True
    for _ in range(margin):
        touched = near[sheet.quads].any(1)
        near[sheet.quads[touched]] = True
    return ~near


def mirror(half: Floats, sheet: Sheet) -> tuple[Floats, Ints, Ints]:
    """Both halves from the left one: vertices (M, 3), quads (F, 4) and ``twin`` (M,), each vertex's mirror image."""
    half = half.copy()
    half[sheet.central, 0] = 0.0
    lone = np.flatnonzero(~sheet.central)
    image = np.arange(len(half))
    image[lone] = len(half) + np.arange(len(lone))
    vertices = np.vstack([half, half[lone] * (-1, 1, 1)])
    twin = np.empty(len(vertices), np.intp)
    twin[: len(half)] = image
    twin[image] = np.arange(len(half))
    return vertices, np.concatenate([sheet.quads, image[sheet.quads][:, ::-1]]), twin
