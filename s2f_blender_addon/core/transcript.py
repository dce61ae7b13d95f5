"""What people have of the words of a recording, to cues: prose, scripts, subtitles, and words with their times.

The form is told by what stands in the file, not by its ending; a form that is not known is refused.
"""

import re
from dataclasses import dataclass

from . import plain_text, subtitles, word_times
from .errors import UserError
from .subtitles import Cue

LARGEST = 32 << 20
"""Bytes; an hour of words with their times is 2 MB."""

_SPEAKER = re.compile(r"^\s*(?:\[([^\[\]\n:]{1,30})\]|([^\W\d_][\w.'’ -]{0,29}?))\s*(?:\([^()\n]*\))?\s*:\s+(?=\S)")
_ASIDE = re.compile(r"\[[^\[\]\n]*\]|\((?:[^()\n]{1,60})\)")
_FOREIGN = (
    (re.compile(r"\s*\{\\rtf"), "rich text (RTF); save it as plain text"),
    (re.compile(r"\s*<!doctype html|\s*<html", re.IGNORECASE), "a web page; save its text alone"),
    (re.compile(r"\s*<\?xml|\s*<[a-z]+[ >]", re.IGNORECASE), "XML of a kind that is not known; save its text alone"),
    (re.compile(r"%PDF"), "a PDF; save its text alone"),
)


@dataclass(frozen=True)
class Transcript:
    """cues: plain text is a single one without times; notes: what was assumed or left out, sentences for the user."""

    cues: tuple[Cue, ...] = ()
    notes: tuple[str, ...] = ()


def from_bytes(data: bytes, name: str) -> Transcript:
    """What is said in a file with this content; ``name`` is for complaints. Raises UserError."""
    if len(data) > LARGEST:
        raise UserError(f"{name} is too large for a script; choose a .txt or .srt file.")
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise UserError(f"{name} is a document of an office program; save it as plain text.")
    try:
        text, note = plain_text.decoded(data)
    except UserError:
        raise UserError(f"{name} is no text; choose a .txt or .srt file.") from None
    found = from_text(text, name)
    return Transcript(found.cues, (note, *found.notes) if note else found.notes)


def from_text(text: str, name: str) -> Transcript:
    """What is said in ``text``, whatever form it has. Raises UserError for a form that is not known."""
    head = text.lstrip("\ufeff \r\n\t")
    if not head:
        return Transcript()
    if head[0] in "{[" and ((head[0] == "{" and not head.startswith("{\\")) or re.match(r'\[\s*[\[{"\]]', head)):
        return Transcript(word_times.from_json(head, name))
    if "ooTextFile" in head[:200] or head.startswith('"ooTextFile'):
        return Transcript(word_times.from_textgrid(head, name))
    if "<ANNOTATION_DOCUMENT" in head[:4000]:
        return Transcript(word_times.from_elan(head, name))
    for form, title in _FOREIGN:
        if form.match(head):
            raise UserError(f"{name} is {title}.")
    if subtitles.is_ass(head):
        return _without_speakers(subtitles.parse_ass(head, name))
    if subtitles.has_cues(head) or name.lower().endswith((".srt", ".vtt")):
        return _without_speakers(subtitles.parse(text, name))
    labels = subtitles.labels(head)
    return Transcript(labels) if labels else _prose(head)


def speaker_of(text: str) -> str:
    """The name before what is said, as in ``ANNA: Hello``; empty where there is none."""
    match = _SPEAKER.match(text)
    return (match[1] or match[2]).strip() if match else ""


def _prose(text: str) -> Transcript:
    lines = text.splitlines()
    if not _names(lines):
        return Transcript((Cue(text),))
    said = [_ASIDE.sub(" ", _SPEAKER.sub("", line)) for line in lines]
    kept = "\n".join(line for line in said if line.strip())
    return Transcript((Cue(kept),) if kept else (), (_left_out(lines),))


def _without_speakers(cues: tuple[Cue, ...]) -> Transcript:
    texts = [cue.text for cue in cues]
    if not _names(texts):
        return Transcript(cues)
    kept = tuple(Cue(_SPEAKER.sub("", cue.text), cue.start, cue.end) for cue in cues)
    return Transcript(tuple(cue for cue in kept if cue.text.strip()), (_left_out(texts),))


def _names(lines: list[str]) -> list[str]:
    """The speakers in front of lines: written in capitals, or on two lines and at least a third of all."""
    found = [name for line in lines if (name := speaker_of(line))]
    capital = [name for name in found if name.isupper() and len(name) > 1]
    full = [line for line in lines if line.strip()]
    if capital or (len(found) >= 2 and len(found) * 3 >= len(full)):
        return list(dict.fromkeys(found))
    return []


def _left_out(lines: list[str]) -> str:
    names = _names(lines)
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return f"Left out as names of speakers: {', '.join(names[:4])}{more}."
