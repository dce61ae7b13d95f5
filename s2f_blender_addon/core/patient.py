"""Moving and deleting what another program may hold for a moment.

Windows refuses to replace or delete a file that somebody has open: a virus scanner that looks at what was just written,
a child that is ending. It lets go within a second; POSIX never refuses for that reason, so nobody waits there.
"""

import os
import shutil
import time
from pathlib import Path

PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between the tries of whoever may wait."""

BRIEF = (0.02, 0.05)
"""The same on Blender's main thread."""


def replace(source: str | os.PathLike[str], target: str | os.PathLike[str], pauses: tuple[float, ...] = PAUSES) -> None:
    """Rename ``source`` onto ``target``. Raises OSError, PermissionError when it is held for longer."""
    for pause in (*pauses, None):
        try:
            os.replace(source, target)
            return
        except PermissionError:
            if pause is None:
                raise
            time.sleep(pause)


def delete(path: str | os.PathLike[str], pauses: tuple[float, ...] = BRIEF) -> bool:
    """Delete the file at ``path``, if there is one; whether it is gone. Never raises.

    What is held for longer stays, for who sweeps its folder at the next start (``core.private_folder``).
    """
    for pause in (*pauses, None):
        try:
            Path(path).unlink(missing_ok=True)
            return True
        except PermissionError:
            if pause is not None:
                time.sleep(pause)
        except OSError:
            return False
    return False


def delete_folder(folder: str | os.PathLike[str], pauses: tuple[float, ...] = BRIEF) -> bool:
    """Delete ``folder`` and what is in it; whether it is gone. A link in its place stays. Never raises."""
    for pause in (*pauses, None):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.lexists(folder):
            return True
        if pause is not None and not os.path.islink(folder):
            time.sleep(pause)
    return False
