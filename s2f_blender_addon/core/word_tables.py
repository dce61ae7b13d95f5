"""Tables of words or sentences and their times: Audacity's labels, Whisper's TSV, aligners' CSV, CTM and STM."""

import csv
import re

from .subtitles import Cue
from .word_times import in_seconds

_LAST_LABEL = 10.0
"""Seconds that the last of several labels lasts that are points in time."""

_NUMBER = r"(\d+(?:[.,]\d+)?)"
_LABEL = re.compile(rf"{_NUMBER}\t{_NUMBER}\t(.*)")
_CTM = re.compile(rf"\S+\s+\w{{1,2}}\s+{_NUMBER}\s+{_NUMBER}\s+(\S+)(?:\s+[\d.]+)?(?:\s+\S+)*")
_STM = re.compile(rf"\S+\s+\w{{1,2}}\s+\S+\s+{_NUMBER}\s+{_NUMBER}\s+(?:<[^>]*>\s+)?(.*)")

_FRACTION = re.compile(r"\s\d+[.,]\d+\s")
"""What some time of NIST's forms has, and “We had a 1 2 punch” has not."""

_TEXTS = ("word", "text", "label", "token", "transcript")
_STARTS = ("start", "begin", "start_time", "onset", "tmin", "xmin")
_ENDS = ("end", "end_time", "stop", "offset", "tmax", "xmax")
_KINDS = ("type", "tier")


def read(text: str) -> tuple[Cue, ...]:
    """The rows of ``text`` in the order of their starts; none where it is no such table."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("\\", ";;"))]
    if not lines:
        return ()
    cues = _under_names(lines) or _rows(_LABEL, lines)
    if not cues and any(map(_FRACTION.search, lines)):
        cues = _ctm(lines) or _rows(_STM, lines)
    return tuple(sorted((cue for cue in cues if cue.text and cue.end > cue.start), key=lambda cue: cue.start))


def _rows(form: "re.Pattern[str]", lines: list[str]) -> list[Cue]:
    """Rows of start, end and text; labels without a length last until the next one."""
    found = [form.fullmatch(line.strip("\r\n")) for line in lines]
    if not all(found):
        return []
    cues = [Cue(m[3].strip(), _number(m[1]), _number(m[2])) for m in found if m]
    if any(cue.end > cue.start for cue in cues):
        return cues
    ends = [*(cue.start for cue in cues[1:]), cues[-1].start + _LAST_LABEL]
    return [Cue(cue.text, cue.start, end) for cue, end in zip(cues, ends, strict=True)]


def _ctm(lines: list[str]) -> list[Cue]:
    """NIST's CTM: recording, channel, start, length, word, perhaps how surely."""
    found = [_CTM.fullmatch(line.strip()) for line in lines]
    return [Cue(m[3], _number(m[1]), _number(m[1]) + _number(m[2])) for m in found if m] if all(found) else []


def _under_names(lines: list[str]) -> list[Cue]:
    """Rows under the names of their columns; of an aligner's words and phones the words."""
    separator = max(",;\t", key=lines[0].count)
    rows = list(csv.reader(lines, delimiter=separator))
    names = [name.strip().lower() for name in rows[0]]
    text, start, end = (next((names.index(n) for n in known if n in names), -1) for known in (_TEXTS, _STARTS, _ENDS))
    if min(text, start, end) < 0:
        return []
    kind = next((names.index(n) for n in _KINDS if n in names), -1)
    body = [row for row in rows[1:] if len(row) > max(text, start, end)]
    if any("word" in row[kind].lower() for row in body if kind >= 0 and len(row) > kind):
        body = [row for row in body if "word" in row[kind].lower()]
    try:
        cues = [Cue(row[text].strip(), _number(row[start]), _number(row[end])) for row in body]
    except ValueError:
        return []
    return in_seconds(cues)


def _number(cell: str) -> float:
    return float(cell.strip().replace(",", "."))
