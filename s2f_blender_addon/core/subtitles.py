"""Subtitles: SubRip (.srt), WebVTT's cues included, to texts and their times."""

import re
from dataclasses import dataclass

from .errors import UserError


@dataclass(frozen=True)
class Cue:
    """What is said between two times in seconds; ``end`` 0 means at any time."""

    text: str
    start: float = 0.0
    end: float = 0.0


_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[,.](\d{1,3}))?"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?")
_UNSPOKEN = re.compile(r"<[^<>]*>|\{\\[^{}]*\}|\[[^\[\]]*\]|[♪♫♬]")
"""Tags, positions, what deaf viewers are told of sounds, and music."""


def has_cues(text: str) -> bool:
    """Whether ``text`` looks like subtitles: a line of it is a pair of times."""
    return any(_TIMES.fullmatch(line) for line in text.splitlines())


def parse(text: str, name: str = "The subtitles") -> tuple[Cue, ...]:
    """The cues of a subtitle file in the order of their starts; those without words are left out.

    Raises UserError that names ``name`` and the line where nothing is a cue or a time makes no sense.
    """
    lines = text.removeprefix("﻿").splitlines()
    found: list[Cue] = []
    rows = [(i, match) for i, line in enumerate(lines) if (match := _TIMES.fullmatch(line))]
    for n, (i, match) in enumerate(rows):
        start, end = _seconds(match.groups()[:4]), _seconds(match.groups()[4:])
        if end <= start:
            raise UserError(f"{name}, line {i + 1}: this subtitle ends before it starts; correct its times.")
        last = rows[n + 1][0] if n + 1 < len(rows) else len(lines)
        words = _words(lines[i + 1 : last])
        if words:
            found.append(Cue(words, start, end))
    if not rows:
        raise UserError(f"{name}: there is no subtitle in it; each needs a line like 00:00:01,000 --> 00:00:02,500.")
    return tuple(sorted(found, key=lambda cue: cue.start))


def _words(lines: list[str]) -> str:
    """The lines of one cue: up to the first empty one, without what is not spoken."""
    said = []
    for line in lines:
        if not line.strip():
            break
        said.append(line)
    return " ".join(_UNSPOKEN.sub(" ", " ".join(said)).split())


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = parts
    rest = float(f"0.{fraction}") if fraction else 0.0
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + rest
