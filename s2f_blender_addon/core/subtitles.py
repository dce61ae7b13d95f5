"""Subtitles to texts and their times: SubRip, WebVTT, Advanced SubStation Alpha, tables of labels."""

import re
from collections.abc import Sequence
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
_UNSPOKEN = re.compile(r"<[^<>]*>|\{\\[^{}]*\}|\[[^\[\]]*\]:?|[♪♫♬]")
"""Tags, positions, what deaf viewers are told of sounds, and music."""
_VOICE = re.compile(r"<v(?:\.[\w.-]+)?\s+([^<>]{1,60})>")


def has_cues(text: str) -> bool:
    """Whether ``text`` looks like subtitles: a line of it is a pair of times."""
    return any(_TIMES.fullmatch(line) for line in text.splitlines())


def parse(text: str, name: str = "The subtitles", voices: bool = False) -> tuple[Cue, ...]:
    """The cues of a subtitle file in the order of their starts; those without words are left out.

    ``voices``: WebVTT's ``<v Anna>`` is told as ``Anna: `` before the words.
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
        spoken = lines[i + 1 : last]
        words = _words([_VOICE.sub(r"\1: ", line) for line in spoken] if voices else spoken)
        if words:
            found.append(Cue(words, start, end))
    if not rows:
        raise UserError(f"{name}: there is no subtitle in it; each needs a line like 00:00:01,000 --> 00:00:02,500.")
    return tuple(sorted(found, key=lambda cue: cue.start))


def to_srt(cues: Sequence[Cue]) -> str:
    """The cues as SubRip, which ``parse`` reads to the millisecond."""
    return "\n".join(
        f"{number}\n{_time(cue.start)} --> {_time(cue.end)}\n{cue.text}\n" for number, cue in enumerate(cues, 1)
    )


def _time(seconds: float) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d},{thousandths:03d}"


def is_ass(text: str) -> bool:
    """Whether ``text`` is in the form of (Advanced) SubStation Alpha."""
    return bool(re.search(r"^(?:\[Script Info\]|\[Events\]|Dialogue:)", text, re.MULTILINE))


def parse_ass(text: str, name: str = "The subtitles") -> tuple[Cue, ...]:
    """The dialogue of (Advanced) SubStation Alpha, without drawings. Raises UserError where there is none."""
    fields = "layer start end style name marginl marginr marginv effect text".split()
    found: list[Cue] = []
    for number, line in enumerate(text.splitlines(), 1):
        kind, _, rest = line.partition(":")
        if kind.strip() == "Format" and "Text" in rest:
            fields = [field.strip().lower() for field in rest.split(",")]
        if kind.strip() != "Dialogue":
            continue
        cells = dict(zip(fields, rest.split(",", len(fields) - 1), strict=False))
        times = [re.fullmatch(_TIME, cells.get(key, "").strip()) for key in ("start", "end")]
        if times[0] is None or times[1] is None:
            raise UserError(f"{name}, line {number}: this dialogue has no times; correct it.")
        start, end = _seconds(times[0].groups()), _seconds(times[1].groups())
        written = cells.get("text", "")
        if re.search(r"\\p[1-9]", written) or end <= start:
            continue
        words = " ".join(_UNSPOKEN.sub(" ", re.sub(r"\\[Nnh]", " ", re.sub(r"\{[^{}]*\}", "", written))).split())
        if words:
            found.append(Cue(words, start, end))
    if not found:
        raise UserError(f"{name}: there is no dialogue in it; each needs a line that begins with Dialogue:.")
    return tuple(sorted(found, key=lambda cue: cue.start))


def labels(text: str) -> tuple[Cue, ...]:
    """The rows of a table of start, end and text (Audacity's labels, Whisper's TSV in milliseconds); else none."""
    lines = [line for line in text.splitlines() if line.strip()]
    unit = 1.0
    if lines and [cell.strip() for cell in lines[0].split("\t")] == ["start", "end", "text"]:
        lines, unit = lines[1:], 1000.0
    rows = [re.fullmatch(r"(\d+(?:[.,]\d+)?)\t(\d+(?:[.,]\d+)?)\t(.*)", line) for line in lines]
    if not rows or not all(rows):
        return ()
    cues = [Cue(m[3].strip(), *(float(m[i].replace(",", ".")) / unit for i in (1, 2))) for m in rows if m]
    return tuple(cue for cue in cues if cue.text and cue.end > cue.start)


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
