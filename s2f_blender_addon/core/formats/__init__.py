"""Track files, read and written by their suffix: tables (Live Link Face CSV and others), JSON, FLAME, and our own.

Every format is a module with ``dump(track, mix)``, ``parse(data, source, fps) -> FaceTrack`` or both. ``dump`` yields a
file's bytes piece by piece, so that an hour never stands in memory as text. ``parse`` raises UserError with a sentence
about the content, to which ``read`` adds the file's name. What it assumed, repaired or guessed stands in
``track.provenance.notes``.
"""

from os import PathLike
from pathlib import Path
from types import ModuleType

from .. import plain_file
from ..arguments import checked
from ..blend import Mix
from ..errors import UserError
from ..track import FaceTrack
from ..whole_file import whole_file
from . import frames_json, livelink, moho, npy, npz, osc, rhubarb_json, rhubarb_tsv, rhubarb_xml, s2f

TRACKS: dict[str, ModuleType] = {".csv": livelink, ".json": frames_json, ".s2f": s2f, ".osc": osc}
"""What holds all channels, to be written and read."""

FLAME: dict[str, ModuleType] = {".npy": npy, ".npz": npz}
"""What holds FLAME's coefficients, to be written and read."""

BY_SUFFIX: dict[str, ModuleType] = {
    **TRACKS, **FLAME, ".rhubarb.json": rhubarb_json, ".tsv": rhubarb_tsv, ".xml": rhubarb_xml, ".dat": moho,
}  # fmt: skip
"""What is written under each ending."""

READABLE: dict[str, ModuleType] = {
    **TRACKS, **FLAME, ".tsv": rhubarb_tsv, ".txt": livelink, ".jsonl": frames_json, ".xml": rhubarb_xml, ".dat": moho,
}  # fmt: skip
"""What is read under each ending."""

LARGEST = 1 << 30
"""Bytes of a track file; an hour of Live Link Face is a tenth of it."""


def is_flame(path: str | PathLike[str]) -> bool:
    """Whether ``path`` is named like a file of FLAME's coefficients."""
    return Path(path).suffix.lower() in FLAME


def rate_of(path: str | PathLike[str], fps: float) -> float:
    """Frames a second of a track that is written to ``path``: ``fps``, where the form can tell it."""
    return npy.RATE if Path(path).suffix.lower() == ".npy" else fps


def is_track(path: str | PathLike[str]) -> bool:
    """Whether ``path`` is named like a track; anything else is taken for a recording."""
    return Path(path).suffix.lower() in READABLE


def suffix_of(path: str | PathLike[str]) -> str:
    """The ending of BY_SUFFIX under which ``path`` is written, the longest that fits. Raises UserError for none."""
    name = Path(path).name.lower()
    fitting = [suffix for suffix in BY_SUFFIX if name.endswith(suffix) and name != suffix]
    if not fitting:
        raise UserError(f"{path}: a track file ends in {', '.join(BY_SUFFIX)}.")
    return max(fitting, key=len)


@checked
def read(path: str | PathLike[str], fps: float | None = None) -> FaceTrack:
    """The track in the file at ``path``. Raises UserError that names the file when there is none.

    ``fps``: frames a second where the file does not tell them, or wrongly; a note says so where it does tell.
    """
    form = READABLE.get(Path(path).suffix.lower())
    if form is None:
        raise UserError(f"{path}: a track file ends in {', '.join(READABLE)}.")
    try:
        data = plain_file.content(path, LARGEST)
    except FileNotFoundError as error:
        raise UserError(f"{path}: there is no such file.") from error
    except OSError as error:
        raise UserError(f"{path}: it cannot be read ({error.strerror}).") from error
    if not data.strip():
        raise UserError(f"{path}: the file is empty.")
    try:
        track: FaceTrack = form.parse(data, Path(path).name, fps)
    except UserError as error:
        raise UserError(f"{path}: {error}") from error
    return track


@checked
def write(path: str | PathLike[str], track: FaceTrack, mix: Mix | None = None) -> None:
    """Write ``track`` in the form that the suffix names, whole or not at all.

    ``mix`` (default: intensity 1, nothing smoothed) decides the values; .s2f keeps both layers, cues of drawn mouths
    leave the mood out.
    Raises UserError for a suffix that no format has, OSError when the disk refuses.
    """
    form = BY_SUFFIX[suffix_of(path)]
    with whole_file(path) as temporary, temporary.open("wb") as stream:
        stream.writelines(form.dump(track, mix or Mix()))
