"""The demo character: a stylised head with all 52 ARKit keys and a neck, made by code."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import bpy

NAME = "Demo Head"
"""What its collection and its armature, which is the parent of all, are called."""


def build(context: "bpy.types.Context | None" = None) -> "bpy.types.Object":
    """Add the character to ``context``'s scene (default: the current one), in a collection of its own; return its face.

    It stands at the origin, looks to -Y and is life-sized, in metres. Its armature is the parent of the face; eyes,
    teeth, tongue, lashes and brows are objects of their own, parented to the face, each with its part of the keys.
    To be called in Object Mode; the armature is left as the active object.
    """
    import bpy

    from .geometry import character
    from .objects import make_object
    from .rig import bind, make_armature

    context = context if context is not None else bpy.context
    collection = bpy.data.collections.new(NAME)
    context.scene.collection.children.link(collection)
    armature = make_armature(context, collection, NAME)
    parts = character()
    objects = [make_object(part) for part in parts]
    for part, made in zip(parts, objects, strict=True):
        collection.objects.link(made)
        made.parent = armature if made == objects[0] else objects[0]
        bind(made, armature, part)
    return objects[0]
