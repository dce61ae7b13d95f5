"""Where the keys of emotion live: in an action of their own, which no bake touches.

An object that nothing else animates plays it as its action. Beside any other action, of its body or of a bake, it lies
in the track "Emotion" of the NLA editor, where its frames are those of the scene.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import bpy
from bpy.types import Action, NlaStrip, Object

from ..bake import compat
from ..bake.compat import Bag
from ..core.errors import UserError
from . import edited

TRACK = "Emotion"
_OWN = "s2f_emotion"
"""Custom property by which such an action is known."""
_PREFIX = "s2f_character."
_REACH, _MOVED = 1.0, 0.5
"""Frames that the strip has beyond the outermost keys, and by which it lies elsewhere once it was moved."""


def home(owner: Object) -> "Bag | None":
    """The bag of the emotion of ``owner``, or None where there is none yet."""
    bag, strip = compat.bag_of(owner), _strip(owner)
    if bag is not None and _is_pure(bag, owner.animation_data.action):
        return bag
    return compat.bag_of_strip(strip) if strip is not None else None


def is_shared(owner: Object) -> bool:
    """Whether the action of the emotion of ``owner`` moves somebody else, too, as after copying with linked actions."""
    action = _action(owner)
    return action is not None and action.users > (2 if action.use_fake_user else 1)


def writable_home(owner: Object) -> Bag:
    """``home``, made where there is none: sliders that another action of ``owner`` moves have their keys moved there.

    Raises UserError where nothing can be keyed.
    """
    _check(owner)
    found = home(owner)
    if found is not None:
        return found
    action = owner.animation_data.action if owner.animation_data is not None else None
    if action is None:
        return compat.assign(_fresh(owner), owner)
    bag = _laid_below(owner, _fresh(owner))
    _move(owner, bag)
    return bag


def make_room(owner: Object) -> None:
    """A bake is about to animate bones of ``owner``: the emotion moves into its track."""
    animation = owner.animation_data
    bag = compat.bag_of(owner)
    if animation is None or animation.use_tweak_mode or bag is None or not _is_pure(bag, animation.action):
        return
    action = animation.action
    action[_OWN] = True
    slot = compat.slot_of(owner)
    animation.action = None
    _lay(owner, action, slot)


def part(owner: Object) -> None:
    """Take sliders out of the action of ``owner`` where that moves other things, too, and is nobody else's."""
    animation = owner.animation_data
    action = animation.action if animation is not None else None
    bag = compat.bag_of(owner)
    if action is None or animation.use_tweak_mode or bag is None or not action.is_editable or _is_pure(bag, action):
        return
    if any(curve.data_path.startswith(_PREFIX) for curve in bag.fcurves):
        _move(owner, home(owner) or _laid_below(owner, _fresh(owner)))


def single(owner: Object) -> None:
    """Give ``owner`` a copy of its own of the action of its emotion."""
    action, strip = _action(owner), _strip(owner)
    if action is None:
        return
    if owner.animation_data.action == action:
        compat.replace_action(owner, action.copy())
    elif strip is not None:
        compat.replace_strip_action(strip, action.copy())


@contextmanager
def on_a_copy(owner: Object) -> Iterator[None]:
    """For the block the emotion of ``owner`` is a copy of itself, which goes afterwards."""
    action = _action(owner)
    if action is None:
        yield
        return
    copy = action.copy()
    names = action.name, copy.name
    _replace(owner, action, copy)
    try:
        yield
    finally:
        action, copy = (bpy.data.actions[name, None] for name in names)  # a bake that failed has put others in place
        _replace(owner, copy, action)
        bpy.data.actions.remove(copy)


def _replace(owner: Object, action: Action, other: Action) -> None:
    """Have ``owner`` feel what ``other`` says, wherever it plays ``action``."""
    strip = _strip(owner)
    if owner.animation_data.action == action:
        compat.replace_action(owner, other)
    elif strip is not None:
        compat.replace_strip_action(strip, other)


