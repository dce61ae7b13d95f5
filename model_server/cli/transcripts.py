"""``--transcript``: what is said, as text, as a file or as a folder of files; and what was found of it."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from s2f_blender_addon.core import codec, plain_file, transcript
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.script import ENGLISH, Script, SpokenWord
from s2f_blender_addon.core.transcript import Transcript

from .complaint import complain
from .progress import Report

SUFFIXES = (
    ".txt", ".srt", ".vtt", ".ass", ".ssa", ".sbv", ".lrc", ".json", ".TextGrid", ".textgrid", ".eaf", ".tsv", ".ctm",
    ".stm",
)  # fmt: skip
"""In this order where a folder holds several of one name."""
_LABELLED = re.compile(rb"\A\d+ \d+ (?=\D)")
"""How TIMIT begins its texts: the first and the last sample."""


def scripts(given: str, sources: Sequence[tuple[Path, Path]], language: str) -> list[Script]:
    """What is said in each of ``sources``, a recording and its place below the folder that was named.

    ``given`` is the text, a file, or a folder of STEM.txt or STEM.srt, with the same folders in it or none.

    Raises UserError for files that are not there and for one text for several recordings.
    """
    if not given:
        return [Script()] * len(sources)
    files = script_files(given, sources)
    if files:
        return [script_in(path, language) for path in files]
    return [_script(transcript.from_text(given, "The words"), language)]


def script_files(given: str, sources: Sequence[tuple[Path, Path]]) -> list[Path]:
    """The files in which ``scripts`` looks, there or not, one for each of ``sources``; none where ``given`` is a text.

    Raises UserError for one text for several recordings.
    """
    try:
        is_folder, is_file = os.path.isdir(given), os.path.isfile(given)
    except ValueError:  # a text with a null character
        is_folder = is_file = False
    if is_folder:
        places = [(beside(Path(given) / below), beside(Path(given) / below.name)) for _, below in sources]
        return [deep if deep.exists() else flat for deep, flat in places]
    if given and len(sources) > 1:
        raise UserError(f"--transcript: several recordings need a folder with {sources[0][0].stem}.txt and so on.")
    return [Path(given)] if is_file or (given.lower().endswith(SUFFIXES) and "\n" not in given) else []


def script_in(path: Path, language: str) -> Script:
    """The script in a file of any known form; what was assumed is told on stderr. Raises UserError that names it."""
    try:
        data = plain_file.content(path)
    except FileNotFoundError as error:
        raise UserError(f"{path}: there is no such transcript.") from error
    except OSError as error:
        raise UserError(f"{path}: it cannot be read ({error.strerror}).") from error
    return _script(transcript.from_bytes(_LABELLED.sub(b"", data, count=1), str(path)), language)


def _script(found: Transcript, language: str) -> Script:
    for note in found.notes_in(language or ENGLISH):
        complain(note)
    return Script(found.cues, language or ENGLISH)


def beside(sound: Path) -> Path:
    """The transcript of the same name as a recording; the first of SUFFIXES where there is none."""
    paths = [sound.with_suffix(suffix) for suffix in SUFFIXES]
    return next((path for path in paths if path.exists()), paths[0])


def tell_words(report: Report, words: Sequence[SpokenWord]) -> None:
    """How many words were found, and which were not."""
    missing = [word.text for word in words if not word.confidence]
    found = f"{len(words) - len(missing)} of {len(words)} words found"
    told = [codec.dump(word) for word in words]
    report.note(found + (f"; not heard: {' '.join(missing)}" if missing else ""), words=told)
