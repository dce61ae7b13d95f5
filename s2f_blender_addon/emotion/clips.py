"""A timeline of emotion clips, written as keys of the sliders on top of the keys that are there.

A slider shows the larger of its own curve and its clips. The keys that clips write are of Blender's keyframe type
Extreme; keys of the slider's own inside a clip are put away meanwhile and come back when the clip goes.
"""

import json
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from bpy.types import Context, FCurve, Object, PropertyGroup

from .. import session
from ..bake import compat
from ..bake.keyed import Keys, chosen, joined, no_keys
from ..core.channels import EMOTIONS
from ..core.errors import UserError
from . import curves
from .home import fit, home

CLIP_KEY = compat.EXTREME
_CLOSE = 0.01
"""Frames within which two keys are one."""
_SAME_VALUE = 1e-3

Times = npt.NDArray[np.float64]
Times4 = tuple[float, float, float, float]
"""Start, end, fade in and fade out of a clip, in frames."""

_placing: list[Object] = []
"""Whose clips are changed by something that writes their keys afterwards."""


def edited(clip: PropertyGroup, _: Context) -> None:
    """A clip was changed in the panel: its keys follow. What is impossible is said there."""
    if clip.id_data in _placing:
        return
    try:
        rewrite(clip.id_data)
    except UserError as error:
        session.current.shown.fail(str(error))


def times(clip: PropertyGroup) -> Times4:
    """When ``clip`` is felt."""
    return clip.start, clip.end, clip.fade_in, clip.fade_out


def set_times(owner: Object, wanted: Mapping[int, Times4]) -> None:
    """Give clips of ``owner``, by number, other times, and leave their keys as they are."""
    _placing.append(owner)
    try:
        for number, (start, end, fade_in, fade_out) in wanted.items():
            clip = owner.s2f_character.clips[number]
            clip.start, clip.end, clip.fade_in, clip.fade_out = start, end, fade_in, fade_out
    finally:
        _placing.remove(owner)


def place(owner: Object, wanted: Mapping[int, Times4]) -> None:
    """As ``set_times``, and make the keys what all clips say then."""
    set_times(owner, wanted)
    rewrite(owner)


def rewrite(owner: Object) -> None:
    """Make the keys of all sliders of ``owner`` what its clips say. Raises UserError where it cannot be keyed."""
    wanted = _by_emotion(owner)
    if not wanted and not owner.s2f_character.under_clips:
        return
    bag = curves.writable_bag(owner)
    lift(owner)
    under: dict[str, dict[str, object]] = {}
    for name, clips in wanted.items():
        path = curves.slider_path(owner, name)
        before = bag.fcurves.find(path)
        rest = curves.slider_value(owner, name)
        curve = curves.ensured_curve(bag, path)
        under[name] = {"rest": rest, "made": before is None, **_lay(curve, clips, rest)}
    owner.s2f_character.under_clips = json.dumps(under) if under else ""
    fit(owner)


def lift(owner: Object) -> None:
    """Take the clips' keys off, so that every slider has its own curve again."""
    character = owner.s2f_character
    under = json.loads(character.under_clips or "{}")
    bag = home(owner) or compat.bag_of(owner)
    for name, kept in under.items():
        known = name in EMOTIONS or name in character.own
        curve = bag.fcurves.find(curves.slider_path(owner, name)) if known and bag is not None else None
        if bag is None or curve is None:
            continue
        own = without(owner, name, compat.read_keys(curve))
        if len(own["co"]) or not kept["made"]:
            compat.write_keys(curve, own)
        else:
            bag.fcurves.remove(curve)
            curves.set_slider(owner, name, kept["rest"])
    character.under_clips = ""


