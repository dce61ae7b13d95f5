"""One installer at a time: a lock of the operating system on a file in the runtime's folder.

The system drops the lock when its holder dies, however it dies, so there are no stale ones. The holder's process id
stands in the file for the sentence.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..core.errors import UserError

_FAR = 1 << 20
"""Windows locks bytes, and locked bytes cannot be read: so the lock lies behind the process id."""


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold ``folder`` for the block. Raises UserError when another Blender, or another thread, holds it."""
    path = folder / "install.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            _lock(handle)
        except OSError as error:
            raise UserError(_taken(path)) from error
        os.truncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        os.lseek(handle, _FAR, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        os.lseek(handle, 0, os.SEEK_SET)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _taken(path: Path) -> str:
    try:
        holder = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        holder = ""
    who = f"process {holder}" if holder.isdigit() else "another process"
    return f"The GPU runtime is being set up by another Blender ({who}); wait until it is done there."
