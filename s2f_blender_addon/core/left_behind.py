"""Files that are being written, beside the ones that they will become, and what stays of them when their process dies.

Their names tell the computer and the process, so that whoever writes into the folder next can take away the files of
processes of this user, on this computer, that are gone.
"""

import contextlib
import functools
import hashlib
import os
import platform
import re
import stat
import sys
from pathlib import Path

from . import patient

_OURS = re.compile(r"\.s2f-(?P<where>[0-9a-f]{8})-(?P<pid>[0-9]{1,10})-")

_swept: set[Path] = set()
"""Folders that this process has looked through: once is enough, and they may be large."""


def prefix() -> str:
    """What the name of a file begins with that this process is writing."""
    return f".s2f-{_here()}-{os.getpid()}-"


def sweep(folder: Path) -> None:
    """Delete the files in ``folder`` that dead processes were writing, at the first call for it. Never raises."""
    if folder in _swept:
        return
    _swept.add(folder)
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            named = _OURS.match(entry.name)
            if named and named["where"] == _here() and not _lives(int(named["pid"])) and _is_own_file(entry):
                patient.delete(entry.path)


@functools.lru_cache(maxsize=1)
def _here() -> str:
    """This computer, or the container in which process numbers mean what they mean here."""
    try:
        numbers = str(os.stat("/proc/self/ns/pid").st_ino)
    except OSError:  # no Linux
        numbers = ""
    return hashlib.sha256(f"{platform.node()} {numbers}".encode()).hexdigest()[:8]


def _is_own_file(entry: "os.DirEntry[str]") -> bool:
    """Whether it is a file of this user, and no link to one."""
    found = entry.stat(follow_symlinks=False)
    return stat.S_ISREG(found.st_mode) and (sys.platform == "win32" or found.st_uid == os.getuid())


def _lives(pid: int) -> bool:
    """Whether there is a process ``pid``, or might be."""
    if sys.platform == "win32":
        return _lives_on_windows(pid)
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # another user's
        return True
    return True


def _lives_on_windows(pid: int) -> bool:
    """As ``_lives``: where signal 0 would end the process."""
    import ctypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    handle = kernel.OpenProcess(0x100000, False, pid)  # SYNCHRONIZE
    if not handle:
        return bool(ctypes.get_last_error() != 87)  # type: ignore[attr-defined,unused-ignore]  # ERROR_INVALID_PARAMETER
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) != 0)
    finally:
        kernel.CloseHandle(handle)