def without(owner: Object, name: str, keys: Keys) -> Keys:
    """``keys``, those of the slider ``name`` of ``owner``, as they are when its clips go: their keys are taken off and
    what they cover comes back. A key of theirs that was changed by hand is the animator's own.
    """
    kept = json.loads(owner.s2f_character.under_clips or "{}").get(name)
    if kept is None:
        return keys
    laid = np.array(kept["laid"], np.float32).reshape(-1, 2)
    same = np.abs(keys["co"][:, None] - laid[None]).max(axis=2, initial=0.0) < _SAME_VALUE
    own = chosen(keys, ~((keys["type"] == CLIP_KEY) & same.any(axis=1)))
    covered = {field: np.array(kept["keys"][field], array.dtype) for field, array in no_keys().items()}
    return joined({field: array.reshape(-1, *own[field].shape[1:]) for field, array in covered.items()}, own)


def _by_emotion(owner: Object) -> dict[str, list[PropertyGroup]]:
    """The clips that are on, for each slider that exists."""
    character = owner.s2f_character
    found: dict[str, list[PropertyGroup]] = {}
    for clip in character.clips:
        if clip.on and clip.end > clip.start and (clip.emotion in EMOTIONS or clip.emotion in character.own):
            found.setdefault(clip.emotion, []).append(clip)
    return found


def _lay(curve: FCurve, clips: list[PropertyGroup], rest: float) -> dict[str, object]:
    """Write ``clips`` onto ``curve``; returns the places of their keys and the keys that they cover, for JSON."""
    keys = compat.read_keys(curve)
    time = keys["co"][:, 0].astype(np.float64)
    covered = np.zeros(len(time), bool)
    for clip in clips:
        covered |= (time > clip.start - _CLOSE) & (time < clip.end + _CLOSE)
    frames = _corners(clips, time[covered])
    under = curves.read(curve, frames) if len(time) else np.full(len(frames), rest, np.float32)
    values = np.maximum(under, np.max([_height(clip, frames) for clip in clips], axis=0))
    left = {name: array[~covered] for name, array in keys.items()}
    laid = np.clip(values, 0, 1).astype(np.float32)
    curves.put_keys(curve, left, frames, laid, CLIP_KEY)
    return {
        "laid": np.stack([frames, laid], axis=1).tolist(),
        "keys": {name: array[covered].tolist() for name, array in keys.items()},
    }


def _height(clip: PropertyGroup, frames: Times) -> Times:
    """(n,) what one clip asks of its slider at ``frames``: up, held, down; fades longer than the clip share it."""
    up, down = _fades(clip)
    return np.asarray(
        np.interp(
            frames,
            [clip.start, clip.start + up, clip.end - down, clip.end],
            [0.0 if up else clip.strength, clip.strength, clip.strength, 0.0 if down else clip.strength],
            left=0.0,
            right=0.0,
        )
    )


def _fades(clip: PropertyGroup) -> tuple[float, float]:
    length, both = clip.end - clip.start, clip.fade_in + clip.fade_out
    scale = min(1.0, length / both) if both else 0.0
    return clip.fade_in * scale, clip.fade_out * scale


def _corners(clips: list[PropertyGroup], others: Times) -> Times:
    """Frames at which the larger of ``clips`` may bend: their corners, where two cross, and ``others``."""
    frames = {float(frame) for frame in others}
    for clip in clips:
        up, down = _fades(clip)
        frames |= {clip.start, clip.start + up, clip.end - down, clip.end}
        if not up:
            frames.add(clip.start - 1)
        if not down:
            frames.add(clip.end + 1)
    known = np.array(sorted(frames))
    for i, one in enumerate(clips):
        for other in clips[:i]:
            apart = _height(one, known) - _height(other, known)
            for k in np.flatnonzero(apart[:-1] * apart[1:] < 0):
                frames.add(float(known[k] + (known[k + 1] - known[k]) * apart[k] / (apart[k] - apart[k + 1])))
    ordered = np.array(sorted(frames))
    return ordered[np.diff(ordered, prepend=-np.inf) > _CLOSE]
