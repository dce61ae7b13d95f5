"""The recording in the sequencer, once, at the frame at which the face starts to speak."""

import os
from pathlib import Path
from typing import Any

import bpy

from . import compat

_OURS = "s2f"


def strip_path(strip: Any) -> str:
    """The absolute path of the file that ``strip`` plays."""
    return str(bpy.path.abspath(strip.sound.filepath, library=strip.sound.library))


def put_sound(scene: Any, path: str, frame: int) -> str:
    """Have ``path`` play from ``frame``, reusing its strip if there is one; returns a note for the user or ''."""
    strips = [strip for strip in compat.sound_strips(scene) if _same_file(strip_path(strip), path)]
    if any(round(compat.strip_start(strip)) == frame for strip in strips):
        return ""
    ours = next((strip for strip in strips if strip.get(_OURS)), None)
    if ours is not None:
        _move(ours, frame)
        return ""
    if strips:
        at = round(compat.strip_start(strips[0]))
        return f"The sound is already in the sequencer at frame {at}; it was left there."
    channel = next(c for c in range(1, 129) if not compat.occupied(scene, c, frame, float("inf")))
    try:
        strip = compat.new_sound_strip(scene, Path(path).stem, path, channel, frame)
    except RuntimeError:
        return "This Blender cannot play sound, so no strip was added to the sequencer."
    strip[_OURS] = True
    return ""


def _same_file(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return os.path.normcase(os.path.abspath(one)) == os.path.normcase(os.path.abspath(other))


def _move(strip: Any, frame: int) -> None:
    """Shift ``strip`` so that its untrimmed sound begins at ``frame``."""
    compat.shift_strip(strip, frame - round(compat.strip_start(strip)))
