"""The list of emotion strips: add at the playhead, duplicate, remove, move."""


import bpy
from bpy.props import EnumProperty, StringProperty
from bpy.types import Context, PropertyGroup

from ..core.emotions import EMOTIONS
from ..emotion.clips import rewrite
from ..emotion.curves import writable_bag
from ..emotion.sliders import owner_of
from .base import Operator
from .readiness import target_of, why_no_owner

_LENGTH = 2.0
"""Seconds of a new clip."""


class _ClipOperator(Operator):
    """What all operators on the list share."""

    needs_clip = True

    @classmethod
    def why_not(cls, context: Context) -> str:
        reason = why_no_owner(context)
        if reason or not cls.needs_clip:
            return reason
        character = owner_of(target_of(context)).s2f_character
        return "" if 0 <= character.clip_index < len(character.clips) else "There is no emotion strip; add one first"

    def run(self, context: Context) -> str:
        """Change the list, and the keys with it."""
        owner = owner_of(target_of(context))
        writable_bag(owner)
        self.change(context, owner.s2f_character)
        rewrite(owner)
        return ""

    def change(self, context: Context, character: PropertyGroup) -> None:
        raise NotImplementedError


class S2F_OT_clip_add(_ClipOperator, bpy.types.Operator):
    """Add an emotion strip that begins at the playhead"""

    bl_idname = "s2f.clip_add"
    bl_label = "Add Emotion Strip"
    needs_clip = False

    emotion: StringProperty(name="Emotion", default=EMOTIONS[0])

    def change(self, context: Context, character: PropertyGroup) -> None:
        render = context.scene.render
        clip = character.clips.add()
        start = float(context.scene.frame_current)
        _set(clip, {"emotion": self.emotion, "start": start, "end": start + _LENGTH * render.fps / render.fps_base})
        character.clip_index = len(character.clips) - 1


class S2F_OT_clip_duplicate(_ClipOperator, bpy.types.Operator):
    """Repeat the chosen strip right after itself"""

    bl_idname = "s2f.clip_duplicate"
    bl_label = "Duplicate Emotion Strip"

    def change(self, context: Context, character: PropertyGroup) -> None:
        old = {name: getattr(character.clips[character.clip_index], name) for name in _FIELDS}
        length = old["end"] - old["start"]
        clip = character.clips.add()
        _set(clip, old | {"start": old["end"], "end": old["end"] + length})
        character.clip_index = len(character.clips) - 1


class S2F_OT_clip_remove(_ClipOperator, bpy.types.Operator):
    """Take the chosen strip out; keys that were there before it come back"""

    bl_idname = "s2f.clip_remove"
    bl_label = "Remove Emotion Strip"

    def change(self, context: Context, character: PropertyGroup) -> None:
        character.clips.remove(character.clip_index)
        character.clip_index = max(min(character.clip_index, len(character.clips) - 1), 0)


class S2F_OT_clip_move(_ClipOperator, bpy.types.Operator):
    """Move the chosen strip in time"""

    bl_idname = "s2f.clip_move"
    bl_label = "Move Emotion Strip"

    to: EnumProperty(
        name="To",
        items=[
            ("PLAYHEAD", "Playhead", "Begin at the current frame"),
            ("EARLIER", "Earlier", "One frame earlier"),
            ("LATER", "Later", "One frame later"),
        ],
    )

    def change(self, context: Context, character: PropertyGroup) -> None:
        clip = character.clips[character.clip_index]
        by = {"PLAYHEAD": context.scene.frame_current - clip.start, "EARLIER": -1.0, "LATER": 1.0}[self.to]
        _set(clip, {"start": clip.start + by, "end": clip.end + by})


_FIELDS = ("emotion", "strength", "start", "end", "fade_in", "fade_out", "on")


def _set(clip: PropertyGroup, values: dict[str, str | float]) -> None:
    """Set several properties while the clip is off, so that its keys are written once."""
    on = values.get("on", clip.on)
    clip.on = False
    for name, value in values.items():
        if name != "on":
            setattr(clip, name, value)
    clip.on = on


CLASSES = (S2F_OT_clip_add, S2F_OT_clip_duplicate, S2F_OT_clip_remove, S2F_OT_clip_move)
