"""Subtitles to texts and their times: SubRip, WebVTT, SBV, Whisper's listing, Advanced SubStation Alpha, lyrics."""

import html
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


_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[,.]\s?(\d{1,3}))?"
_SBV = r"(?:(?<=\.\d\d)|(?<=\.\d\d\d)),"
"""The comma between two times, as SBV and SubViewer write them; “10:30, 11:30” is said."""
_TIMES = re.compile(rf"\s*(\[)?{_TIME}\s*(?:-{{1,3}}>|[–—]>|→|{_SBV})\s*{_TIME}(?(1)\]|)(?:\s(.*))?")
"""A line of two times. In brackets, as Whisper lists them, the words follow on it; else those are settings."""

_ARROW = re.compile(r"\d[:.,]\d+\s*-->")
"""What tries to be a pair of times; of “Level 1 --> Level 2” it is said."""
_TAG = re.compile(r"<(?!br\b)[^<>]*>|\{\\[^{}]*\}")
"""Colours and positions, which may stand in the middle of a word."""
_UNSPOKEN = re.compile(r"<[^<>]*>|\[[^\[\]]*\]:?|[♪♫♬]")
"""What deaf viewers are told of sounds, and music."""
_VOICE = re.compile(r"<v(?:\.[\w.-]+)?\s+([^<>]{1,60})>")
_ROLLS_UP = re.compile(r"<\d\d:\d\d:\d\d\.\d{3}>")
"""Times of words within a cue: captions whose lines are shown a second time, above the next one."""

_LYRIC = re.compile(r"((?:\[\d{1,3}:\d\d(?:[.:]\d{1,3})?\]\s*)+)(.*)")
_LYRIC_ABOUT = re.compile(r"\[[a-z#]+:.*\]", re.IGNORECASE)
_LAST_LYRIC = 10.0
"""Seconds in which the last line of lyrics is sung, of which only the beginning is told."""


def has_cues(text: str) -> bool:
    """Whether ``text`` looks like subtitles: a line of it is a pair of times, or tries to be."""
    lines = text.splitlines()
    return text.startswith("WEBVTT") or any(_TIMES.fullmatch(line) or _ARROW.search(line) for line in lines)


def parse(text: str, name: str = "The subtitles", voices: bool = False) -> tuple[Cue, ...]:
    """The cues of a subtitle file in the order of their starts; those without words are left out.

    ``voices``: WebVTT's ``<v Anna>`` is told as ``Anna: `` before the words.
    Raises UserError that names ``name`` and the line where nothing is a cue or a time makes no sense.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    found: list[Cue] = []
    rows = [(i, match) for i, line in enumerate(lines) if (match := _TIMES.fullmatch(line))]
    told = {i for i, _ in rows}
    wrong = next((i for i, line in enumerate(lines) if i not in told and _ARROW.search(line)), None)
    if wrong is not None:
        raise UserError(
            f"{name}, line {wrong + 1}: “{lines[wrong].strip()[:60]}” is no pair of times; "
            "write it like 00:00:01,000 --> 00:00:02,500."
        )
    rolls_up, before = bool(_ROLLS_UP.search(text)), ""
    for n, (i, match) in enumerate(rows):
        start, end = _seconds(match.groups()[1:5]), _seconds(match.groups()[5:9])
        if end <= start:
            raise UserError(f"{name}, line {i + 1}: this subtitle ends before it starts; correct its times.")
        spoken = lines[i + 1 : rows[n + 1][0]] if n + 1 < len(rows) else [*lines[i + 1 :], ""]
        said = [match[10] or ""] if match[1] else []
        said += _said([_VOICE.sub(r"\1: ", line) for line in spoken] if voices else spoken)
        words = [word for line in said if (word := _words(line))]
        shown_again = rolls_up and bool(words) and words[0] == before
        before = words[-1] if words else before
        if words[shown_again:]:
            found.append(Cue(" ".join(words[shown_again:]), start, end))
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
        if words := _words(re.sub(r"\\[Nnh]", " ", re.sub(r"\{[^{}]*\}", "", written))):
            found.append(Cue(words, start, end))
    if not found:
        raise UserError(f"{name}: there is no dialogue in it; each needs a line that begins with Dialogue:.")
    return tuple(sorted(found, key=lambda cue: cue.start))


def lyrics(text: str) -> tuple[Cue, ...]:
    """The lines of a text in the form of LRC, ``[mm:ss.xx]words``, each until the next one; else none."""
    found: list[Cue] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _LYRIC.fullmatch(line)
        if match is None and not _LYRIC_ABOUT.fullmatch(line):
            return ()
        for minutes, seconds in re.findall(r"\[(\d+):([\d.:]+)\]", match[1]) if match else ():
            found.append(Cue(_words(match[2]) if match else "", 60 * int(minutes) + float(seconds.replace(":", "."))))
    found.sort(key=lambda cue: cue.start)
    ends = [*(cue.start for cue in found[1:]), found[-1].start + _LAST_LYRIC] if found else []
    cues = (Cue(cue.text, cue.start, end) for cue, end in zip(found, ends, strict=True))
    return tuple(cue for cue in cues if cue.text and cue.end > cue.start)


def _said(lines: list[str]) -> list[str]:
    """The lines of one cue, of all up to the next one's times: without the number or name of the next cue."""
    last = lines[-1].strip() if lines else ""
    if last.isdecimal() or (last and len(lines) > 1 and not lines[-2].strip()):
        lines = lines[:-1]
    while lines and not lines[0].strip():
        lines = lines[1:]
    end = next((i for i, line in enumerate(lines) if not line.strip()), len(lines))
    return lines[:end]


def _words(line: str) -> str:
    """What is spoken of a line."""
    return " ".join(html.unescape(_UNSPOKEN.sub(" ", _TAG.sub("", line))).split())


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = parts
    rest = float(f"0.{fraction}") if fraction else 0.0
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + rest
