"""The words as the user gave them, to what a request says of them."""

from pathlib import Path

from bpy.types import PropertyGroup

from ..core import plain_file, plain_text, transcript
from ..core.errors import UserError
from ..core.subtitles import Cue
from ..core.transcript import Transcript
from ..user_path import absolute


def said(settings: PropertyGroup) -> tuple[Cue, ...]:
    """Each word or subtitle with its times, or the whole text without; nothing where the user gave no words.

    Raises UserError for a file that cannot be read, a form that is not known and subtitles that make no sense.
    """
    return given(settings).cues


def given(settings: PropertyGroup) -> Transcript:
    """As ``said``, with what was assumed about it."""
    if settings.words_from == "LINE":
        return transcript.from_text(settings.words_line, "The words")
    if settings.words_from == "TEXT":
        block = settings.words_text
        return Transcript() if block is None else transcript.from_text(block.as_string(), block.name)
    return _read(absolute(settings.words_file)) if settings.words_file else Transcript()


def written(settings: PropertyGroup) -> tuple[str, str]:
    """(the text in which the words are given, what it is called); both empty where there is none. Raises UserError."""
    if settings.words_from == "LINE":
        return settings.words_line, "The words"
    if settings.words_from == "TEXT":
        block = settings.words_text
        return ("", "") if block is None else (block.as_string(), block.name)
    if not settings.words_file:
        return "", ""
    path = Path(absolute(settings.words_file))
    try:
        return plain_text.decoded(plain_file.content(path))[0], path.name
    except OSError as error:
        raise UserError(f"The words in {path} cannot be read ({error.strerror}); choose another file.") from None


def _read(path: str) -> Transcript:
    try:
        return transcript.from_bytes(plain_file.content(path, transcript.LARGEST), Path(path).name)
    except OSError as error:
        raise UserError(f"The words in {path} cannot be read ({error.strerror}); choose another file.") from None
