"""Tables that lie otherwise than captures do, made upright: a row for each frame.

Names below each other with a column for each frame, as Unreal's curve tables and turned spreadsheets have them; or one
value a line, beside its time and the name of its blendshape.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from ..errors import UserError
from .table import Table, cells_of, number

_SEEN = 16
"""Rows that tell how a table lies."""

_NO_CURVE = re.compile(r"[-\s]*|name|row ?name|curve(?: ?name)?|blendshapes?|shapes?|channels?", re.IGNORECASE)
"""What stands above names, and says nothing of the clock beside it."""


def upright(read: Table, knows: Callable[[Sequence[str]], int]) -> Table:
    """``read``, turned where it lies otherwise; a note says so. ``knows`` counts the names that move a face."""
    lines = [read.names, *read.rows]
    column = _of_names(lines[:_SEEN], knows)
    if column is None:
        return read
    names = [row[column].strip() for row in lines if column < len(row)]
    if len(set(names)) == len(names):
        return _turned(read, lines, column)
    return _pivoted(read, lines, column)


def _of_names(lines: list[list[str]], knows: Callable[[Sequence[str]], int]) -> int | None:
    """The column that holds names of blendshapes from the first line on, beside numbers alone; None for none."""
    for column, cell in enumerate(lines[0]):
        below = [row[column].strip() for row in lines if column < len(row)]
        if _is_number(cell) or any(map(_is_number, below)) or knows([cell]) == 0 or knows(below[1:]) == 0:
            continue
        beside = [name for i, name in enumerate(lines[0]) if i != column]
        return column if beside and not knows(beside) else None
    return None


def _turned(read: Table, lines: list[list[str]], column: int) -> Table:
    """Rows and columns of ``lines`` exchanged, with those above them that are as long: clocks, counts."""
    over = [cells_of(line) for line in read.above]
    beside = [cells for cells in over if len(cells) == len(read.names)]
    lines = [*beside, *lines]
    frames = [i for i in range(max(map(len, lines))) if i != column]
    rows = [[row[i].strip() if i < len(row) else "" for row in lines] for i in frames]
    names = [row[column].strip() if column < len(row) else "" for row in lines]
    for i, cells in enumerate(beside):
        if _NO_CURVE.fullmatch(names[i]):
            names[i] = _clock([cell for at, cell in enumerate(cells) if at != column])
    note = "Its names stand below each other; rows and columns were turned (what is called a line here is a column)."
    above = [line for line, cells in zip(read.above, over, strict=True) if cells not in beside]
    return replace(
        read, names=names, rows=rows, lines=[i + 1 for i in frames], above=above, notes=[*read.notes, note]
    )  # fmt: skip


def _clock(times: list[str]) -> str:
    """What a nameless clock looks like."""
    return "frame" if all(cell.strip().isdigit() for cell in times) else "time"


def _pivoted(read: Table, lines: list[list[str]], column: int) -> Table:
    """A row for each time of ``lines``, each of which holds the value of one blendshape at one time.

    Raises UserError where more columns than three leave open which holds the values.
    """
    beside = [i for i in range(max(map(len, lines))) if i != column]
    if len(beside) != 2:
        raise UserError(
            f"each of its lines holds one blendshape (line {read.header_line}) beside {len(beside)} other cells; leave "
            "a time, a name and a value in each."
        )
    clock, value = beside
    names = list(dict.fromkeys(row[column].strip() for row in lines if column < len(row)))
    place = {name: i for i, name in enumerate(names)}
    rows: dict[str, list[str]] = {}
    first: dict[str, int] = {}
    for row, line in zip(lines, [read.header_line, *read.lines], strict=True):
        if len(row) <= max(*beside, column):
            continue
        time = row[clock].strip()
        first.setdefault(time, line)
        rows.setdefault(time, [""] * len(names))[place[row[column].strip()]] = row[value].strip()
    head = [cell.strip() for cell in cells_of(read.above[-1])] if read.above else []
    title = head[clock] if clock < len(head) and head[clock] else _clock(list(rows))
    note = "Each of its lines holds one value; those of one time were put together."
    return replace(
        read, names=[title, *names], rows=[[time, *row] for time, row in rows.items()], lines=list(first.values()),
        above=read.above[:-1], notes=[*read.notes, note],
    )  # fmt: skip


def _is_number(cell: str) -> bool:
    try:
        number(cell)
    except ValueError:
        return False
    return True
