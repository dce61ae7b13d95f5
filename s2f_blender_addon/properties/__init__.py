"""What the user sets, a file for each part of the panel, and where Blender keeps it."""

import bpy

from . import cast, emotion, flame, keymap, landmarks, main, takes

CLASSES = (
    *takes.CLASSES, *cast.CLASSES, *emotion.CLASSES, *main.CLASSES, *keymap.CLASSES, *flame.CLASSES,
    *landmarks.CLASSES,
)  # fmt: skip

_OVERRIDE = {"LIBRARY_OVERRIDABLE"}


def attach() -> None:
    """Let scenes and objects have them, once the classes are registered."""
    bpy.types.Scene.s2f = bpy.props.PointerProperty(type=main.S2FSettings)
    bpy.types.Object.s2f_character = bpy.props.PointerProperty(type=emotion.S2FCharacter, override=_OVERRIDE)
    bpy.types.Object.s2f_map = bpy.props.PointerProperty(type=keymap.S2FMap, override=_OVERRIDE)
    cast.attach()
    bpy.types.Object.s2f_bones = bpy.props.PointerProperty(type=keymap.S2FBones, override=_OVERRIDE)
    bpy.types.Object.s2f_flame = bpy.props.PointerProperty(type=flame.S2FFlame, override=_OVERRIDE)
    bpy.types.Object.s2f_landmarks = bpy.props.PointerProperty(type=landmarks.S2FLandmarks)


def attached() -> bool:
    """Whether scenes and objects have them."""
    return hasattr(bpy.types.Scene, "s2f")


def detach() -> None:
    """Undo ``attach``."""
    cast.detach()
    del bpy.types.Object.s2f_flame
    del bpy.types.Object.s2f_landmarks
    del bpy.types.Object.s2f_bones
    del bpy.types.Object.s2f_map
    del bpy.types.Object.s2f_character
    del bpy.types.Scene.s2f
