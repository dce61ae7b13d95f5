"""A recording that lies in the .blend: where its file is no longer there, a copy for the model, which reads files."""

import hashlib
from pathlib import Path

import bpy
from bpy.types import Sound

from .core.private_folder import private_folder
from .core.whole_file import whole_file
from .user_path import absolute


def is_packed(path: str) -> bool:
    """Whether the sound of the absolute ``path`` is packed in this file."""
    return _packed(path) is not None


def unpacked(path: str) -> str:
    """The path of a copy of the packed sound of the absolute ``path``, by the same name; '' where none is packed.

    Raises UserError where the system has no place for it.
    """
    sound = _packed(path)
    if sound is None:
        return ""
    content = bytes(sound.packed_file.data)
    copy = private_folder() / hashlib.sha256(content).hexdigest()[:16] / Path(path).name
    if not copy.is_file():
        with whole_file(copy) as temporary:
            temporary.write_bytes(content)
    return str(copy)


def _packed(path: str) -> Sound | None:
    sounds = (sound for sound in bpy.data.sounds if sound.packed_file is not None and sound.library is None)
    return next((sound for sound in sounds if absolute(sound.filepath) == path), None)