def fit(owner: Object, fresh: bool = False) -> None:
    """Have the strip reach over all keys, each at its own frame, unless it was moved or scaled since it was made."""
    strip = _strip(owner)
    bag = compat.bag_of_strip(strip) if strip is not None else None
    if strip is None or bag is None:
        return
    if not fresh and (abs(strip.frame_start - strip.action_frame_start) > _MOVED or strip.scale != 1.0):
        return  # the animator has moved it
    ends = [end for curve in bag.fcurves if not curve.is_empty for end in curve.range()]
    first, last = (min(ends) - _REACH, max(ends) + _REACH) if ends else (0.0, 1.0)
    strip.action_frame_end = max(last, strip.action_frame_end)  # no start goes beyond an end
    strip.action_frame_start, strip.action_frame_end = first, last
    strip.scale, strip.repeat, strip.extrapolation, strip.blend_type = 1.0, 1.0, "HOLD", "REPLACE"
    strip.frame_start_raw, strip.frame_end_raw = first, last


def _check(owner: Object) -> None:
    if not owner.is_editable:
        raise UserError(
            f"{owner.name} is linked from another file; make a library override of it with "
            "Object > Library Override > Make."
        )
    animation = owner.animation_data
    if animation is not None and animation.use_tweak_mode:
        raise UserError(f"A strip of {owner.name} is being edited in the NLA editor; leave its tweak mode first.")
    action = _action(owner)
    if action is not None and not action.is_editable:
        raise UserError(f"The action {action.name} is linked from another file; give {owner.name} one of its own.")


def _fresh(owner: Object) -> Action:
    action = bpy.data.actions.new(f"{owner.name} Emotion")
    action[_OWN] = True
    return action


def _action(owner: Object) -> Action | None:
    """The action in which the emotion of ``owner`` is."""
    bag, strip = compat.bag_of(owner), _strip(owner)
    if bag is not None and _is_pure(bag, owner.animation_data.action):
        return owner.animation_data.action
    return strip.action if strip is not None else None


def _is_pure(bag: Bag, action: Action) -> bool:
    """Whether nothing but sliders is animated there; an empty action is so where it was made for them."""
    paths = [curve.data_path for curve in bag.fcurves]
    return bool(action.get(_OWN)) if not paths else all(path.startswith(_PREFIX) for path in paths)


def _strip(owner: Object) -> NlaStrip | None:
    animation = owner.animation_data
    tracks = animation.nla_tracks if animation is not None else ()
    strips = (strip for track in tracks for strip in track.strips)
    return next((strip for strip in strips if strip.action is not None and strip.action.get(_OWN)), None)


def _laid_below(owner: Object, action: Action) -> Bag:
    """The bag of ``owner`` in ``action``, which is laid into the track; what moves it now stays on."""
    animation = owner.animation_data_create()
    now, slot = animation.action, compat.slot_of(owner)
    bag = compat.assign(action, owner)
    made = compat.slot_of(owner)
    compat.set_action(owner, now, slot)
    _lay(owner, action, made)
    return bag


def _lay(owner: Object, action: Action, slot: object) -> None:
    animation = owner.animation_data
    track = animation.nla_tracks.new()
    track.name = TRACK
    strip = track.strips.new(TRACK, 0, action)
    compat.set_strip_slot(strip, slot)
    fit(owner, fresh=True)


def _move(owner: Object, bag: Bag) -> None:
    """Take the curves of sliders out of the present action of ``owner`` into ``bag``, unless it is somebody else's."""
    action, present = owner.animation_data.action, compat.bag_of(owner)
    if present is None or not action.is_editable or action.users > (2 if action.use_fake_user else 1):
        return
    for curve in [one for one in present.fcurves if one.data_path.startswith(_PREFIX)]:
        if bag.fcurves.find(curve.data_path) is None:
            compat.copy_fcurve(bag, curve)
        present.fcurves.remove(curve)
    edited.carry(action, bag.id_data)
    fit(owner)
