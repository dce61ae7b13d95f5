"""Timecodes: written as Live Link Face does, read as anybody writes them.

The field behind the seconds counts frames, and of what is read from the column itself: it rolls over at the number of
frames in a second. Live Link Face's own rolls over at 60 whatever the rate of the capture, and a frame's thousandths
follow it; other programs count the frames of the capture there, and some put a running number behind.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.float64]

UNITS = 60
"""What Live Link Face's frame field counts: sixtieths of a second whatever the track's frame rate."""

THOUSANDTHS = UNITS * 1000
RESOLUTION = 1 / THOUSANDTHS
DAY = 24 * 3600.0
_MIDNIGHT = 3600.0
"""Seconds that may pass between two rows at midnight; a longer step back is a clock that is wrong."""

BASES = (12, 15, 24, 25, 30, 48, 50, 60, 72, 75, 90, 96, 100, 120, 144, 200, 240)
"""Frames in a second that a frame field is known to count."""

_TOLD_TO = 0.01
"""Frames a second to which people write 23.976, 29.97 or 59.94."""

_NEVER_ROLLS = (
    "Its clock never fills a second, so its frames were taken for sixtieths, as Live Link Face counts them; give the "
    "rate if it is another."
)
_FORM = re.compile(
    r"(?:\d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?:T|,? +))?(?:(\d{1,4}):)?(\d\d?):(\d\d?)"
    r"(?:([:;.,])(\d{1,9})(?:[.:,](\d{1,9}))?)?(?:Z|[+-]\d\d:?\d\d)?(?: ?([ap])\.?m\.?)?", re.IGNORECASE
)


@dataclass(frozen=True)
class Field:
    """A cell of a clock: ``whole`` seconds, the number behind them, what parts the two, and the number behind that."""

    whole: int
    parted_by: str
    behind: str
    sub: str


def timecode(seconds: float) -> str:
    """``HH:MM:SS:FF.mmm`` of a time of day in seconds; a day wraps."""
    ticks = round(seconds * THOUSANDTHS) % round(DAY * THOUSANDTHS)
    whole, ticks = divmod(ticks, THOUSANDTHS)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}:{ticks // 1000:02d}.{ticks % 1000:03d}"


def field(text: str) -> Field:
    """The parts of a timecode or a time of day. Raises ValueError when it is none."""
    match = _FORM.fullmatch(text.strip().strip("'\""))
    if match is None or (match[1] is None and match[4] is None):
        raise ValueError(f"{text!r} is no timecode")
    hours, minutes, whole, parted_by, behind, sub, half = match.groups()
    if half:
        hours = int(hours or 0) % 12 + (12 if half in "pP" else 0)
    return Field(int(hours or 0) * 3600 + int(minutes) * 60 + int(whole), parted_by or "", behind or "", sub or "")


def seconds(text: str) -> float:
    """The time of day of a timecode of Live Link Face. Raises ValueError when it is none."""
    read = field(text)
    return read.whole + float(f"{read.behind or 0}.{read.sub or 0}") / UNITS


@dataclass(frozen=True)
class Clock:
    """times: (T,) seconds, not yet in order; resolution: what one step of the last digit is worth, in seconds.

    base: frames in a second that the frame field counts, 0 where it has none; frames: (T,) whole and parts of frames
    from the first row on, where a frame field numbers them; notes: what was assumed, for the user; rate: frames a
    second where each row is one frame, 0 where the times tell; starts: whether the first time is a place in the
    recording, else the track starts at 0.
    """

    times: Times
    resolution: float
    base: int = 0
    frames: Times | None = None
    notes: tuple[str, ...] = ()
    rate: float = 0.0
    starts: bool = False


def read(fields: Sequence[Field], told: float | None = None) -> Clock:
    """The clock in a column of timecodes, a fall by half a day being midnight.

    ``told``: the rate that the file tells elsewhere, which parts 23.976 frames a second from 24.
    """
    whole = unwrapped(np.array([f.whole for f in fields], np.float64))
    parted = {f.parted_by for f in fields if f.parted_by}
    if parted <= {".", ","} and not _counts_frames(fields, whole):
        digits = max((len(f.behind) for f in fields), default=0)
        return Clock(whole + [float(f"0.{f.behind or 0}") for f in fields], 10.0**-digits)
    return _frame_field(fields, whole, ";" in parted, told)


def unwrapped(times: Times) -> Times:
    """Times of day made continuous over midnight: a fall by a day, but for what passed meanwhile, is a new day."""
    return times + DAY * np.cumsum(np.diff(times, prepend=times[:1]) < _MIDNIGHT - DAY)


def _counts_frames(fields: Sequence[Field], whole: Times) -> bool:
    """Whether two digits behind a point count frames: they go up one by one and start again before 99."""
    if any(len(f.behind) != 2 for f in fields) or len(fields) < 3:
        return False
    behind = np.array([int(f.behind) for f in fields])
    inside = np.diff(behind)[np.diff(whole) == 0]
    rolls = behind[:-1][np.diff(whole) == 1]
    return bool(len(inside) and len(rolls) and np.median(inside) == 1 and rolls.max() < 98)


def _frame_field(fields: Sequence[Field], whole: Times, drops: bool, told: float | None) -> Clock:
    count = np.array([int(f.behind or 0) for f in fields], np.float64)
    subs = np.array([float(f"0.{f.sub}") if f.sub else 0.0 for f in fields])
    digits = max((len(f.sub) for f in fields), default=0)
    running = _is_running(fields)
    base, notes = _base(whole, count if running else count + subs, count, told)
    if running and (base != UNITS or _skips_nothing(fields, count, base)):
        subs, digits = np.zeros_like(subs), 0
    frames, rate = whole * base + count + subs, float(base)
    if base in (30, 60) and (drops or _drops(whole, count, base)):
        minutes = np.floor(whole / 60)
        frames = frames - base // 15 * (minutes - np.floor(minutes / 10))
        rate = base * 1000 / 1001
    elif told and abs(told - base * 1000 / 1001) < _TOLD_TO:
        rate = base * 1000 / 1001
    return Clock(frames / rate, 10.0**-digits / rate, base, frames - frames[0], notes)


def _is_running(fields: Sequence[Field]) -> bool:
    """Whether the numbers behind the frame field go up by one a row, as a row's own number does."""
    if len(fields) < 3 or not all(f.sub for f in fields):
        return False
    numbers = np.array([int(f.sub) for f in fields])
    return bool(np.mean(np.isin(np.diff(numbers), (1, -999))) > 0.95)


