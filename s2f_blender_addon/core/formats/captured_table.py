"""A table of blendshapes over time, whoever recorded it: Live Link Face, other apps and trackers, a spreadsheet."""

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ..errors import UserError
from ..track import FaceTrack
from . import clock, columns, table, turned
from .capture import Rows, track_of
from .columns import Columns
from .table import Table, number

_NO_FACE = frozenset(["0", "0.0", "false", "no", "none", "lost", "not tracked", "nottracked", "notavailable"])
"""What a column that tells whether there was a face holds where there was none, in small letters."""

_ENOUGH = 8
"""Channels that are never all the same number below 0."""


def parse(data: bytes, source: str, fps: float | None = None) -> FaceTrack:
    """A captured track: any known names of poses in any spelling, order and number of columns.

    ``fps``: the rate where the file does not tell it, or tells it wrongly. Lost values are bridged linearly. Raises
    UserError that names the line at fault.
    """
    return track(_as_it_stands(turned.upright(table.read(data, columns.known), columns.known)), source, fps)


def _as_it_stands(read: Table) -> Table:
    """The table without what is not of a capture."""
    return _without_words(_fitting(_without_a_cut_end(read)))


def track(read: Table, source: str, fps: float | None = None) -> FaceTrack:
    """As ``parse`` for a table that is already read."""
    found = columns.columns_of(read.names)
    if not read.rows:
        raise UserError("there is a header but no frame below it.")
    ticks = clock.read(read, fps)
    rows = _rows(read, found)
    return track_of(rows, found, ticks, source, read.notes)


def _without_a_cut_end(read: Table) -> Table:
    """The table without its last line where that was cut off in the middle, as a crash leaves it."""
    if len(read.rows) < 2 or len(read.rows[-1]) >= len(read.names) or len(read.rows[-2]) < len(read.names):
        return read
    note = f"Its last line ({read.lines[-1]}) was cut off and left out."
    return Table(read.names, read.rows[:-1], read.lines[:-1], read.header_line, read.above, [*read.notes, note])


def _fitting(read: Table) -> Table:
    """The table whose cells stand below their names. Raises UserError where most rows have more cells than names."""
    count = len(read.names)
    wide = [line for row, line in zip(read.rows, read.lines, strict=True) if any(cell.strip() for cell in row[count:])]
    if not wide:
        return read
    if len(wide) > len(read.rows) / 2:
        raise UserError(
            f"line {wide[0]} holds more cells than there are names in line {read.header_line} ({count}); name every "
            "column, and where commas are decimal signs, part the cells by semicolons."
        )
    note = (
        f"{len(wide)} of its rows hold more cells than there are names (line {wide[0]}); what is beyond was left out."
    )
    return replace(read, notes=[*read.notes, note])


def _without_words(read: Table) -> Table:
    """The table without rows of words alone, as units below the names."""
    kept = [i for i, row in enumerate(read.rows) if any(map(_has_digit, row)) or not any(map(_is_word, row))]
    gone = len(read.rows) - len(kept)
    if not gone or not kept:
        return read
    first = next(i for i in range(len(read.rows)) if i not in set(kept))
    more = f" and {gone - 1} more" if gone > 1 else ""
    note = f"Line {read.lines[first]}{more} holds no number and was left out."
    return replace(
        read, rows=[read.rows[i] for i in kept], lines=[read.lines[i] for i in kept], notes=[*read.notes, note]
    )


def _has_digit(cell: str) -> bool:
    return any(map(str.isdigit, cell))


def _is_word(cell: str) -> bool:
    """Whether ``cell`` is neither a number nor a way to write that one was lost."""
    try:
        number(cell)
    except ValueError:
        return True
    return False


def _rows(read: Table, found: Columns) -> Rows:
    wanted = [*found.shapes, *(i for i in found.head if i >= 0), *found.eyes]
    values = np.empty((len(read.rows), len(wanted)))
    for row, cells in enumerate(read.rows):
        try:
            values[row] = [float(cells[i]) for i in wanted]
        except (ValueError, IndexError):  # an empty cell, a decimal comma, a short row
            values[row] = _with_care(cells, wanted, read.lines[row])
    endless = np.isinf(values).any(axis=1)
    if endless.any():
        raise _damaged(read.lines[int(endless.argmax())], "inf")
    values[_lost(read, found, values)] = math.nan
    values[:, : len(found.shapes)] *= [columns.scale(read.names[i]) for i in found.shapes]
    shapes, angles = len(found.shapes), sum(i >= 0 for i in found.head)
    head = np.zeros((len(values), 3 if found.head else 0))
    head[:, [n for n, i in enumerate(found.head) if i >= 0]] = values[:, shapes : shapes + angles]
    return Rows(values[:, :shapes], head, values[:, shapes + angles :], read.lines)


def _with_care(cells: list[str], wanted: list[int], line: int) -> list[float]:
    found = []
    for i in wanted:
        try:
            found.append(number(cells[i]) if i < len(cells) else math.nan)
        except ValueError as error:
            raise _damaged(line, cells[i].strip()) from error
    return found


def _damaged(line: int, cell: str) -> UserError:
    return UserError(f"line {line} is damaged (“{cell[:40]}” is no number); it should hold a number in each cell.")


def _lost(read: Table, found: Columns, values: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """(T,) rows without a face: a column says so, its count of blendshapes or its confidence falls to 0 and all of
    them with it, or one number below 0 stands in for each of them.
    """
    shapes = values[:, : len(found.shapes)]
    lost = np.zeros(len(values), np.bool_)
    if found.tracked >= 0:
        lost |= np.array([cell.lower() in _NO_FACE for cell in read.column(found.tracked)])
    for count in found.counts:
        none = np.array([cell.rstrip("0") in ("", "0.") and cell != "" for cell in read.column(count)])
        if none.mean() < 1:
            lost |= none & ~np.nan_to_num(shapes).any(axis=1)
    if shapes.shape[1] >= _ENOUGH:
        lost |= (shapes < 0).all(axis=1) & (np.ptp(shapes, axis=1) == 0)
    return lost if not lost.all() else np.zeros_like(lost)
