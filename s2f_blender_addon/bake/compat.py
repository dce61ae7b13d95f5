"""Every difference between Blender 4.2 and 5.2 that writing keys and sounds meets, in one place.

4.2-4.3: an action is a flat list of F-curves that belongs to one kind of data-block.
4.4-4.5: actions have slots; the flat list remains as a proxy.
5.0+: slots alone; the sequencer's ``sequences`` are ``strips``.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias

import bpy
import numpy as np
from bpy.types import ID, Action, ActionConstraint, FCurve, NlaStrip, Scene, SequenceEditor

from ..core.track import AnyArray
from .keyed import BEZIER, FIELDS, GENERATED, LINEAR, Keys

EXTREME, BREAKDOWN = 1, 2
"""The numbers of these two in Keyframe.type, the same in every version."""

SMOOTH = {"interpolation": 2, "handle_left_type": 4, "handle_right_type": 4}
"""Numbers of 'BEZIER' and 'AUTO_CLAMPED', the same in every version."""

PATH_OPTIONS: set[str] = {"PATH_SUPPORTS_BLEND_RELATIVE"} if bpy.app.version >= (4, 5, 0) else set()
"""For a StringProperty that holds a path which may begin with //."""

Bag: TypeAlias = "bpy.types.ActionChannelbag"
"""Whatever holds the F-curves of one data-block, ``fcurves`` in ``groups``: before 4.4 the action itself, since then
a channel bag."""

Strip: TypeAlias = "bpy.types.SoundStrip"
"""A sound in the sequencer. Both names are strings, because 4.2 has neither."""


STRIP: Any = getattr(bpy.types, "Strip", None) or bpy.types.Sequence
"""What a strip of the sequencer is."""


def has_slots(action: Action) -> bool:
    """Whether this Blender has slotted actions (4.4+)."""
    return hasattr(action, "slots")


def assign(action: Action, owner: ID) -> Bag:
    """Make ``action`` the one of ``owner`` (an ID that can be animated) and return the bag for it, empty at first.

    With slots each owner gets a slot of its own, so one action animates a whole character. Before 4.4 an action
    serves one kind of data-block only, and each owner needs its own.
    """
    animation = owner.animation_data_create()
    if not has_slots(action):
        action.id_root = owner.id_type
        animation.action = action
        return action
    slot = action.slots.new(id_type=owner.id_type, name=owner.name)
    animation.action = action
    animation.action_slot = slot  # Blender does not choose one when a script assigns an action
    return _bag(action, slot)


def follow(owner: ID, leader: ID) -> None:
    """Have ``owner`` moved by the very F-curves of ``leader``, a data-block of the same kind."""
    animation = owner.animation_data_create()
    animation.action = leader.animation_data.action
    if has_slots(animation.action):
        animation.action_slot = leader.animation_data.action_slot


def same_curves(one: ID, other: ID) -> bool:
    """Whether two data-blocks are moved by the very same F-curves."""
    a, b = one.animation_data, other.animation_data
    if a is None or b is None or a.action is None or a.action != b.action:
        return False
    return not has_slots(a.action) or a.action_slot_handle == b.action_slot_handle


def slot_handle(owner: ID) -> int:
    """The number of the slot that moves ``owner``; 0 before 4.4."""
    return int(getattr(owner.animation_data, "action_slot_handle", 0))


def slot_of(owner: ID) -> object:
    """The slot that moves ``owner``; None before 4.4."""
    return getattr(owner.animation_data, "action_slot", None)


def set_action(owner: ID, action: Action | None, slot: object) -> None:
    """Have ``owner`` moved by ``action`` through ``slot``, or by nothing."""
    owner.animation_data.action = action
    if action is not None and slot is not None:
        owner.animation_data.action_slot = slot


def set_strip_slot(strip: NlaStrip, slot: object) -> None:
    """Have an NLA strip play ``slot`` of its action."""
    if slot is not None:
        strip.action_slot = slot


def replace_strip_action(strip: NlaStrip, action: Action) -> None:
    """Have an NLA strip play ``action``, a copy of its present one, through the same slot."""
    handle = getattr(strip, "action_slot_handle", 0)
    strip.action = action
    if has_slots(action):
        strip.action_slot = next(slot for slot in action.slots if slot.handle == handle)


def replace_action(owner: ID, action: Action) -> None:
    """Have ``owner`` moved by ``action``, a copy of its present one, through the same slot."""
    animation = owner.animation_data
    handle = slot_handle(owner)
    animation.action = action
    if has_slots(action):
        animation.action_slot = next(slot for slot in action.slots if slot.handle == handle)


def _bag(action: Action, slot: "bpy.types.ActionSlot") -> Bag:
    layer = action.layers[0] if action.layers else action.layers.new("Layer")
    strip = layer.strips[0] if layer.strips else layer.strips.new(type="KEYFRAME")
    return strip.channelbag(slot, ensure=True)


