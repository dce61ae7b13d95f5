"""What a recording feels like, as few keys of the sliders that an animator can edit."""

from dataclasses import dataclass

import numpy as np
from bpy.types import Object, Scene

from ..bake import compat
from ..bake.compat import Bag
from ..bake.frames import frame_rate
from ..bake.reduce import needed
from ..core.channels import EMOTIONS
from ..core.messages import Felt
from . import clips, curves

VOICE_KEY = compat.BREAKDOWN
"""Blender's keyframe type of the keys that come from the voice."""

LEAST = 0.02
"""A slider that never goes beyond this gets no keys."""


@dataclass(frozen=True)
class Filled:
    """keys: how many were written; sliders: names of those; first, last: frames; kept: the copy of older keys or ''."""

    keys: int
    sliders: tuple[str, ...]
    first: float
    last: float
    kept: str


def fill(owner: Object, scene: Scene, felt: Felt, start_frame: float, error: float) -> Filled:
    """Key the sliders of ``owner`` as ``felt`` says, second 0 of the recording being at ``start_frame``.

    Keys of the sliders inside the range are replaced, and a copy of their action is kept where some were the user's.
    Lines between the new keys are within ``error`` of what was felt. Raises UserError where nothing can be keyed.
    """
    bag = curves.writable_bag(owner)
    clips.lift(owner)
    rate = frame_rate(scene)
    seconds = felt.start + np.arange(len(felt.sliders)) / felt.fps
    frames = np.arange(np.ceil(start_frame + seconds[0] * rate), np.floor(start_frame + seconds[-1] * rate) + 1)
    at = (frames - start_frame) / rate
    values = np.stack([np.interp(at, seconds, column) for column in felt.sliders.T], axis=1).astype(np.float32)
    first, last = float(frames[0]), float(frames[-1])
    kept = _copy_of_own(owner, bag, first, last)
    chosen, total, names = needed(values, error), 0, []
    for column, name in enumerate(EMOTIONS):
        path = curves.slider_path(owner, name)
        if values[:, column].max() < LEAST and bag.fcurves.find(path) is None:
            curves.set_slider(owner, name, 0.0)
            continue
        keep = chosen[:, column]
        curve = curves.ensured_curve(bag, path)
        keys = compat.read_keys(curve)
        outside = (keys["co"][:, 0] < first) | (keys["co"][:, 0] > last)
        left = {field: array[outside] for field, array in keys.items()}
        curves.put_keys(curve, left, frames[keep], values[keep, column], VOICE_KEY)
        total += int(keep.sum())
        names.append(name)
    _tell(owner, felt, start_frame, rate)
    clips.rewrite(owner)
    return Filled(total, tuple(names), first, last, kept)


def is_felt(owner: Object) -> bool:
    """Whether any slider of ``owner`` still has a key that came from the voice."""
    found = (curves.slider_curve(owner, name) for name in EMOTIONS)
    return any((compat.read_keys(curve)["type"] == VOICE_KEY).any() for curve in found if curve is not None)


def _copy_of_own(owner: Object, bag: Bag, first: float, last: float) -> str:
    """The name of a copy of the action of ``owner``, made where keys of the user's own are about to be replaced."""
    for name in EMOTIONS:
        curve = bag.fcurves.find(curves.slider_path(owner, name))
        if curve is None:
            continue
        keys = compat.read_keys(curve)
        inside = (keys["co"][:, 0] >= first) & (keys["co"][:, 0] <= last)
        if (inside & (keys["type"] != VOICE_KEY)).any():
            copy = owner.animation_data.action.copy()
            copy.name = f"{owner.animation_data.action.name} before voice"
            copy.use_fake_user = True
            return str(copy.name)
    return ""


def _tell(owner: Object, felt: Felt, start_frame: float, rate: float) -> None:
    """Which sentence gave what, and who listened."""
    character = owner.s2f_character
    character.felt_by, character.felt_track = felt.model, felt.licence_track
    character.sentences.clear()
    for sentence in felt.sentences:
        item = character.sentences.add()
        item.text = sentence.text
        item.frame = start_frame + sentence.start * rate
        item.gave = ", ".join(f"{name} {share:.0%}" for name, share in sentence.emotion.items())
