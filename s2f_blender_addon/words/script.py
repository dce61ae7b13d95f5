"""The words as the user gave them, to what a request says of them."""

from pathlib import Path
from typing import Any

import bpy

from ..core import subtitles
from ..core.errors import UserError

_MOST_BYTES = 4 << 20
"""An hour of speech is 60 KB."""


def said(settings: Any) -> tuple[subtitles.Cue, ...]:
    """Each subtitle, or the whole text without times; nothing where the user gave no words.

    Raises UserError for a file that cannot be read and for subtitles that make no sense.
    """
    text, name = _given(settings)
    if not text.strip():
        return ()
    subtitled = name.lower().endswith((".srt", ".vtt")) or subtitles.has_cues(text)
    return subtitles.parse(text, name) if subtitled else (subtitles.Cue(text),)


def _given(settings: Any) -> tuple[str, str]:
    """The text and its name for complaints."""
    if settings.words_from == "LINE":
        return settings.words_line, "The words"
    if settings.words_from == "TEXT":
        block = settings.words_text
        return ("", "") if block is None else (block.as_string(), block.name)
    return _read(bpy.path.abspath(settings.words_file)) if settings.words_file else ("", "")


def _read(path: str) -> tuple[str, str]:
    try:
        if Path(path).stat().st_size > _MOST_BYTES:
            raise UserError(f"{path} is too large for a script; choose a .txt or .srt file.")
        return Path(path).read_text("utf-8-sig"), Path(path).name
    except OSError as error:
        raise UserError(f"The words in {path} cannot be read ({error.strerror}); choose another file.") from None
    except ValueError:
        raise UserError(f"{path} is no text in UTF-8; save it as UTF-8, or choose another file.") from None
