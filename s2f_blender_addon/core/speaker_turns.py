"""Who speaks when: the turns of a recording with several people, and how a user writes them down."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

from .codec import Within
from .errors import UserError

LONGEST_DAY = 86_400.0
Time = Annotated[float, Within(0.0, LONGEST_DAY, "A time in seconds")]


@dataclass(frozen=True)
class Turn:
    """Somebody speaks from ``start`` to ``end``, seconds of the recording; ``speaker``: who, where that is known."""

    start: Time
    end: Time
    speaker: Annotated[str, Within(0, 100, "The length of a speaker's name")] = ""


_TIME = r"(?:(\d+):)?(?:(\d+):)?(\d+(?:[.]\d+)?)\s*s?"
_SPAN = re.compile(rf"\s*{_TIME}\s*(?:-|–|—|to|\.\.)\s*{_TIME}\s*")


def from_text(text: str) -> tuple[Turn, ...]:
    """Turns as a user writes them: ``0-3.2, 1:05.5-1:09``; nothing where there is no text.

    Raises UserError for what is no pair of times, or ends before it starts.
    """
    turns = []
    for part in filter(str.strip, re.split(r"[,;\n]", text)):
        found = _SPAN.fullmatch(part)
        if found is None:
            raise UserError(f"“{part.strip()}” is no stretch of the sound; write it as 3.2-5 or 1:05-1:09.5.")
        start, end = _seconds(found.groups()[:3]), _seconds(found.groups()[3:])
        if not start < end <= LONGEST_DAY:
            raise UserError(f"The stretch “{part.strip()}” ends before it starts; correct its times.")
        turns.append(Turn(start, end))
    return tuple(sorted(turns, key=lambda turn: turn.start))


def to_text(turns: Iterable[Turn]) -> str:
    """``turns`` as ``from_text`` reads them, to hundredths of a second."""
    return ", ".join(f"{_clock(turn.start)}-{_clock(turn.end)}" for turn in turns)


def speakers(turns: Sequence[Turn]) -> dict[str, tuple[Turn, ...]]:
    """Each speaker in the order of first words, with the turns."""
    found: dict[str, list[Turn]] = {}
    for turn in turns:
        found.setdefault(turn.speaker, []).append(turn)
    return {name: tuple(own) for name, own in found.items()}


def merged(turns: Iterable[Turn], gap: float) -> tuple[Turn, ...]:
    """``turns`` in the order of time; those of one speaker that lie less than ``gap`` seconds apart are one."""
    result: list[Turn] = []
    latest: dict[str, int] = {}
    for turn in sorted(turns, key=lambda one: one.start):
        at = latest.get(turn.speaker)
        if at is not None and turn.start - result[at].end < gap:
            result[at] = Turn(result[at].start, max(result[at].end, turn.end), turn.speaker)
        else:
            latest[turn.speaker] = len(result)
            result.append(turn)
    return tuple(result)


def _seconds(parts: tuple[str | None, ...]) -> float:
    """``h:m:s`` or ``m:s``: with one colon the first number is minutes."""
    first, second, last = parts
    if second is None:
        return 60 * float(first or 0) + float(last or 0)
    return 3600 * float(first or 0) + 60 * float(second) + float(last or 0)


def _clock(seconds: float) -> str:
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    shown = f"{rest / 100:05.2f}" if minutes else f"{rest / 100:.2f}"
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return f"{minutes}:{shown}" if minutes else shown
