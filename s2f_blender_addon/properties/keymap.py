"""object.s2f_map and object.s2f_bones: which key and which bone follows what, where the user has changed it."""


import bpy
from bpy.props import BoolProperty, CollectionProperty, FloatProperty, IntProperty, StringProperty
from bpy.types import Context, PropertyGroup

from .. import session
from ..core.naming.keymap import SOURCES
from ..rigs.bones import ROLES
from ..rigs.face_objects import key_names

OVERRIDE = {"LIBRARY_OVERRIDABLE"}


def _edited(entry: PropertyGroup, _: Context) -> None:
    """The user changed a line: from now on the list decides, not the names."""
    entry.id_data.s2f_map.edited = True
    session.current.shown.changed()


def _keys_of_mesh(entry: PropertyGroup, _: Context, text: str) -> list[str]:
    return [name for name in key_names(entry.id_data) if text.lower() in name.lower()]


def _sources(_: object, __: object, text: str) -> list[str]:
    return [source for source in SOURCES if text.lower() in source.lower()]


class S2FMapEntry(bpy.types.PropertyGroup):
    """One line of a key map; see ``core.naming.keymap.Entry``."""

    key: StringProperty(
        name="Key", description="The shape key that moves", search=_keys_of_mesh, update=_edited, override=OVERRIDE,
    )  # fmt: skip
    source: StringProperty(
        name="Channel", description="The channel or mouth shape that the key follows", search=_sources, update=_edited,
        override=OVERRIDE,
    )  # fmt: skip
    weight: FloatProperty(
        name="Weight", description="How much of the channel reaches the key", default=1.0, soft_min=0.0, soft_max=1.0,
        update=_edited, override=OVERRIDE,
    )  # fmt: skip
    score: FloatProperty(name="Score", description="How sure the match is", default=1.0, override=OVERRIDE)
    reason: StringProperty(name="Reason", description="Why the key follows this channel", override=OVERRIDE)
    family: StringProperty(name="Naming", description="Whose naming the key follows", override=OVERRIDE)
    on: BoolProperty(
        name="Use", description="Whether a bake moves this key", default=True, update=_edited, override=OVERRIDE,
    )  # fmt: skip


class S2FMap(bpy.types.PropertyGroup):
    """object.s2f_map: the lines of the map; names decide while ``edited`` is off."""

    entries: CollectionProperty(type=S2FMapEntry, override=OVERRIDE | {"USE_INSERTION"})
    edited: BoolProperty(name="Edited", override=OVERRIDE)
    index: IntProperty(name="Entry", override=OVERRIDE)


class S2FBones(bpy.types.PropertyGroup):
    """object.s2f_bones of an armature: the bones that the user chose; names decide while ``edited`` is off."""

    edited: BoolProperty(name="Edited", override=OVERRIDE)


S2FBones.__annotations__.update({
    role: StringProperty(
        name=role.replace("_", " ").capitalize(), description="The bone that a bake turns, or none", override=OVERRIDE,
    )
    for role in ROLES
})  # fmt: skip

CLASSES = (S2FMapEntry, S2FMap, S2FBones)
