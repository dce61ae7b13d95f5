"""When each row of a table was: its clock is found and its units are read, never assumed without a note."""

import re
from dataclasses import dataclass, replace

import numpy as np

from ..errors import UserError
from ..naming.names import common_words, tokens
from ..track import FASTEST
from . import timecode
from .table import Table, number
from .timecode import Clock, Field, Times

ASSUMED = 30.0
"""Frames a second where nothing tells; what a camera gives."""

SLOWEST = 1.0
"""Frames a second that a capture has at least."""

LATEST = 600.0
"""Seconds: a clock that begins later than this is a time of day or since the device was switched on."""

_TIME = frozenset(
    "time timecode timestamp timestamps times seconds second secs sec milliseconds millisecond millis msec ms usec us "
    "microseconds micros nanoseconds nanos ns elapsed clock utc epoch".split()
)
_FRAME = frozenset("frame frames frameid frameindex framenumber framecount index idx row".split())
_NOT = frozenset("delta dt duration fps rate total".split())
_RATE = frozenset(["fps", "framerate", "rate", "framespersecond"])
_UNITS: dict[str, float] = {
    **dict.fromkeys(("ms", "msec", "millis", "milliseconds", "millisecond"), 1e-3),
    **dict.fromkeys(("us", "usec", "micros", "microseconds"), 1e-6),
    **dict.fromkeys(("ns", "nanos", "nanoseconds"), 1e-9),
    **dict.fromkeys(("s", "sec", "secs", "seconds", "second"), 1.0),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), 60.0),
}
_STEPS = ((0.9, 1.0, "seconds"), (400.0, 1e-3, "milliseconds"), (4e5, 1e-6, "microseconds"), (4e8, 1e-9, "nanoseconds"))
"""The longest step between two rows that is taken for each unit."""

