"""Whose sliders: each character has its own, and those that scripts set on the scene are its present target's.

``object.s2f_character`` is where they live and are keyed. ``scene.s2f.emotion_*`` and ``intensity`` are a copy of the
target's; setting either sets both. An F-curve never runs update callbacks, so animation of one leaves the other alone.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import bpy
from bpy.types import Context, Object, PropertyGroup

from ..core.channels import EMOTIONS
from ..rigs.face_objects import rig_of

SHARED = (*(f"emotion_{name}" for name in EMOTIONS), "intensity")
"""Names of the properties that scene and character both have."""

Update = Callable[[PropertyGroup, Context], None]


_followed: list[str] = []
"""Whose sliders are set by what goes on with their keys, by names."""


@contextmanager
def following(owner: Object) -> Iterator[None]:
    """For the block the sliders of ``owner`` are set because their keys go elsewhere, not by hand."""
    _followed.append(owner.name)
    try:
        yield
    finally:
        _followed.remove(owner.name)


def is_following(owner: Object) -> bool:
    """Whether a change of the sliders of ``owner`` is nobody's wish."""
    return owner.name in _followed


def owner_of(target: Object) -> Object:
    """The object that carries the sliders of the character of ``target``: its armature, else itself; None for None."""
    return None if target is None else rig_of(target) or target


def slider_update(name: str) -> Update:
    """For the character's property ``name``: scenes whose target it is show the same."""

    def update(character: PropertyGroup, _: Context) -> None:
        for scene in bpy.data.scenes:
            if scene.s2f.target is not None and owner_of(scene.s2f.target) == character.id_data:
                _copy(character, scene.s2f, name)

    return update


def scene_update(name: str) -> Update:
    """For the scene's property ``name``: the target's slider follows."""

    def update(settings: PropertyGroup, _: Context) -> None:
        owner = owner_of(settings.target)
        if owner is not None and owner.is_editable:
            _copy(settings, owner.s2f_character, name)

    return update


def target_update(settings: PropertyGroup, _: Context | None = None) -> None:
    """Another target: the scene shows its sliders; what was set before there was any character goes to this one."""
    owner = owner_of(settings.target)
    if owner is None:
        return
    character = owner.s2f_character
    fresh = not any(character.is_property_set(name) for name in SHARED)
    if settings.shown is None and fresh and owner.is_editable:
        for name in SHARED:
            if settings.is_property_set(name):
                _copy(settings, character, name)
    settings.shown = owner
    for name in SHARED:
        _copy(character, settings, name)


@bpy.app.handlers.persistent  # type: ignore[untyped-decorator]
def adopt_old_file(*_: object) -> None:
    """After loading: a file from before characters had sliders keeps the mood that its scenes say."""
    for scene in bpy.data.scenes:
        if scene.s2f.target is not None and scene.s2f.shown is None and scene.is_editable:
            target_update(scene.s2f)


def _copy(source: PropertyGroup, goal: PropertyGroup, name: str) -> None:
    """Set where it differs, so that two updates do not call each other for ever."""
    value = getattr(source, name)
    if getattr(goal, name) != value:
        setattr(goal, name, value)
