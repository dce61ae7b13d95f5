"""The recording in the sequencer, once, at the frame at which the face starts to speak."""

import os
from pathlib import Path
from typing import Any

import bpy

from . import compat

CHANNELS = 128
"""As many as a sequencer has."""

_OURS, _LINE, _FILE = "s2f", "s2f_line", "s2f_file"
"""Custom properties of a strip: made by a bake, of which line, and the state of the file then."""


def strip_path(strip: Any) -> str:
    """The absolute path of the file that ``strip`` plays."""
    return str(bpy.path.abspath(strip.sound.filepath, library=strip.sound.library))


def put_sound(scene: Any, path: str, frame: int, line: str = "") -> str:
    """Have ``path`` play from ``frame`` as the strip of ``line``, in place of another sound or of an older state of the
    file; returns a note for the user or ''.
    """
    own = next(
        (strip for strip in compat.sound_strips(scene) if strip.get(_OURS) and _line_of(strip) in (line, "")), None
    )
    if own is not None and _same_file(strip_path(own), path) and own.get(_FILE, "") in ("", _state(path)):
        compat.shift_strip(own, frame - round(compat.strip_start(own)))
        own[_LINE] = line
        return ""
    channel = None
    if own is not None:
        channel = own.channel
        compat.remove_strip(scene, own)
    elif there := [s for s in compat.sound_strips(scene) if not s.get(_OURS) and _same_file(strip_path(s), path)]:
        starts = [round(compat.strip_start(strip)) for strip in there]
        return (
            "" if frame in starts else f"The sound is already in the sequencer at frame {starts[0]}; it was left there."
        )
    if channel is None:
        free = (c for c in range(1, CHANNELS + 1) if not compat.occupied(scene, c, frame, float("inf")))
        channel = next(free, 0)
    if not channel:
        return (
            f"All {CHANNELS} channels of the sequencer are taken from frame {frame} on, so the sound was not added; "
            "free one and bake again."
        )
    try:
        strip = compat.new_sound_strip(scene, Path(path).stem, path, channel, frame)
    except RuntimeError:
        return "This Blender cannot play sound, so no strip was added to the sequencer."
    strip[_OURS], strip[_LINE], strip[_FILE] = True, line, _state(path)
    return ""


def strip_of(scene: Any, line: str) -> Any | None:
    """The strip that a bake of ``line`` has made in ``scene``."""
    return next((s for s in compat.sound_strips(scene) if s.get(_OURS) and _line_of(s) == line), None)


def drop_strip(scene: Any, line: str) -> None:
    """Take the strip of ``line`` out of the sequencer."""
    strip = strip_of(scene, line)
    if strip is not None:
        compat.remove_strip(scene, strip)


def mute_strip(scene: Any, line: str, mute: bool) -> None:
    """Silence the strip of ``line``, or let it sound again."""
    strip = strip_of(scene, line)
    if strip is not None:
        strip.mute = mute


def _line_of(strip: Any) -> str:
    return str(strip.get(_LINE, ""))


def _state(path: str) -> str:
    """What tells whether a file has changed."""
    found = os.stat(path)
    return f"{found.st_size} {found.st_mtime_ns}"


def _same_file(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return os.path.normcase(os.path.abspath(one)) == os.path.normcase(os.path.abspath(other))
