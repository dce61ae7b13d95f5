"""What the IN of a command names: recordings, folders of them, and lists of either; and where their tracks go."""

import itertools
import os
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from s2f_blender_addon.core import formats, plain_file
from s2f_blender_addon.core.errors import UserError

from .complaint import complain

SOUNDS = frozenset(
    ".wav .wave .flac .ogg .oga .opus .mp3 .aif .aiff .aifc .au .snd .caf .w64 .rf64 .m4a .aac .wma".split()
)
FILMS = frozenset(".mp4 .m4v .mov .mkv .webm .avi .mpg .mpeg .wmv".split())
"""Endings that are taken from a folder; a file that is named may have any."""

DEFAULT_SUFFIX = ".csv"
LIST = "@"
"""Begins the name of a file that lists recordings, one a line."""


def recordings(given: Sequence[str]) -> list[tuple[Path, Path]]:
    """(recording, place below the folder or the list that named it) of everything that ``given`` names.

    Folders are searched through to the bottom, in the order of names; what is hidden stays so. Lines of a list are
    paths from the list's folder, or from here; blank ones and those that begin with # say nothing.
    Raises UserError for a list that cannot be read, and for a folder or a list without a recording.
    """
    return [found for name in given for found in _named(name)]


def _named(name: str) -> Iterator[tuple[Path, Path]]:
    if name.startswith(LIST) and not Path(name).exists():
        yield from _listed(Path(name[len(LIST) :]))
    elif Path(name).is_dir():
        yield from _inside(Path(name))
    else:
        yield Path(name), Path(Path(name).name)


def _listed(path: Path) -> Iterator[tuple[Path, Path]]:
    try:
        lines = plain_file.text(path).splitlines()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise UserError(f"{path}: this list cannot be read ({reason}).") from error
    names = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not names:
        raise UserError(f"{path}: there is no recording in this list; it has a path a line.")
    for name in names:
        beside = path.parent / name
        found = beside if beside.exists() or not Path(name).exists() else Path(name)
        if found.is_dir():
            yield from _inside(found)
        else:
            inside = not Path(name).is_absolute() and ".." not in Path(name).parts
            yield found, Path(name) if inside else Path(found.name)


def _inside(folder: Path) -> Iterator[tuple[Path, Path]]:
    found = False
    for path in _below(folder, set()):
        if path.suffix.lower() in SOUNDS | FILMS:
            found = True
            yield path, path.relative_to(folder)
    if not found:
        raise UserError(f"{folder}: there is no recording in this folder or below it.")


def _below(folder: Path, above: set[tuple[int, int]]) -> Iterator[Path]:
    """What is in ``folder`` and below it and not hidden, in the order of names, files first. Links to folders are
    followed, but for those that lead back to one ``above``. A folder that cannot be read is told and passed over.
    """
    try:
        found = os.stat(folder)
        names = sorted(entry.name for entry in os.scandir(folder) if not entry.name.startswith("."))
    except OSError as error:
        complain(f"{folder}: this folder cannot be read ({error.strerror}), so what is in it is left out.")
        return
    this = found.st_dev, found.st_ino
    if this in above:
        return
    paths = [folder / name for name in names]
    folders = {path: None for path in paths if os.path.isdir(path)}  # none of them is a link to itself
    yield from (path for path in paths if path not in folders)
    for path in folders:
        yield from _below(path, above | {this})


def _same(path: Path) -> str:
    """Equal for names that some file systems take for one: whatever their case and the writing of their accents."""
    return unicodedata.normalize("NFC", str(path)).casefold()


def _apart(below: Path, taken: Mapping[str, Path]) -> Path:
    """A name that keeps the ending of the recording, with a number where that is ``taken``, too."""
    numbers = itertools.chain([""], (f"-{count}" for count in itertools.count(2)))
    names = (below.with_name(f"{below.stem}{number}{below.suffix}{DEFAULT_SUFFIX}") for number in numbers)
    return next(name for name in names if _same(name) not in taken)


def plan(sources: Sequence[tuple[Path, Path]], out: str) -> list[Path]:
    """Where the track of each of ``recordings`` goes, in a folder under its own name.

    Recordings of one folder whose names differ by ending or case alone keep their endings. Raises UserError for outputs
    that cannot all be written.
    """
    folder = out.endswith(("/", os.sep)) or Path(out).is_dir()
    if not folder:
        if len(sources) > 1:
            raise UserError(f"{out}: several recordings need a folder; write {out}/ for one.")
        formats.suffix_of(out)
        return [Path(out)]
    taken: dict[str, Path] = {}
    targets = []
    siblings = Counter(_same(source.with_suffix("")) for source in dict.fromkeys(source for source, _ in sources))
    for source, below in sources:
        named = below.with_suffix(DEFAULT_SUFFIX)
        if siblings[_same(source.with_suffix(""))] > 1:  # take.wav beside take.mp3
            named = _apart(below, taken)
        other = taken.get(_same(named))
        if other is not None:
            raise UserError(f"{other} and {source} would both become {Path(out) / named}; rename one of them.")
        taken[_same(named)] = source
        targets.append(Path(out) / named)
    return targets
