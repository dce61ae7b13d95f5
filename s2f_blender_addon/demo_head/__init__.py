"""The demo character: a stylised head with all 52 ARKit keys, made by code."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import bpy


def build(context: "bpy.types.Context | None" = None) -> "bpy.types.Object":
    """Add the character to ``context``'s collection (default: the current scene's) and return its face.

    It stands at the origin, looks to -Y and is life-sized, in metres. Eyes, teeth, tongue, lashes and brows are objects
    of their own, parented to the face, each with its part of the keys.
    """
    import bpy

    from .geometry import character
    from .objects import make_object

    collection = context.collection if context is not None else bpy.context.scene.collection
    objects = [make_object(part) for part in character()]
    for made in objects:
        collection.objects.link(made)
    for made in objects[1:]:
        made.parent = objects[0]
    return objects[0]
