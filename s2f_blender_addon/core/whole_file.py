"""Files that appear whole or not at all."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import left_behind, patient
from .errors import UserError


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` (same suffix); move it onto ``path`` if the block succeeds.

    Raises UserError where ``path`` is something else than a file, and whatever the block raises, after removing the
    temporary file; an old file at ``path`` then stays.
    """
    target = Path(path)
    check_target(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    left_behind.sweep(target.parent)
    handle, name = tempfile.mkstemp(prefix=left_behind.prefix(), suffix=target.suffix, dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        if os.name == "posix":
            mask = os.umask(0)
            os.umask(mask)
            temporary.chmod(0o666 & ~mask)  # mkstemp's 0600 would lock out the user's render machines
        patient.replace(temporary, target)
    except OSError as error:
        if error.filename in (None, name, temporary):  # a full disk knows no names, and ours says nothing to a person
            error.filename = str(target)
        raise
    finally:
        patient.delete(temporary)


def check_target(target: Path) -> None:
    """Raise UserError unless a file may be put at ``target``: a folder, a device or a pipe is not to be replaced."""
    if target.exists() and not target.is_file():
        kind = "a folder" if target.is_dir() else "a device or a pipe"
        raise UserError(f"{target} is {kind}, so nothing is written there; choose the name of a file.")
    if os.name == "nt" and no_name_on_windows(target.name):
        raise UserError(f"{target}: Windows keeps this name for itself or changes it; choose another one.")


def no_name_on_windows(name: str) -> bool:
    """Whether Windows takes a file of this ``name`` for a device, whatever its ending, or cuts off its end.

    After learn.microsoft.com/windows/win32/fileio/naming-a-file.
    """
    return name != name.rstrip(". ") or _DEVICE.fullmatch(name) is not None


_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[1-9\u00b9\u00b2\u00b3])\s*(\..*)?", re.IGNORECASE)
