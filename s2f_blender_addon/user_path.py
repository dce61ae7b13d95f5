"""A path as a user gives it: absolute, from the blend-file's folder on (//), or bare, which is the same."""

import os

import bpy

from .core.errors import UserError
from .core.in_time import InTime


def absolute(path: str) -> str:
    """``path`` as an absolute one; '' stays ''.

    A relative path is the blend-file's, with // or without, never the folder's in which Blender happens to run; in a
    file that was never saved it is that folder's, as it is for Blender. Raises UserError as ``must_be_text``.
    """
    if not path:
        return ""
    must_be_text(path)
    full: str = bpy.path.abspath(path)
    if not os.path.isabs(full) and bpy.data.filepath:
        full = os.path.join(os.path.dirname(bpy.data.filepath), full)
    return os.path.normpath(os.path.abspath(full))


def must_be_text(path: str) -> None:
    """Raises UserError for a name in bytes that are no text, as Linux allows: no setting of Blender can hold it."""
    try:
        path.encode()
    except UnicodeEncodeError:
        shown = path.encode(errors="replace").decode()
        raise UserError(f"The name {shown} is not in UTF-8, so Blender cannot keep it; rename the file.") from None


def is_far(path: str, windows: bool = os.name == "nt") -> bool:
    """Whether the absolute ``path`` lies on a share of the network by its name (UNC), as on Windows.

    Asking for a file there logs in, and waits half a minute where the server is off: nobody does that while drawing,
    nor for a path that merely stands in a .blend.
    """
    return windows and path.replace("/", "\\").startswith("\\\\")


def is_there(path: str) -> bool:
    """Whether there is a file at the absolute ``path``, as far as drawing may ask.

    A share of the network is believed, and so is a disk that does not answer at once.
    """
    return is_far(path) or _drawn(path) in ("file", None)


def answers(path: str) -> bool:
    """Whether there is a file at the absolute ``path``, and its disk answers at once: what nobody has pressed a button
    for waits for no disk.
    """
    return _drawn(path) == "file"


def kind_of(path: str) -> str:
    """What is at the absolute ``path``: 'file', 'folder' or ''. Raises UserError where its disk does not answer."""
    kind = _pressed(path)
    if kind is None:
        raise UserError(f"The disk with {path} does not answer; try again when it does, or choose another file.")
    return kind


def _kind(path: str) -> str | None:
    return "file" if os.path.isfile(path) else "folder" if os.path.isdir(path) else ""


_drawn = InTime(_kind, meanwhile=None, fresh=2.0)
_pressed = InTime(_kind, meanwhile=None, fresh=0.0, soon=5.0)
