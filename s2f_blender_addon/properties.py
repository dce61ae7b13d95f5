"""What the user sets: on the scene, and the key map on each mesh."""

from typing import Any

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)  # fmt: skip

from . import session
from .bake import compat
from .core.naming.keymap import SOURCES
from .emotion.properties import CLASSES as EMOTION_CLASSES
from .emotion.properties import feel_properties
from .emotion.sliders import SHARED, scene_update, target_update
from .life_properties import life_properties
from .mix_properties import mix_properties
from .rigs.bones import ROLES
from .rigs.character import can_be_character
from .rigs.members import key_names
from .words.properties import words_properties


def _can_be_target(_: Any, candidate: Any) -> bool:
    return can_be_character(candidate)


class S2FSettings(bpy.types.PropertyGroup):
    """scene.s2f: what Bake uses. Emotions (0-1) and intensity (0-2) are a copy of the character's."""

    audio_path: StringProperty(
        name="Sound", description="The recording that the character speaks, in any format that Blender plays",
        subtype="FILE_PATH", options=compat.PATH_OPTIONS,
    )  # fmt: skip
    target: PointerProperty(
        name="Character", description="A mesh of the face, or the armature or empty that its meshes belong to",
        type=bpy.types.Object, poll=_can_be_target, update=target_update,
    )  # fmt: skip
    shown: PointerProperty(type=bpy.types.Object, description="Whose sliders the scene's are a copy of")
    seed: IntProperty(
        name="Seed", description="Another number gives other blinks and glances; the same number the same ones", min=0,
    )  # fmt: skip
    start_frame: IntProperty(
        name="Start Frame", description="The scene frame at which the sound begins", default=1,
    )  # fmt: skip
    sound_start: FloatProperty(
        name="From", description="Time in the recording to begin with", min=0.0, unit="TIME_ABSOLUTE",
    )  # fmt: skip
    sound_end: FloatProperty(
        name="To", description="Time in the recording to end with; 0 is its end", min=0.0, unit="TIME_ABSOLUTE",
    )  # fmt: skip
    frame_range: EnumProperty(
        name="Write", description="Which frames get keys", default="CLIP",
        items=[
            ("CLIP", "Whole Clip", "All frames of the recording"),
            ("SCENE", "Scene Range", "Frames in the scene's (preview) range; an earlier bake stays outside of it"),
        ],
    )  # fmt: skip
    keys: EnumProperty(
        name="Keys", description="Where keys lie in time", default="FRAMES",
        items=[
            ("FRAMES", "Every Frame", "One key on each scene frame; short lip closures land on a frame"),
            ("TRACK", "60 a Second", "One key for each sample of the model, between scene frames too"),
        ],
    )  # fmt: skip
    head: BoolProperty(
        name="Turn Head", description="Nod and sway the head bone of the armature with the voice",
    )  # fmt: skip
    put_sound: BoolProperty(
        name="Sound in Sequencer", description="Add the recording to the scene's sequencer at the start frame",
        default=True,
    )  # fmt: skip
    extend: BoolProperty(
        name="Extend Scene", description="Move the scene's last frame to the end of the clip if that is later",
        default=True,
    )  # fmt: skip


S2FSettings.__annotations__.update(mix_properties() | life_properties() | feel_properties() | words_properties())
S2FSettings.__annotations__.update({
    name: FloatProperty(
        name=name.removeprefix("emotion_").capitalize(), description="The same slider of the character",
        min=0.0, max=2.0 if name == "intensity" else 1.0, default=1.0 if name == "intensity" else 0.0,
        subtype="NONE" if name == "intensity" else "FACTOR", update=scene_update(name),
    )
    for name in SHARED
})  # fmt: skip


def _edited(entry: Any, _: Any) -> None:
    """The user changed a line: from now on the list decides, not the names."""
    entry.id_data.s2f_map.edited = True
    session.current.revision += 1


def _keys_of_mesh(entry: Any, _: Any, text: str) -> list[str]:
    return [name for name in key_names(entry.id_data) if text.lower() in name.lower()]


def _sources(_: Any, __: Any, text: str) -> list[str]:
    return [source for source in SOURCES if text.lower() in source.lower()]


class S2FMapEntry(bpy.types.PropertyGroup):
    """One line of a key map; see ``rigs.keymap.Entry``."""

    key: StringProperty(name="Key", description="The shape key that moves", search=_keys_of_mesh, update=_edited)
    source: StringProperty(
        name="Channel", description="The channel or mouth shape that the key follows", search=_sources, update=_edited
    )
    weight: FloatProperty(
        name="Weight", description="How much of the channel reaches the key", default=1.0, soft_min=0.0, soft_max=1.0,
        update=_edited,
    )  # fmt: skip
    score: FloatProperty(name="Score", description="How sure the match is", default=1.0)
    reason: StringProperty(name="Reason", description="Why the key follows this channel")
    family: StringProperty(name="Naming", description="Whose naming the key follows")
    on: BoolProperty(name="Use", description="Whether a bake moves this key", default=True, update=_edited)


class S2FMap(bpy.types.PropertyGroup):
    """object.s2f_map: the lines of the map; names decide while ``edited`` is off."""

    entries: CollectionProperty(type=S2FMapEntry)
    edited: BoolProperty(name="Edited")
    index: IntProperty(name="Line")


class S2FBones(bpy.types.PropertyGroup):
    """object.s2f_bones of an armature: the bones that the user chose; names decide while ``edited`` is off."""

    edited: BoolProperty(name="Edited")


S2FBones.__annotations__.update({
    role: StringProperty(name=role.replace("_", " ").capitalize(), description="The bone that a bake turns, or none")
    for role in ROLES
})  # fmt: skip

CLASSES = (*EMOTION_CLASSES, S2FSettings, S2FMapEntry, S2FMap, S2FBones)