def _skips_nothing(fields: Sequence[Field], count: Times, base: int) -> bool:
    """Whether the frame field goes up by one where a running number starts anew.

    Where thousandths run over, as they do at 59.94 frames a second, it goes up by two there.
    """
    anew = np.flatnonzero(np.diff([int(f.sub) for f in fields]) == -999)
    long = any(len(f.sub) > 3 for f in fields)
    return bool(long or (len(anew) and (np.diff(count)[anew] % base == 1).mean() > 0.5))


def _base(whole: Times, value: Times, count: Times, told: float | None) -> tuple[int, tuple[str, ...]]:
    """Frames in a second: what the field lacks at each new second, seen from its own step.

    Where it never starts anew, the rate that is told is that of its steps.
    """
    order = np.lexsort((value, whole))  # rows may stand in the wrong place
    across, steps = np.diff(whole[order]), np.diff(value[order])
    inside = steps[(across == 0) & (steps > 0)]
    if not len(inside) or not (across == 1).any():
        if told and len(inside) and round(told * np.median(inside)) > count.max():
            return round(told * float(np.median(inside))), ()
        base = UNITS if not len(count) or count.max() < UNITS else _least(count.max())
        return base, (_NEVER_ROLLS,) if len(count) > 1 else ()
    step = float(inside[inside <= 1.5 * np.median(inside)].mean())
    at = np.median(step - steps[across == 1])
    near = min(BASES, key=lambda base: abs(base - at))
    first = min(math.floor(count.min()), 1)  # some count from 1
    if abs(near - at) <= max(0.6, 0.6 * step) and near + first > math.floor(count.max()):
        return near, ()
    least = _least(count.max())
    return least, (f"The frame field of this track's clock goes up to {count.max():g}, taken for {least} a second.",)


def _least(most: float) -> int:
    return next((base for base in BASES if base > most), int(most) + 1)


def _drops(whole: Times, count: Times, base: int) -> bool:
    """Whether each minute but every tenth begins with frame 2 (4 at 60), as drop-frame timecode has it."""
    minute = np.floor(whole / 60)
    new = np.flatnonzero(np.diff(minute) == 1) + 1
    new = new[(minute[new] % 10 != 0) & (count[new - 1] == base - 1)]
    return bool(len(new) and (count[new] == base // 15).all())
