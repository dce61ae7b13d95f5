"""Track files, read and written by their suffix: Live Link Face CSV, Audio2Face JSON, and our own.

Every format is a module with ``parse(data, source) -> FaceTrack`` and ``dump(track, mix) -> bytes``; ``parse`` raises
UserError with a sentence about the content, to which ``read`` adds the file's name.
"""

from os import PathLike
from pathlib import Path
from types import ModuleType

from ..blend import Mix
from ..errors import UserError
from ..track import FaceTrack
from ..whole_file import whole_file
from . import a2f, livelink, s2f

BY_SUFFIX: dict[str, ModuleType] = {".csv": livelink, ".json": a2f, ".s2f": s2f}


def is_track(path: str | PathLike[str]) -> bool:
    """Whether ``path`` is named like a track; anything else is taken for a recording."""
    return Path(path).suffix.lower() in BY_SUFFIX


def read(path: str | PathLike[str]) -> FaceTrack:
    """The track in the file at ``path``. Raises UserError that names the file when there is none."""
    form = _form(path)
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError as error:
        raise UserError(f"{path}: there is no such file.") from error
    except OSError as error:
        raise UserError(f"{path}: it cannot be read ({error.strerror}).") from error
    if not data.strip():
        raise UserError(f"{path}: the file is empty.")
    try:
        track: FaceTrack = form.parse(data, Path(path).name)
    except UserError as error:
        raise UserError(f"{path}: {error}") from error
    return track


def write(path: str | PathLike[str], track: FaceTrack, mix: Mix | None = None) -> None:
    """Write ``track`` in the form that the suffix names, whole or not at all.

    ``mix`` (default: intensity 1, nothing smoothed) decides the values of .csv and .json; .s2f keeps both layers.
    Raises UserError for a suffix that no format has, OSError when the disk refuses.
    """
    data: bytes = _form(path).dump(track, mix or Mix())
    with whole_file(path) as temporary:
        temporary.write_bytes(data)


def _form(path: str | PathLike[str]) -> ModuleType:
    form = BY_SUFFIX.get(Path(path).suffix.lower())
    if form is None:
        raise UserError(f"{path}: a track file ends in {', '.join(BY_SUFFIX)}.")
    return form
