"""A text of rows and columns, whoever wrote it: its header, its cells, and numbers as people write them.

Commas, semicolons, tabs, bars or spaces between cells; decimal points or commas; quotes; lines of other things above
the header; a spreadsheet's ``sep=``.
"""

import csv
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .. import plain_text
from ..errors import UserError

DELIMITERS = ",;\t|"
_HEADER_WITHIN = 40
"""Lines of other things that may stand above a header."""

_EMPTY = " \t,;|\x1a"
_ENOUGH = 3
"""Known names that make a header of a line, whatever stands below."""

_SEPARATOR = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_LOST = re.compile(
    r"|-+|\?+|n/?a|\(?(?:null|nil|none|undefined|missing)\)?|[-+]?nan(?:\(.*\))?|[-+]?1\.#\w+|#[\w/]+[!?]?",
    re.IGNORECASE,
)
"""What stands in a cell whose value was lost: nothing, a word, C's ways to write no number, a spreadsheet's errors."""


@dataclass(frozen=True)
class Table:
    """names: of the columns; rows: cells below them; lines: where each row stands in the file.

    above: the lines over the header; notes: what was assumed, for the user.
    """

    names: list[str]
    rows: list[list[str]]
    lines: list[int]
    header_line: int
    above: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def column(self, index: int) -> list[str]:
        """The cells of a column, '' in rows that are too short."""
        return [row[index].strip() if index < len(row) else "" for row in self.rows]


def read(data: bytes, knows: Callable[[Sequence[str]], int]) -> Table:
    """The table in ``data``; its header is the first line of which ``knows`` counts the most names.

    Raises UserError where there is no text, no line or no header.
    """
    text, note = plain_text.decoded(data)
    lines = [(i, line) for i, line in enumerate(text.splitlines(), 1) if line.strip(" \x1a")]
    while lines and not lines[-1][1].strip(_EMPTY):  # a spreadsheet's empty rows at the end; others are lost frames
        lines.pop()
    while lines and not lines[0][1].strip(_EMPTY):
        lines.pop(0)
    if not lines:
        raise UserError("the file is empty.")
    given = _SEPARATOR.fullmatch(lines[0][1].strip(" ,;\t"))
    if given and len(lines) > 1:
        lines = lines[1:]
    best, names, split, known = -1, [""], _splitter(","), 0
    for at, (_, line) in enumerate(lines[:_HEADER_WITHIN]):
        how = _splitter(given[1] if given else _delimiter(line))
        cells = [cell.strip() for cell in how(line)]
        count = knows(cells)
        if count > known:
            best, names, split, known = at, cells, how, count
        if known >= _ENOUGH:
            break
    if best < 0:
        raise UserError(f"line {lines[0][0]} names no ARKit blendshape, nor a pose that is known, so this is no track.")
    body = [(number, split(line)) for number, line in lines[best + 1 :]]
    first = names[0]
    again = [n for n, cells in body if cells and cells[0].strip() == first and [c.strip() for c in cells] == names]
    notes = [note] if note else []
    if again:
        body = [(number, cells) for number, cells in body if number not in set(again)]
        notes.append(f"Its header stands in it {len(again) + 1} times; the rows below each were joined.")
    return Table(
        names, [cells for _, cells in body], [number for number, _ in body], lines[best][0],
        [line for _, line in lines[:best]], notes,
    )  # fmt: skip


def number(cell: str) -> float:
    """The number in a cell, decimal comma or point, percent sign or not; NaN where it was lost.

    Raises ValueError for anything else, infinity included.
    """
    try:
        value = float(cell)
    except ValueError:
        text = cell.strip().strip("'\"").strip()
        if _LOST.fullmatch(text):
            return math.nan
        share = 0.01 if text.endswith("%") else 1.0
        text = text.removesuffix("%").strip()
        if text.count(",") == 1 and "." not in text:
            text = text.replace(",", ".")
        value = float(text) * share
    if math.isinf(value):
        raise ValueError(f"{cell!r} is no finite number") from None
    return value


def cells_of(line: str) -> list[str]:
    """The cells of ``line`` by itself, parted by what stands in it most often."""
    return _splitter(_delimiter(line))(line)


def _delimiter(line: str) -> str:
    bare = re.sub(r'"[^"]*"', "", line)
    best = max(DELIMITERS, key=bare.count)
    return best if best in bare else (" " if len(line.split()) > 2 else ",")


def _splitter(delimiter: str) -> Callable[[str], list[str]]:
    if delimiter == " ":
        return str.split

    def split(line: str) -> list[str]:
        if '"' not in line:
            return line.split(delimiter)
        try:
            return next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error as error:
            raise UserError(f"it is no table of numbers ({error}).") from error

    return split
