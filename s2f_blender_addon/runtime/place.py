"""The folder of the runtime: where it lies by default, where the user wants it, and whether it will do.

It is always a folder of our own name: in the user's data folder, or in the folder that the user chose.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..core.errors import UserError
from ..core.whole_file import whole_file
from .folder_marker import CHOICE, is_ours

LONGEST_ON_WINDOWS = 45
"""Characters of the folder's path. Windows stops at 259; the longest file (one of torch's licences) has 173, below the
41 of the folder in which uv unpacks it."""


def _name(platform: str = sys.platform) -> str:
    """What our folder is called, as the platform writes such names."""
    return "Speech2Face" if platform in ("win32", "darwin") else "speech2face"


def default_root(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """The platform's folder for a user's data, and in it ours. Never one in which others can put files before us."""
    home = Path(environ.get("HOME") or Path.home())
    if platform == "win32":
        data = environ.get("LOCALAPPDATA") or str(home / "AppData" / "Local")
    elif platform == "darwin":
        data = str(home / "Library" / "Application Support")
    else:
        data = environ.get("XDG_DATA_HOME", "")
        data = data if os.path.isabs(data) else str(home / ".local" / "share")
    return Path(data) / _name(platform)


def root() -> Path:
    """The folder in use: ours in what the user chose in any Blender, else the default."""
    try:
        chosen = (default_root() / CHOICE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return default_root()
    return Path(chosen) / _name() if os.path.isabs(chosen) else default_root()


def choose(folder: Path | None) -> None:
    """Remember for all Blenders that the runtime lies in ``folder`` (absolute), in a folder of our own there.

    None means the default. Our own folder, chosen by itself, means the one that holds it. Raises UserError, OSError.
    """
    choice = default_root() / CHOICE
    if folder is not None and (folder in (root(), default_root()) or is_ours(folder)):
        folder = folder.parent
    if folder is None or folder / _name() == default_root():
        choice.unlink(missing_ok=True)
        return
    if not folder.is_absolute():
        raise UserError(f"{folder} is no full path; choose a folder that begins at a drive or at /.")
    with whole_file(choice) as temporary:
        temporary.write_text(f"{folder}\n", encoding="utf-8")


def check(folder: Path, needed: int, keep_out: Sequence[Path] = (), platform: str = sys.platform) -> None:
    """Raise UserError unless ``folder`` can hold the runtime: its path, the right to write, ``needed`` bytes of room.

    ``keep_out`` are folders that are not ours to write in: Blender's own and the add-on's.
    """
    path = str(folder)
    if platform == "win32" and len(path) > LONGEST_ON_WINDOWS:
        raise UserError(
            f"The path {path} is {len(path)} characters long, and Windows would cut the files in it short; "
            f"choose a folder of at most {LONGEST_ON_WINDOWS} characters, such as C:\\Speech2Face."
        )
    if platform == "win32" and not path.isascii():
        raise UserError(
            f"The path {path} has letters outside A to Z, with which some of the GPU libraries fail on Windows; "
            "choose another folder, such as C:\\Speech2Face."
        )
    for other in keep_out:
        if _within(folder, other):
            raise UserError(f"{path} lies in {other}, which an update would wipe; choose a folder of your own.")
    _check_writable(folder)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise UserError(
            f"{path} has {free / 1e9:.1f} GB free and the GPU runtime needs {needed / 1e9:.1f} GB while it is set up; "
            "make room or choose a folder on another disk."
        )


def _check_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(f"Nothing can be written to {folder} ({reason}); choose another folder.") from error


def _within(folder: Path, other: Path) -> bool:
    try:
        return Path(os.path.normcase(folder.resolve())).is_relative_to(os.path.normcase(other.resolve()))
    except (OSError, RuntimeError, ValueError):
        return False
