"""The armature that the parts hang on: it lets the head nod and turn on its neck."""

import bpy
import numpy as np

from .anatomy.spine import SPINE, carried
from .objects import in_metres
from .part import HeadPart

ALIKE = 64
"""Steps of a weight: vertices of one step share one call of Blender's."""


def make_armature(
    context: bpy.types.Context, collection: bpy.types.Collection, name: str
) -> bpy.types.Object:
    """A new armature of the spine's bones, at rest, in ``collection``, which ``context``'s view layer shows."""
    made = bpy.data.objects.new(name, bpy.data.armatures.new(name))
    made.data.display_type = "STICK"
    collection.objects.link(made)
    context.view_layer.objects.active = made
    bpy.ops.object.mode_set(mode="EDIT")
    for label, bone in SPINE.items():
        edited = made.data.edit_bones.new(label)
        edited.head, edited.tail = in_metres(bone.joint), in_metres(bone.end)
        edited.parent = made.data.edit_bones.get(bone.on)
        edited.use_connect = bool(bone.on)
    bpy.ops.object.mode_set(mode="OBJECT")
    return made


def bind(made: bpy.types.Object, armature: bpy.types.Object, part: HeadPart) -> None:
    """Let the bones of ``armature`` carry ``made``, the object of ``part``."""
    whole = np.ones(len(part.vertices))
    shares = carried(part.vertices) if part.rides_on == "" else {part.rides_on: whole}
    for label, weights in shares.items():
        group = made.vertex_groups.new(name=label)
        steps = np.round(weights * ALIKE).astype(int)
        for step in np.unique(steps[steps > 0]).tolist():
            group.add(np.flatnonzero(steps == step).tolist(), step / ALIKE, "REPLACE")
    modifier = made.modifiers.new("Armature", "ARMATURE")
    modifier.object = armature
