"""One folder for everything temporary of this process, into which nobody else can write.

It is deleted when the process ends, and when the process was killed, by whoever sweeps next: a lock on it tells whether
its owner still lives.
"""

import atexit
import contextlib
import errno
import os
import stat
import sys
import tempfile
from pathlib import Path

from . import patient
from .errors import UserError
from .file_lock import lock

PREFIX = "speech2face-"
TRIES = 3
"""A sweep of another process may take a folder between its making and its lock."""

_own: Path | None = None
_handle = -1


def private_folder() -> Path:
    """The folder, made again where somebody deleted it. Raises UserError where the system has no place for it."""
    global _own
    if _own is None or not _own.is_dir():
        try:
            _own = _made()
        except OSError as error:
            raise UserError(
                f"Nothing can be written to the folder for temporary files, {_base()} "
                f"({error.strerror or error}); make room there or set TMPDIR to another folder."
            ) from error
    return _own


def remove() -> None:
    """Delete the folder and what is in it, as at the end."""
    global _own, _handle
    if _handle >= 0:
        os.close(_handle)
        _handle = -1
    if _own is not None:
        patient.delete_folder(_own)
        _own = None


def sweep() -> None:
    """Delete the folders that killed processes of this user left behind. Never raises."""
    try:
        found = [Path(entry.path) for entry in os.scandir(_base()) if entry.name.startswith(PREFIX)]
    except OSError:
        return
    for folder in found:
        if folder != _own:
            with contextlib.suppress(OSError):
                _sweep(folder)


def _base() -> Path:
    try:
        return Path(tempfile.gettempdir())
    except OSError:  # none of the usual places takes a file
        return Path(tempfile.gettempprefix())


def _made() -> Path:
    """A new folder with a lock on it. Raises OSError."""
    global _handle
    if _handle >= 0:
        os.close(_handle)
        _handle = -1
    else:
        atexit.register(remove)
    base = Path(tempfile.gettempdir())
    if base == Path.cwd() and str(base) not in (os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")):
        raise OSError(errno.EROFS, "no folder for temporary files takes one", str(base))  # Python's last resort
    for _ in range(TRIES):
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        with contextlib.suppress(OSError):  # a sweep was quicker than the lock, or there are no locks here
            _handle = _locked(folder)
            break
    return folder


def _locked(folder: Path) -> int:
    """The descriptor that holds the lock on ``folder`` until it is closed. Raises OSError where another one does."""
    if sys.platform == "win32":  # which opens no folders
        handle = os.open(folder / "in use", os.O_RDWR | os.O_CREAT)
    else:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        lock(handle)
        if not folder.is_dir():
            raise FileNotFoundError(folder)
    except OSError:
        os.close(handle)
        raise
    return handle


def _sweep(folder: Path) -> None:
    """Delete ``folder`` if it is one of this user's whose process is gone. Raises OSError where it is not."""
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or (sys.platform != "win32" and found.st_uid != os.getuid()):
        return
    handle = _locked(folder)
    try:
        if sys.platform == "win32":  # which deletes no open files
            os.close(handle)
            handle = -1
        patient.delete_folder(folder)
    finally:
        if handle >= 0:
            os.close(handle)
