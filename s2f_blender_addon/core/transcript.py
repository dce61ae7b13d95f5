"""What people have of the words of a recording, to cues: prose, scripts, subtitles, and words with their times.

The form is told by what stands in the file, not by its ending; a form that is not known is refused.
"""

import re
import unicodedata
from dataclasses import dataclass

from . import plain_text, subtitles, word_tables, word_tiers, word_times
from .errors import UserError
from .script import ENGLISH
from .subtitles import Cue

LARGEST = 32 << 20
"""Bytes; an hour of words with their times is 2 MB."""

_DASH = r"\s*(?:>>+\s*|[-–—]\s+)?"
"""What captions put before another speaker."""
_SPEAKER = re.compile(
    rf"^{_DASH}(?:\[([^\[\]\n:：]{{1,30}})\]|([^\W\d_][\w.'’ -]{{0,29}}?))"
    r"\s*(?:\([^()\n]*\)\s*)?(?::\s+|：\s*)(?=\S)"
)
_ASIDE = re.compile(r"\[[^\[\]\n]*\]|\((?:[^()\n]{1,60})\)")
_DIRECTION = re.compile(r"\[[^\[\]\n]{1,80}\]|^" + _DASH + r"\((?!(?:\d+|\w)\))[^()\n]{1,80}\)")
"""What nobody says: in square brackets anywhere, in round ones where a line begins, but for (1) or (a) in a list."""

_CLOCK = r"(?:\d{1,2}:)?\d{1,2}:\d\d(?:[.,]\d{1,3})?"
_STAMP = re.compile(rf"^\s*(?:[^\W\d_][\w.'’ -]{{0,29}}\s{{2,}})?{_CLOCK}\s*$|[\[(]{_CLOCK}[\])]")
"""A time in brackets, and a line that is a time, or a name and a time, as meetings are written down."""
_AT = re.compile(rf"\s*(?:[^\W\d_][\w.'’ -]{{0,29}}(?=\([\d:.,]+\)\s*:?\s*$))?\({_CLOCK}\)")
"""A line that begins with a time in round brackets, or is a name and one; else such a time is part of a sentence."""

_FOREIGN = (
    (re.compile(r"\s*\{\\rtf"), "rich text (RTF); save it as plain text"),
    (re.compile(r"\s*<!doctype html|\s*<html", re.IGNORECASE), "a web page; save its text alone"),
    (re.compile(r"\s*<\?xml|\s*<[a-z]+[ >]", re.IGNORECASE), "XML of a kind that is not known; save its text alone"),
    (re.compile(r"%PDF"), "a PDF; save its text alone"),
    (re.compile(r"\{\d+\}\{\d+\}"), "a subtitle file that counts frames (MicroDVD); save it as .srt"),
)


@dataclass(frozen=True)
class Transcript:
    """cues: plain text is a single one without times; notes: what was assumed or left out, sentences for the user;
    language: its code where the file tells it."""

    cues: tuple[Cue, ...] = ()
    notes: tuple[str, ...] = ()
    language: str = ""

    def notes_in(self, language: str) -> tuple[str, ...]:
        """``notes``, and a word where the file, or its letters, tell another language than the one that was chosen."""
        told = self.language.lower().partition("-")[0]
        chosen = language.lower().partition("-")[0]
        if told and told != chosen:
            note = (
                f"The words say that they are in “{self.language}”, but are read as “{language}”; "
                "choose their language where that is wrong."
            )
        elif chosen == ENGLISH and not self._is_latin():
            note = "The words are not in Latin letters, but are read as English; choose their language."
        else:
            return self.notes
        return (*self.notes, note)

    def _is_latin(self) -> bool:
        letters = [letter for cue in self.cues for letter in cue.text[:1000] if letter.isalpha()][:1000]
        return 2 * sum("LATIN" in unicodedata.name(letter, "") for letter in letters) >= len(letters)


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
    return Transcript(found.cues, (note, *found.notes) if note else found.notes, found.language)


def from_text(text: str, name: str) -> Transcript:
    """What is said in ``text``, whatever form it has. Raises UserError for a form that is not known."""
    head = text.lstrip("\ufeff \r\n\t")
    if not head:
        return Transcript()
    if "<ANNOTATION_DOCUMENT" in head[:4000]:
        return Transcript(word_tiers.from_elan(head, name))
    for form, title in _FOREIGN:
        if form.match(head):
            raise UserError(f"{name} is {title}.")
    if head[0] in "{[" and ((head[0] == "{" and not head.startswith("{\\")) or re.match(r'\[\s*[\[{"\]]', head)):
        cues, language = word_times.from_json(head, name)
        return Transcript(cues, language=language)
    if "ooTextFile" in head[:200] or head.startswith('"ooTextFile'):
        return Transcript(word_tiers.from_textgrid(head, name))
    if subtitles.is_ass(head):
        return _spoken(subtitles.parse_ass(head, name))
    if subtitles.has_cues(head) or name.lower().endswith((".srt", ".vtt", ".sbv")):
        return _spoken(subtitles.parse(text, name))
    table = subtitles.lyrics(head) or word_tables.read(head)
    return _spoken(table or tuple(map(Cue, head.splitlines())), joined=not table, whole=head)


def speaker_of(text: str) -> str:
    """The name before what is said, as in ``ANNA: Hello``; empty where there is none."""
    match = _SPEAKER.match(text)
    return (match[1] or match[2]).strip() if match else ""


def _spoken(cues: tuple[Cue, ...], joined: bool = False, whole: str = "") -> Transcript:
    """What is said in ``cues``: without the names of speakers, stage directions and times; ``joined``: they are the
    lines of one text, which is ``whole`` where nothing is left out."""
    texts = [cue.text for cue in cues]
    names = _names(texts)
    notes = [f"Left out as names of speakers: {_some(names)}."] if names else []
    said = [_SPEAKER.sub("", text) for text in texts] if names else texts
    for form, what, least in ((_STAMP, "times", 2), (_ASIDE if names else _DIRECTION, "stage directions", 1)):
        gone = [match[0].strip() for text in said for match in form.finditer(text)]
        if form is _STAMP and (not joined or (any("(" in one for one in gone) and not any(map(_AT.match, said)))):
            continue
        if len(gone) >= least:
            notes.append(f"Left out as {what}: {_some(list(dict.fromkeys(gone)))}.")
            said = [form.sub(" ", text) for text in said]
    if joined and not notes:
        return Transcript((Cue(whole),))
    kept = [(" ".join(text.split()) if notes else text, cue) for text, cue in zip(said, cues, strict=True)]
    if joined:
        text = "\n".join(text for text, _ in kept if text)
        return Transcript((Cue(text),) if text else (), tuple(notes))
    return Transcript(tuple(Cue(text, cue.start, cue.end) for text, cue in kept if text.strip()), tuple(notes))


def _names(lines: list[str]) -> list[str]:
    """The speakers in front of lines: written in capitals, or on two lines and at least a third of all."""
    found = [name for line in lines if (name := speaker_of(line))]
    capital = [name for name in found if name.isupper() and len(name) > 1]
    full = [line for line in lines if line.strip()]
    if capital or (len(found) >= 2 and len(found) * 3 >= len(full)):
        return list(dict.fromkeys(found))
    return []


def _some(things: list[str]) -> str:
    """'a, b, c, d and 2 more'."""
    more = f" and {len(things) - 4} more" if len(things) > 4 else ""
    return f"{', '.join(things[:4])}{more}"
