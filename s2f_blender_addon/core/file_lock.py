"""A lock of the operating system on an open file: it is dropped when its holder dies, however it dies."""

import os
import sys

_FAR = 1 << 20
"""Windows locks bytes, and locked bytes cannot be read: so the lock lies behind whatever stands in the file."""


def lock(handle: int) -> None:
    """Lock the file that is open as ``handle``, without waiting. Raises OSError where somebody else holds it."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(handle, _FAR, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        os.lseek(handle, 0, os.SEEK_SET)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
