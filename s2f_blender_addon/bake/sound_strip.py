"""The recording in the sequencer, once, at the frame at which the face starts to speak."""

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import bpy
from bpy.types import Scene, SequenceEditor

from . import compat
from .compat import Strip
from .frames import frame_rate

CHANNELS = 128
"""As many as a sequencer has."""

OURS, LINE, _FILE = "s2f", "s2f_line", "s2f_file"
"""Custom properties of a strip: made by a bake, which lines it leads, and the state of the file then. Two people who
talk in one recording share its strip."""
SAME = 0.5
"""Frames within which two sounds begin together."""


def strip_path(strip: Strip) -> str:
    """The absolute path of the file that ``strip`` plays."""
    return str(bpy.path.abspath(strip.sound.filepath, library=strip.sound.library))


@dataclass(frozen=True)
class HeardSound:
    """A sound of the sequencer: ``zero`` is the scene frame, whole or not, of its second 0; it is heard from frame
    ``first`` to before frame ``last``; ``cut``: whether it ends before its sound does; ``silent``: whether it is muted,
    or what it lies in."""

    strip: Strip
    zero: float
    first: float
    last: float
    cut: bool
    silent: bool = False


def heard_sounds(scene: Scene) -> Iterator[HeardSound]:
    """The sounds in the sequencer of ``scene``, those in meta strips and in the sequencers of scene strips too."""
    yield from _heard_in(scene, scene.sequence_editor, 0.0, -math.inf, math.inf, (scene.name,), False)


def _heard_in(
    scene: Scene, holder: "SequenceEditor | Strip | None", shift: float, first: float, last: float,
    above: tuple[str, ...], silent: bool,
) -> Iterator[HeardSound]:  # fmt: skip
    """Those in ``holder`` of ``scene``, whose frames lie ``shift`` further on where they are heard."""
    if holder is None:
        return
    for strip in compat.strips_in(holder):
        mute = silent or strip.mute or holder.channels[strip.channel].mute
        begin, end = (edge + shift for edge in compat.strip_span(strip))
        inside, outside = max(begin, first), min(end, last)
        if inside >= outside:
            continue
        if strip.type == "META":
            yield from _heard_in(scene, strip, shift, inside, outside, above, mute)
        elif strip.type == "SCENE" and _plays(strip, scene) and strip.scene.name not in above:
            start = compat.sound_zero(strip, 0.0) + shift - strip.scene.frame_start
            inner = strip.scene.sequence_editor
            yield from _heard_in(strip.scene, inner, start, inside, outside, (*above, strip.scene.name), mute)
        elif strip.type == "SOUND" and strip.sound is not None:
            mute = mute or (strip.volume == 0 and (scene.animation_data is None or scene.animation_data.action is None))
            zero = compat.sound_zero(strip, frame_rate(scene)) + shift
            yield HeardSound(strip, zero, inside, outside, compat.is_trimmed_behind(strip) or outside < end, mute)


def _plays(strip: Strip, scene: Scene) -> bool:
    """Whether a scene strip plays the sequencer of its scene, frame for frame."""
    return _plays_sequencer(strip) and math.isclose(frame_rate(strip.scene), frame_rate(scene))


def _plays_sequencer(strip: Strip) -> bool:
    return strip.scene is not None and getattr(strip, "scene_input", "") == "SEQUENCER"


def at_other_rate(scene: Scene) -> str:
    """The name of a scene strip whose scene has sound but runs at another rate, so that its frames are not these;
    '' where there is none."""
    holders: list[SequenceEditor | Strip | None] = [scene.sequence_editor]
    while holders:
        for strip in compat.strips_in(holders.pop()):
            if strip.type == "META":
                holders.append(strip)
            other = strip.type == "SCENE" and _plays_sequencer(strip) and not _plays(strip, scene)
            if other and next(heard_sounds(strip.scene), None) is not None:
                return str(strip.name)
    return ""


