"""Whether the face shows what was written: two frames are played and compared, and where they differ, why."""

from collections.abc import Sequence

import bpy
import numpy as np
from bpy.types import ID, Scene

from . import compat
from .frames import Frames
from .keyed import evaluate
from .parts import OwnerCurves
from .write import value_path

_DIFFERS = 0.01
"""By this much a value is another one than was written."""

_WHOLE = 1.0
"""The same of a property that holds whole numbers."""

_LOOKED_AT = 2000
"""Frames, evenly spread, among which the liveliest two are searched: all of an hour would take longer than the bake."""


def why_unseen(scene: Scene, parts: Sequence[OwnerCurves], frames: Frames) -> list[str]:
    """A sentence for each data-block of ``parts`` that plays something else than its curves say.

    ``frames`` (T,) are those of the values. Nothing is found out of a scene that is not the one in view.
    """
    if scene != bpy.context.scene or not parts or not len(frames):
        return []
    pair = _liveliest(parts, frames)
    now, part_of_frame = scene.frame_current, scene.frame_subframe
    differing: dict[str, tuple[ID, set[str]]] = {}
    wide: dict[str, list[set[str]]] = {}
    try:
        for frame in pair:
            scene.frame_set(int(frame))
            for part in parts:
                for owner, label in _owners(part):
                    paths = _other_than_written(owner, part, float(int(frame)))
                    if paths:
                        differing.setdefault(label, (owner, set()))[1].update(paths)
                    wide.setdefault(label, []).append(_wide_open(owner))
    finally:
        scene.frame_set(now, subframe=part_of_frame)
    notes = [] if not differing else _of_scene(scene)
    notes = notes or [_reason(label, owner) for label, (owner, _) in differing.items()]
    stuck = {label: sorted(set.intersection(*sets)) for label, sets in wide.items()}
    return notes + [
        f"{label} shows {names[0]}{f' and {len(names) - 1} more keys' if names[1:] else ''} in full: outside of NLA "
        "strips without Hold Blender takes 1 for a key's value; set the strips to Hold, or key these at 0."
        for label, names in stuck.items()
        if names and label not in differing
    ]


def _liveliest(parts: Sequence[OwnerCurves], frames: Frames) -> tuple[float, float]:
    """The frame on which the face is farthest from rest, and the one in the other half of the time."""
    step = -(-len(frames) // _LOOKED_AT)
    frames = frames[::step]
    rests = ([channel.rest for channel in part.channels] for part in parts)
    away = sum(np.abs(part.values[::step] - rest).sum(axis=1) for part, rest in zip(parts, rests, strict=True))
    away = np.asarray(away)
    first = int(away.argmax())
    half = len(frames) // 2
    other = slice(half, None) if first < half else slice(0, max(half, 1))
    return frames[first], frames[other][int(away[other].argmax())] if len(frames[other]) else frames[first]


def _owners(part: OwnerCurves) -> list[tuple[ID, str]]:
    return [(part.owner, part.label), *((key, key.user.name) for key in part.siblings)]


def _other_than_written(owner: ID, part: OwnerCurves, frame: float) -> set[str]:
    """The paths of ``owner`` that have another value now than their curves give ``frame``."""
    bag = compat.bag_of(part.owner)
    if bag is None:
        return set()
    other = set()
    for channel in part.channels:
        curve = bag.fcurves.find(channel.path, index=channel.index)
        if curve is None or channel.path in part.still:
            continue
        try:
            value = owner.path_resolve(channel.path)
        except ValueError:
            continue
        value = value if isinstance(value, float | int) else value[channel.index]
        differs = _DIFFERS if isinstance(value, float) else _WHOLE
        plain = not len(curve.modifiers)
        written = curve.evaluate(frame) if plain else evaluate(compat.read_keys(curve), np.array([frame]))[0]
        if abs(value - written) > differs:
            other.add(channel.path)
    return other


def _wide_open(owner: ID) -> set[str]:
    """Keys without a curve in the action that stand at their full value while the NLA editor has a say in them."""
    if owner.id_type != "KEY" or not any(track.strips and not track.mute for track in owner.animation_data.nla_tracks):
        return set()
    bag = compat.bag_of(owner)
    keyed = {curve.data_path for curve in bag.fcurves} if bag is not None else set()
    blocks = (
        block for block in owner.key_blocks if block != owner.reference_key and value_path(block.name) not in keyed
    )
    return {block.name for block in blocks if block.value > 1 - _DIFFERS}


def _of_scene(scene: Scene) -> list[str]:
    if scene.render.frame_map_old == scene.render.frame_map_new:
        return []
    return [
        "The scene plays faster or slower than it was made (Output > Time Stretching), so face and sound come apart; "
        "set Old and New to the same number."
    ]


def _reason(label: str, owner: ID) -> str:
    """Why ``owner`` plays something else than its action, and what to do."""
    animation = owner.animation_data
    star = next((track for track in animation.nla_tracks if track.is_solo), None)
    if star is not None:
        return f"{label} does not show the new keys: its NLA track “{star.name}” plays alone; take the star off it."
    if animation.action_influence < 1:
        return f"{label} shows only {animation.action_influence:.0%} of the new keys; set the action's influence to 1."
    if animation.action_blend_type != "REPLACE":
        return f"{label} adds the new keys to its NLA strips; set the action's blending to Replace to see them alone."
    bag = compat.bag_of(owner)
    curves = list(bag.fcurves) if bag is not None else []
    if any(curve.mute or (curve.group is not None and curve.group.mute) for curve in curves):
        return f"{label} does not show all of the new keys: curves of it are muted; unmute them in the Graph Editor."
    if any(not modifier.mute for curve in curves for modifier in curve.modifiers):
        return f"{label} shows the new keys as the modifiers on its curves change them; remove those to see them alone."
    return f"{label} does not show the new keys: something else moves it; look for drivers, scripts and other add-ons."
