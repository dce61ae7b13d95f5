"""The script in a text or in subtitles, and the words in a script."""

import re

from model_server.cancel import Progress, silent
from model_server.speech.words import english, espeak
from model_server.speech.words.align import Word
from s2f_blender_addon.core import subtitles
from s2f_blender_addon.core.script import ENGLISH, Script
from s2f_blender_addon.core.subtitles import Cue

_APART = re.compile(r"\s+|(?<=[^\W\d])(?:\.{2,}|…|--+|[—–])(?=\w)|(?<=\w)(?:…|--+|—)(?=\w)")
"""Between two tokens: white space, and dashes or dots that part words."""
_CHARACTERS = re.compile(r"[぀-ヿ]+|[㐀-鿿]|[^\s぀-ヿ㐀-鿿]+")
"""Where words are not parted: runs of kana, every Chinese character, and what else there is."""


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