def bag_of(owner: ID) -> "Bag | None":
    """The bag that animates ``owner`` now, or None."""
    animation = owner.animation_data
    if animation is None or animation.action is None:
        return None
    if not has_slots(animation.action):
        return animation.action
    slot = animation.action_slot
    for layer in animation.action.layers if slot is not None else ():
        for strip in layer.strips:
            bag = strip.channelbag(slot)
            if bag is not None:
                return bag
    return None


def bags_in(action: Action) -> Iterator[tuple[int, Bag]]:
    """Every (handle of a slot, 0 before 4.4; the bag that it plays) in ``action``."""
    if not has_slots(action):
        yield 0, action
        return
    for layer in action.layers:
        for strip in layer.strips:
            yield from ((int(bag.slot_handle), bag) for bag in strip.channelbags)


def bag_in(action: Action, owner: ID) -> tuple[Bag, int]:
    """(a bag for ``owner`` in ``action``, which does not become its own; the handle of its slot, 0 before 4.4)."""
    if not has_slots(action):
        action.id_root = owner.id_type
        return action, 0
    slot = action.slots.new(id_type=owner.id_type, name=owner.name)
    return _bag(action, slot), int(slot.handle)


def bag_of_constraint(constraint: ActionConstraint) -> tuple["Bag | None", int]:
    """(the bag that an Action constraint plays, the handle of its slot, 0 before 4.4)."""
    action = constraint.action
    if action is None or not has_slots(action):
        return action, 0
    slot = constraint.action_slot
    return (_bag(action, slot), int(slot.handle)) if slot is not None else (None, 0)


def set_constraint_action(constraint: ActionConstraint, action: Action, slot: int) -> None:
    """Have an Action constraint play ``action`` through the slot of this handle."""
    constraint.action = action
    if has_slots(action):
        constraint.action_slot = next(one for one in action.slots if one.handle == slot)


def bag_of_strip(strip: NlaStrip) -> "Bag | None":
    """The bag that an NLA strip plays, or None."""
    action = strip.action
    if action is None or not has_slots(action):
        return action
    bags = (inner.channelbag(strip.action_slot) for layer in action.layers for inner in layer.strips)
    return next((bag for bag in bags if bag is not None), None) if strip.action_slot is not None else None


def new_fcurve(bag: Bag, path: str, index: int, count: int, like: FCurve | None = None) -> FCurve:
    """A curve in ``bag`` for what it does not animate yet, with ``count`` linear keys that await their places.

    From 5.0 on a copy of ``like``, a curve with as many of them, takes a fraction of the time that new keys do.
    """
    fits = like is not None and like.array_index == index and len(like.keyframe_points) == count
    if fits and hasattr(bag.fcurves, "new_from_fcurve"):
        return bag.fcurves.new_from_fcurve(like, data_path=path)
    curve = bag.fcurves.new(path, index=index)
    empty_for_linear(curve, count)
    return curve


def empty_for_linear(curve: FCurve, count: int) -> None:
    """Have ``count`` linear keys that await their places in place of those of ``curve``."""
    # Smoothing runs over all keys at once, takes longer than all else, and shows nothing between linear keys.
    curve.auto_smoothing = "NONE"
    curve.keyframe_points.clear()
    curve.keyframe_points.add(count)
    curve.keyframe_points.foreach_set("interpolation", np.full(count, LINEAR, np.intc))
    curve.keyframe_points.foreach_set("type", np.full(count, GENERATED, np.intc))
    # Handles of linear keys are neither shown nor moved, so their selection may stay.
    curve.keyframe_points.foreach_set("select_control_point", np.zeros(count, bool))


def copy_fcurve(bag: Bag, source: FCurve) -> FCurve:
    """A copy of ``source`` in ``bag``: keys with their handles, group, extrapolation; modifiers from 5.0 on."""
    group = source.group.name if source.group else ""
    if hasattr(bag.fcurves, "new_from_fcurve"):
        copy = bag.fcurves.new_from_fcurve(source)
    else:
        copy = bag.fcurves.new(source.data_path, index=source.array_index)
        write_keys(copy, read_keys(source))
        copy.extrapolation, copy.mute = source.extrapolation, source.mute
    if group:
        copy.group = bag.groups.get(group) or bag.groups.new(group)
    return copy


def read_keys(fcurve: FCurve) -> Keys:
    """All that makes the shape of ``fcurve``, as arrays: name -> (n,) or (n, 2)."""
    return _fields(fcurve, *(name for name, *_ in FIELDS))


def read_shape(fcurve: FCurve) -> Keys:
    """Of what ``read_keys`` gives, what is seen: places, interpolation and, where any is Bezier, handles."""
    keys = _fields(fcurve, "co", "interpolation")
    return keys | _fields(fcurve, "handle_left", "handle_right") if (keys["interpolation"] == BEZIER).any() else keys


def _fields(fcurve: FCurve, *names: str) -> Keys:
    points = fcurve.keyframe_points
    keys: Keys = {}
    for name, width, kind in FIELDS:
        if name in names:
            values: AnyArray = np.empty(len(points) * width, kind)
            points.foreach_get(name, values)
            keys[name] = values.reshape(-1, 2) if width == 2 else values
    return keys