_ABOVE = re.compile(r"(?:fps|frame ?rate|frames per second)\W{0,4}(\d{1,4}(?:[.,]\d+)?)", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """A column that may be the clock: its place, the unit that its name tells (seconds), and whether it counts."""

    index: int
    unit: float | None
    counts: bool


def columns(names: list[str]) -> list[Column]:
    """The columns that may be a clock, times before frame numbers before nameless counters."""
    times, frames, nameless = [], [], []
    shared = common_words(names)  # of frame.blendShapes.jawOpen and its like
    for index, name in enumerate(names):
        words = set(tokens(name)) - shared
        if not words or words == {"unnamed", "0"}:
            nameless.append(Column(index, None, True))
        elif words & _NOT:
            continue
        elif words & _TIME or name.strip().lower() == "t":
            times.append(Column(index, next((_UNITS[word] for word in words if word in _UNITS), None), False))
        elif words & _FRAME:
            frames.append(Column(index, None, True))
    return times + frames + nameless[:1]


def is_rate(name: str) -> bool:
    """Whether a column of this name repeats the frame rate."""
    return "".join(tokens(name)) in _RATE


def read(table: Table, fps: float | None) -> Clock:
    """The clock of ``table``, its times in seconds from wherever it starts, rows as they stand.

    ``fps``: the rate that the user gave, which then counts rows or frame numbers and overrules every other clock.
    Raises UserError that names the line of a cell which is no time.
    """
    if not table.rows:
        return Clock(np.zeros(0), 1.0)
    told = fps or _told(table)
    reason = ""
    for column in columns(table.names):
        cells = table.column(column.index)
        if not any(cells):
            continue
        name = table.names[column.index] or "the first column"
        if not any(character.isdigit() for cell in cells for character in cell):
            reason = reason or f"its {name} cannot be read (“{next(filter(None, cells))[:40]}”)"
            continue
        coded = any(":" in cell for cell in cells)
        clock = _spread(_codes(table, cells, told) if coded else _numbers(table, column, cells, told), name)
        if len(cells) > 1 and not np.ptp(clock.times[np.isfinite(clock.times)]) > 0:
            reason = reason or f"its {name} stands still"
            continue
        if fps is not None:
            return _at_rate(clock, fps, name)
        if clock.frames is not None and not clock.base:
            return _counted(clock, told)
        return clock if coded else _begun(clock, name)
    return _by_row(len(table.rows), told, fps is not None, reason)


def _told(table: Table) -> float | None:
    """The rate that a column or a line above the header tells."""
    for index, name in enumerate(table.names):
        if is_rate(name):
            try:
                values = {number(cell) for cell in table.column(index) if cell}
            except ValueError:
                continue
            if len(values) == 1 and SLOWEST <= (value := values.pop()) <= FASTEST:
                return value
    found = [match[1] for line in table.above if (match := _ABOVE.search(line))]
    value = number(found[0]) if found else 0.0
    return value if SLOWEST <= value <= FASTEST else None


def _codes(table: Table, cells: list[str], told: float | None) -> Clock:
    """Timecodes or times of day; an empty cell stands between its neighbours."""
    fields: list[Field] = []
    where: list[int] = []
    for i, cell in enumerate(cells):
        if not cell:
            continue
        try:
            fields.append(timecode.field(cell))
        except ValueError as error:
            raise _damaged(table, i, cell) from error
        where.append(i)
    clock = timecode.read(fields, told)
    frames = None if clock.frames is None else _filled(where, clock.frames, len(cells))
    times = _filled(where, clock.times, len(cells))
    return Clock(times, clock.resolution, clock.base, frames, clock.notes)


def _numbers(table: Table, column: Column, cells: list[str], told: float | None) -> Clock:
    """Numbers, of seconds, parts of seconds or frames."""
    values, where = [], []
    for i, cell in enumerate(cells):
        try:
            value = number(cell)
        except ValueError as error:
            raise _damaged(table, i, cell) from error
        if np.isfinite(value):
            values.append(value)
            where.append(i)
    numbers = np.array(values)
    steps = np.diff(numbers)
    step = float(np.quantile(steps[steps > 0], 0.5, method="lower")) if (steps > 0).any() else 0.0
    whole = bool((numbers == np.round(numbers)).all())
    if column.counts or (column.unit is None and whole and 0 < step < 4 and len(numbers) > 2):
        note = () if column.counts else (f"Its {table.names[column.index]} was taken for frame numbers.",)
        frames = _filled(where, numbers - numbers[0] if len(numbers) else numbers, len(cells))
        return Clock(frames / (told or ASSUMED), 0.0, 0, frames, note)
    unit, notes = _unit(column.unit, step, table.names[column.index])
    digits = 0 if whole else max(len(re.sub(r"[eE].*", "", cell).replace(",", ".").partition(".")[2]) for cell in cells)
    return Clock(_filled(where, numbers * unit, len(cells)), unit * 10.0**-digits, notes=notes)


def _unit(told: float | None, step: float, name: str) -> tuple[float, tuple[str, ...]]:
    """Seconds that 1 in the column stands for, from its name, or from how far its rows are apart."""
    if told is not None and (step == 0 or SLOWEST <= 1 / (step * told) <= FASTEST):
        return told, ()
    if told is None and 0 < step < 1 / FASTEST and SLOWEST <= 1 / (step * timecode.DAY) <= FASTEST:
        return timecode.DAY, (f"Its {name} was taken for parts of a day, as spreadsheets count time.",)
    for longest, unit, title in _STEPS:
        if step <= longest:
            return unit, () if unit == 1.0 else (f"Its {name} was taken for {title}.",)
    raise UserError(f"its {name} goes on by {step:g} a row, which is no time between two frames; give its rate.")


def _filled(where: list[int], values: Times, count: int) -> Times:
    """(count,) ``values`` at rows ``where``; rows in between and at the ends go on at the usual step."""
    if len(where) == count or not where:
        return values if where else np.full(count, np.nan)
    steps = np.diff(values) / np.diff(where)
    step = float(np.median(steps)) if len(steps) else 1 / ASSUMED
    rows = np.arange(count)
    filled = np.interp(rows, where, values)
    filled += step * (np.minimum(rows - where[0], 0) + np.maximum(rows - where[-1], 0))
    return filled


def _at_rate(clock: Clock, fps: float, name: str) -> Clock:
    """The clock at the rate that the user gave: by its frame numbers where it counts, else row by row."""
    if clock.frames is not None:
        frames = clock.frames / (_usual_step(clock.frames) if clock.base else 1.0)  # sixtieths may go on by 2.5
        return Clock(frames / fps, 0.0, frames=frames)
    rows = np.arange(len(clock.times), dtype=np.float64)
    note = f"Its {name} was set aside for the rate of {fps:g} that was given; each row is a frame."
    return Clock(rows / fps, 0.0, frames=rows, notes=(note,), rate=fps)


def _usual_step(frames: Times) -> float:
    steps = np.diff(frames)
    steps = steps[steps > 0]
    return float(steps[steps <= 1.5 * np.median(steps)].mean()) if len(steps) else 1.0


def _spread(clock: Clock, name: str) -> Clock:
    """The clock with its rows spread evenly where most of them repeat a time: it ticks slower than the capture."""
    if len(clock.times) < 4 or np.mean(np.diff(clock.times) == 0) < 0.4:
        return clock
    first = np.flatnonzero(np.diff(clock.times, prepend=np.nan) != 0)
    if len(first) < 2:
        return clock
    rows = np.arange(len(clock.times))

    def spread(values: Times) -> Times:
        return _filled(list(first), values[first], len(rows))

    frames = None if clock.frames is None else spread(clock.frames)
    each = len(rows) / len(first)
    note = f"Its {name} stands for {each:.2g} rows at a time; they were spread evenly between its steps."
    return Clock(spread(clock.times), clock.resolution, clock.base, frames, (*clock.notes, note))


def _counted(clock: Clock, told: float | None) -> Clock:
    """A clock of frame numbers, with a note where no rate is told."""
    if told:
        return clock
    note = f"It numbers frames but tells no rate; {ASSUMED:g} a second were taken. Give the rate if it is another."
    return Clock(clock.times, 0.0, 0, clock.frames, (*clock.notes, note))


def _by_row(count: int, told: float | None, given: bool, reason: str) -> Clock:
    rows = np.arange(count, dtype=np.float64)
    rate = told or ASSUMED
    about = "" if given else f"{reason[:1].upper()}{reason[1:]}" if reason else "It has no clock"
    note = f"{about}; {rate:g} frames a second were taken, one a row. Give the rate if it is another." if about else ""
    return Clock(rows / rate, 0.0, frames=rows, notes=(note,) if note and (reason or not told) else (), rate=rate)


def _begun(clock: Clock, name: str) -> Clock:
    """The clock with its own start where that can be a place in a recording."""
    first = float(clock.times.min())
    if abs(first) <= LATEST:
        return replace(clock, starts=True)
    note = f"Its {name} begins at {first:.0f} s, taken for a clock of its own: the track starts at 0."
    return replace(clock, notes=(*clock.notes, note))


def _damaged(table: Table, row: int, cell: str) -> UserError:
    return UserError(
        f"line {table.lines[row]} is damaged (“{cell[:40]}” is no time); it should begin with a time and hold a number "
        "in each cell."
    )
