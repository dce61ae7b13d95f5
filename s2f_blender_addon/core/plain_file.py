"""A file that a person names, whole in memory: never a pipe that nobody fills, a device without end, or too much."""

import errno
import os
import stat

LARGEST_TEXT = 64 << 20
"""Bytes of a text that people write."""


def content(path: str | os.PathLike[str], most: int = LARGEST_TEXT) -> bytes:
    """The bytes of the file at ``path``.

    Raises OSError, whose ``strerror`` says why: as the system does, for what is no plain file, for a name that no file
    has, and for more than ``most`` bytes.
    """
    try:
        found = os.stat(path)
    except ValueError:  # a zero byte, or a letter of no encoding
        raise OSError(errno.EINVAL, "no file has such a name", os.fspath(path)) from None
    if not stat.S_ISREG(found.st_mode):
        kind = "it is a folder" if stat.S_ISDIR(found.st_mode) else "it is a pipe or a device"
        raise OSError(errno.EINVAL, kind, os.fspath(path))
    with open(path, "rb") as stream:
        data = stream.read(most + 1) if found.st_size <= most else b""
    if max(found.st_size, len(data)) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most >> 20} MB", os.fspath(path))
    return data


def text(path: str | os.PathLike[str], most: int = LARGEST_TEXT) -> str:
    """The text in the file at ``path``, with or without a mark at its beginning. Raises as ``content``, and ValueError
    for what is not UTF-8.
    """
    return content(path, most).decode("utf-8-sig")