def write_keys(fcurve: FCurve, keys: Keys) -> None:
    """Replace the keys of ``fcurve`` by what ``read_keys`` gave, in any order of time."""
    fcurve.keyframe_points.clear()
    fcurve.keyframe_points.add(len(keys["co"]))
    for name, values in keys.items():
        fcurve.keyframe_points.foreach_set(name, values.ravel())
    _deselect(fcurve)
    fcurve.update()


def _deselect(fcurve: FCurve) -> None:
    """New keys come selected; a first drag would move them all."""
    none = np.zeros(len(fcurve.keyframe_points), bool)
    for part in ("select_control_point", "select_left_handle", "select_right_handle"):
        fcurve.keyframe_points.foreach_set(part, none)


def _strips(editor: SequenceEditor) -> "bpy.types.StripsTopLevel":
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def sound_strips(scene: Scene) -> Iterator[Strip]:
    """The sound strips at the top level of the sequencer of ``scene``."""
    if scene.sequence_editor is not None:
        yield from (s for s in _strips(scene.sequence_editor) if s.type == "SOUND" and s.sound is not None)


def strips_in(holder: "SequenceEditor | Strip | None") -> list[Strip]:
    """The strips at the top level of a sequence editor or of a meta strip; none where there is no editor."""
    return [] if holder is None else list(_strips(holder))


def sound_zero(strip: Strip, rate: float) -> float:
    """The scene frame, whole or not, at which second 0 of the sound of ``strip`` is heard or would be.

    That is where its content begins, less what is cut off the content for good, and its sound's own offset.
    """
    cut = strip.content_trim_start if hasattr(strip, "content_trim_start") else strip.animation_offset_start
    return strip_start(strip) - float(cut) + float(getattr(strip, "sound_offset", 0.0)) * rate


def is_retimed(strip: Strip) -> bool:
    """Whether ``strip`` plays its sound faster or slower than it was recorded, somewhere."""
    if getattr(strip, "pitch", 1.0) != 1.0 or getattr(strip, "speed_factor", 1.0) != 1.0:
        return True
    keys = [key.timeline_frame for key in getattr(strip, "retiming_keys", ())]
    return len(keys) > 2 or (len(keys) == 2 and keys[1] - keys[0] != _natural_length(strip))


def _natural_length(strip: Strip) -> int:
    """Frames that the sound of ``strip`` lasts at its own pace, as Blender rounds them; 0 where it cannot be read."""
    try:
        import aud
    except ImportError:
        return 0
    try:
        sound = aud.Sound.file(bpy.path.abspath(strip.sound.filepath, library=strip.sound.library))
        seconds = sound.length / sound.specs[0]
    except aud.error:
        return 0
    render = strip.id_data.render
    return round(float(seconds * render.fps / render.fps_base))


def occupied(scene: Scene, channel: int, first: float, last: float) -> bool:
    """Whether any strip of ``scene`` lies in ``channel`` between the frames ``first`` and ``last``."""
    if scene.sequence_editor is None:
        return False
    spans = (strip_span(s) for s in _strips(scene.sequence_editor) if s.channel == channel)
    return any(start < last and first < end for start, end in spans)


def new_sound_strip(scene: Scene, name: str, path: str, channel: int, frame: int) -> Strip:
    """A sound strip at ``frame``. Raises RuntimeError where this Blender has no sound at all."""
    return _strips(scene.sequence_editor_create()).new_sound(name, path, channel, frame)


def chosen_strip(scene: Scene) -> "Strip | None":
    """The strip of ``scene`` that is chosen in the sequencer."""
    editor = scene.sequence_editor
    return editor.active_strip if editor is not None else None


def remove_strip(scene: Scene, strip: Strip) -> None:
    """Take ``strip`` out of the sequencer of ``scene``."""
    _strips(scene.sequence_editor).remove(strip)


def strip_start(strip: Strip) -> float:
    """The scene frame at which the untrimmed sound of ``strip`` begins."""
    return float(strip.content_start if hasattr(strip, "content_start") else strip.frame_start)


def shift_strip(strip: Strip, frames: int) -> None:
    """Move ``strip`` by whole ``frames``, its trims included."""
    if hasattr(strip, "content_start"):
        strip.content_start += frames
    else:
        strip.frame_start += frames


def strip_span(strip: Strip) -> tuple[float, float]:
    """The first frame on which ``strip`` is heard, and the one after its last."""
    if hasattr(strip, "left_handle"):  # 5.2 deprecates the other two
        return float(strip.left_handle), float(strip.right_handle)
    return float(strip.frame_final_start), float(strip.frame_final_end)


def is_trimmed_behind(strip: Strip) -> bool:
    """Whether ``strip`` ends before its sound does."""
    if hasattr(strip, "content_start"):
        return bool(strip.right_handle < strip.content_end)
    return bool(strip.frame_offset_end > 0)


def python_arguments() -> list[str]:
    """How Blender starts its own Python for a child; the bpy module of 4.2 does not say."""
    return list(getattr(bpy.app, "python_args", ("-I",)))
