"""What is said in a recording: text, or subtitles with their times, in a language; and the words in it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model_server.cancel import Progress, silent
from model_server.speech.words import english, espeak
from model_server.speech.words.align import Word
from s2f_blender_addon.core import subtitles
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.subtitles import Cue

ENGLISH = "en"
_APART = re.compile(r"\s+|(?<=[^\W\d])(?:\.{2,}|…|--+|[—–])(?=\w)|(?<=\w)(?:…|--+|—)(?=\w)")
"""Between two tokens: white space, and dashes or dots that part words."""
_CHARACTERS = re.compile(r"[぀-ヿ]+|[㐀-鿿]|[^\s぀-ヿ㐀-鿿]+")
"""Where words are not parted: runs of kana, every Chinese character, and what else there is."""


@dataclass(frozen=True)
class Script:
    """cues: plain text is a single one without times. language: a code such as ``en`` or ``de``."""

    cues: tuple[Cue, ...] = ()
    language: str = ENGLISH

    @staticmethod
    def of(said: Sequence[Mapping[str, Any]], language: str = ENGLISH) -> "Script":
        """The script in a message's ``said``. Raises UserError where that holds no texts and times."""
        try:
            cues = [Cue(str(row["text"]), float(row.get("start", 0)), float(row.get("end", 0))) for row in said]
        except (KeyError, TypeError, ValueError):
            raise UserError("What is said must come as texts with a start and an end in seconds.") from None
        return Script(tuple(cue for cue in cues if cue.text.strip()), language or ENGLISH)

    def __bool__(self) -> bool:
        return any(cue.text.strip() for cue in self.cues)

    @property
    def text(self) -> str:
        """All that is said, a line for each cue."""
        return "\n".join(cue.text for cue in self.cues)

    def between(self, start: float, end: float) -> "Script":
        """The script of that stretch of the recording, in seconds from ``start``; ``end`` 0 is the recording's."""
        if not start and not end:
            return self
        kept = []
        for cue in self.cues:
            if not cue.end:
                kept.append(cue)
            elif cue.end > start and (not end or cue.start < end):
                kept.append(Cue(cue.text, max(0.0, cue.start - start), cue.end - start))
        return Script(tuple(kept), self.language)


def script_of(text: str, language: str = ENGLISH, name: str = "", subtitled: bool = False) -> Script:
    """The script in ``text``, which is in the form of subtitles where ``subtitled``; ``name`` is for complaints."""
    cues = subtitles.parse(text, name or "The subtitles") if subtitled else (Cue(text),)
    return Script(cues, language or ENGLISH)


def tokens(text: str) -> list[str]:
    """The words of ``text`` with their punctuation, as a reader sees them."""
    parts = [part for part in _APART.split(text) if part]
    return [token for part in parts for token in _CHARACTERS.findall(part)]


def words_of(script: Script, progress: Progress = silent) -> list[Word]:
    """Every word with the ways to say it. Raises UserError for a language that nothing here knows."""
    said = [(token, cue) for cue in script.cues for token in tokens(cue.text)]
    if is_english(script.language):
        ways = {token: english.ways(token) for token, _ in said}
    else:
        ways = espeak.ways([token for token, _ in said], script.language, progress)
    return [
        Word(token, ways[token], cue.start, cue.end) if cue.end else Word(token, ways[token])
        for token, cue in said
        if any(c.isalnum() for c in token) or ways[token]
    ]


def is_english(language: str) -> bool:
    """Whether ``language`` is what the zip speaks by itself."""
    return language.split("-")[0] == ENGLISH
