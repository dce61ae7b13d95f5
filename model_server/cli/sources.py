"""What the IN of a command names: recordings, folders of them, and lists of either; and where their tracks go."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from s2f_blender_addon.core import formats, plain_file
from s2f_blender_addon.core.errors import UserError

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
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(place) / name
            if path.suffix.lower() in SOUNDS | FILMS and not name.startswith("."):
                found = True
                yield path, path.relative_to(folder)
    if not found:
        raise UserError(f"{folder}: there is no recording in this folder or below it.")


def plan(sources: Sequence[tuple[Path, Path]], out: str) -> list[Path]:
    """Where the track of each of ``recordings`` goes. Raises UserError for outputs that cannot all be written."""
    folder = out.endswith(("/", os.sep)) or Path(out).is_dir()
    if not folder:
        if len(sources) > 1:
            raise UserError(f"{out}: several recordings need a folder; write {out}/ for one.")
        formats.suffix_of(out)
        return [Path(out)]
    targets: dict[Path, Path] = {}
    for source, below in sources:
        target = (Path(out) / below).with_suffix(DEFAULT_SUFFIX)
        if target in targets:
            raise UserError(f"{targets[target]} and {source} would both become {target}; rename one of them.")
        targets[target] = source
    return list(targets)
