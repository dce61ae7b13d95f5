"""One installer at a time: a lock of the operating system on a file in the runtime's folder.

The system drops the lock when its holder dies, however it dies, so there are no stale ones. The holder's process id
stands in the file for the sentence.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..core.errors import UserError
from ..core.file_lock import lock
from ..core.no_link import open_plain


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold ``folder`` for the block. Raises UserError when another Blender, or another thread, holds it."""
    path = folder / "install.lock"
    try:
        handle = open_plain(path, os.O_RDWR | os.O_CREAT)
    except OSError as error:
        raise UserError(f"{path} cannot be used ({error.strerror}); delete it and try again.") from error
    try:
        try:
            lock(handle)
        except OSError as error:
            raise UserError(_taken(path)) from error
        os.truncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)


def _taken(path: Path) -> str:
    try:
        holder = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        holder = ""
    who = f"process {holder}" if holder.isdigit() else "another process"
    return f"The GPU runtime is being set up by another Blender ({who}); wait until it is done there."