def put_sound(scene: Scene, path: str, frame: float, line: str = "") -> str:
    """Have second 0 of ``path`` play at ``frame`` as the strip of ``line``, in place of another sound or of an older
    state of the file; returns a note for the user or ''. Where another line plays it there, its strip is of both.
    """
    rate = frame_rate(scene)
    ours = [strip for strip in compat.sound_strips(scene) if strip.get(OURS)]
    own = next((strip for strip in ours if line in lines_of(strip) or not lines_of(strip)), None)
    there = next((strip for strip in ours if strip != own and _plays_at(strip, path, frame, rate)), None)
    if own is not None and (there is not None or _is_left(own, line, path, frame, rate)):
        _leave(scene, own, line)
        own = None
    if own is None and there is not None:
        there[LINE] = " ".join((*lines_of(there), line))
        return ""
    if own is not None and _same_file(strip_path(own), path) and not _has_changed(own, path):
        compat.shift_strip(own, round(frame - compat.sound_zero(own, rate)))
        own[LINE] = own.get(LINE, "") or line
        return ""
    whole, channel = round(frame), None
    if own is not None:
        channel = own.channel
        compat.remove_strip(scene, own)
    elif there := [one for one in heard_sounds(scene) if not one.strip.get(OURS) and plays_file(one, path)]:
        heard = [one for one in there if not one.silent]
        if not heard:
            return f"“{there[0].strip.name}” in the sequencer plays the sound, but is muted."
        if any(abs(one.zero - frame) < SAME for one in heard):
            return ""
        return f"The sound is already in the sequencer at frame {heard[0].zero:g}; it was left there."
    if not os.path.isfile(path):
        return f"{Path(path).name} is packed in the .blend alone, so no strip was added to the sequencer."
    if channel is None:
        free = (c for c in range(1, CHANNELS + 1) if not compat.occupied(scene, c, whole, float("inf")))
        channel = next(free, 0)
    if not channel:
        return (
            f"All {CHANNELS} channels of the sequencer are taken from frame {whole} on, so the sound was not added; "
            "free one and bake again."
        )
    try:
        strip = compat.new_sound_strip(scene, Path(path).stem, path, channel, whole)
    except RuntimeError:
        return "This Blender cannot play sound, so no strip was added to the sequencer."
    strip[OURS], strip[LINE], strip[_FILE] = True, line, _state(path)
    if frame != whole and hasattr(strip, "sound_offset"):
        strip.sound_offset = (frame - whole) / rate
    return ""


def strip_of(scene: Scene, line: str) -> "Strip | None":
    """The strip that a bake of ``line`` has made in ``scene``."""
    return next((s for s in compat.sound_strips(scene) if s.get(OURS) and line in lines_of(s)), None)


def chosen_start(scene: Scene, path: str) -> float | None:
    """The frame of second 0 in the strip that is chosen in the sequencer, where that plays the file ``path``."""
    strip = compat.chosen_strip(scene)
    if strip is None or strip.type != "SOUND" or strip.sound is None or not _same_file(strip_path(strip), path):
        return None
    return compat.sound_zero(strip, frame_rate(scene))


def drop_strip(scene: Scene, line: str) -> None:
    """Take the strip of ``line`` out of the sequencer, unless another line speaks in it, too."""
    strip = strip_of(scene, line)
    if strip is not None:
        _leave(scene, strip, line)


def mute_strip(scene: Scene, line: str, mute: bool) -> None:
    """Silence the strip of ``line``, or let it sound again; one that is of others, too, goes on."""
    strip = strip_of(scene, line)
    if strip is not None and lines_of(strip) == (line,):
        strip.mute = mute


def lines_of(strip: Strip) -> tuple[str, ...]:
    """The names in records of the lines that ``strip`` leads."""
    return tuple(str(strip.get(LINE, "")).split())


def _leave(scene: Scene, strip: Strip, line: str) -> None:
    """``strip`` is no longer of ``line``; it goes where it is of nobody else."""
    others = [one for one in lines_of(strip) if one != line]
    if others:
        strip[LINE] = " ".join(others)
    else:
        compat.remove_strip(scene, strip)


def _plays_at(strip: Strip, path: str, frame: float, rate: float) -> bool:
    """Whether second 0 of the file ``path``, as it is now, plays at ``frame`` in ``strip``."""
    same = _same_file(strip_path(strip), path) and not _has_changed(strip, path)
    return same and abs(compat.sound_zero(strip, rate) - frame) < SAME


def _is_left(own: Strip, line: str, path: str, frame: float, rate: float) -> bool:
    """Whether ``line`` goes away from the others that speak in the strip ``own``."""
    return len(lines_of(own)) > 1 and not _plays_at(own, path, frame, rate)


def _state(path: str) -> str:
    """What tells whether a file has changed."""
    found = os.stat(path)
    return f"{found.st_size} {found.st_mtime_ns}"


def _has_changed(strip: Strip, path: str) -> bool:
    """Whether the file ``path`` is another one than when ``strip`` was made; one that is gone has not changed."""
    return os.path.isfile(path) and strip.get(_FILE, "") not in ("", _state(path))


def plays_file(one: HeardSound, path: str) -> bool:
    """Whether ``one`` plays the file at ``path``."""
    return _same_file(strip_path(one.strip), path)


def _same_file(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return os.path.normcase(os.path.abspath(one)) == os.path.normcase(os.path.abspath(other))
