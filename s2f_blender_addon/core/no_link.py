"""Files that are written in place, where whoever else can write to their folder may have put a link to another file."""

import errno
import os
import stat
from pathlib import Path


def open_plain(path: Path, flags: int) -> int:
    """Open ``path`` itself and return its descriptor. Raises OSError (ELOOP) where it is a link, has a second name or
    is no plain file: then what would be written goes into somebody else's file.
    """
    if path.is_symlink():
        raise OSError(errno.ELOOP, "it is a link to another file", str(path))
    kept = flags & ~os.O_TRUNC  # not before it is known what it is
    handle = os.open(path, kept | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0), 0o644)
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
        os.close(handle)
        raise OSError(errno.ELOOP, "it is no file of its own", str(path))
    if flags & os.O_TRUNC:
        os.ftruncate(handle, 0)
    return handle
