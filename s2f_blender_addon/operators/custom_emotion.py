"""Emotions of the user's own: save the pose of the face, use it on a character, pass it on, delete it."""

from pathlib import Path

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Event, Object, PropertyGroup

from .. import session
from ..core import custom_emotion, patient
from ..core.errors import UserError
from ..emotion import clips, curves, own
from ..emotion.sliders import owner_of
from ..rigs import find_character
from .base import FileOperator, Operator
from .readiness import target_of, why_no_owner


class _OwnOperator(Operator):
    """What all of them share."""

    needs_emotion = False

    @classmethod
    def why_not(cls, context: Context) -> str:
        reason = why_no_owner(context)
        if reason or not cls.needs_emotion or chosen(owner_of(target_of(context))) is not None:
            return reason
        return "This character has no emotion of your own; save a pose first"

    def run(self, context: Context) -> str:
        said = self.change(context, owner_of(target_of(context)))
        session.current.shown.changed()
        return said

    def change(self, context: Context, owner: Object) -> str:
        """As ``run``, for the object that carries the character's sliders."""
        raise NotImplementedError


def chosen(owner: Object) -> PropertyGroup:
    """The emotion that is chosen in the list of ``owner``, or None."""
    character = owner.s2f_character
    return character.own[character.own_index] if 0 <= character.own_index < len(character.own) else None


class S2F_OT_emotion_save(_OwnOperator, bpy.types.Operator):
    """Save what the face shows now as an emotion with a name and a slider of its own, for all your files"""

    bl_idname = "s2f.emotion_save"
    bl_label = "Save Pose as Emotion"

    name: StringProperty(name="Name", description="What the emotion is called", default="My Emotion")

    def invoke(self, context: Context, event: Event) -> set[str]:
        return context.window_manager.invoke_props_dialog(self)  # type: ignore[no-any-return]

    def change(self, context: Context, owner: Object) -> str:
        name = custom_emotion.check_name(self.name)
        pose = own.pose_on(find_character(target_of(context)))
        own.save(name, pose)
        own.add_to(owner.s2f_character, name, pose)
        return f"Saved {name}: {len(pose)} channels"


class S2F_OT_emotion_add(_OwnOperator, bpy.types.Operator):
    """Give this character a slider for a saved emotion"""

    bl_idname = "s2f.emotion_add"
    bl_label = "Add Saved Emotion"

    name: StringProperty(name="Name")

    def change(self, context: Context, owner: Object) -> str:
        path = own.saved().get(self.name)
        if path is None:
            raise UserError(f"There is no saved emotion {self.name}; save a pose under this name.")
        read = custom_emotion.read_file(path)
        own.add_to(owner.s2f_character, read.name, read.channels, read.onset, read.release)
        return ""


class S2F_OT_emotion_remove(_OwnOperator, bpy.types.Operator):
    """Take the chosen emotion and its keys off this character; saved it stays"""

    bl_idname = "s2f.emotion_remove"
    bl_label = "Remove from Character"
    needs_emotion = True

    def change(self, context: Context, owner: Object) -> str:
        clips.lift(owner)
        curves.forget_own(owner, owner.s2f_character.own_index)
        owner.s2f_character.own_index = max(min(owner.s2f_character.own_index, len(owner.s2f_character.own) - 1), 0)
        clips.rewrite(owner)
        return ""


class S2F_OT_emotion_delete(Operator, bpy.types.Operator):
    """Delete a saved emotion for all your files; characters that have it keep it"""

    bl_idname = "s2f.emotion_delete"
    bl_label = "Delete Saved Emotion"
    bl_options = {"REGISTER"}  # noqa: RUF012

    name: StringProperty(name="Name")

    def invoke(self, context: Context, event: Event) -> set[str]:
        return context.window_manager.invoke_confirm(self, event)  # type: ignore[no-any-return]

    def run(self, context: Context) -> str:
        """Remove its file."""
        path = own.saved().get(self.name)
        if path is None:
            raise UserError(f"There is no saved emotion {self.name}.")
        if not patient.delete(path):
            raise UserError(f"The file of {self.name} is held by another program; close it there and remove it again.")
        return ""


class S2F_OT_emotion_export(_OwnOperator, FileOperator, bpy.types.Operator):
    """Write the chosen emotion to a file"""

    bl_idname = "s2f.emotion_export"
    bl_label = "Export Emotion"
    bl_options = {"REGISTER"}  # noqa: RUF012
    needs_emotion = True

    filter_glob: StringProperty(default="*.json", options={"HIDDEN"})

    def suggested(self, context: Context) -> str:
        return f"{bpy.path.clean_name(chosen(owner_of(target_of(context))).name)}.json"

    def change(self, context: Context, owner: Object) -> str:
        emotion = chosen(owner)
        pose = own.pose_of(emotion.name, emotion.pose)
        custom_emotion.write_file(Path(self.filepath), emotion.name, pose, emotion.onset, emotion.release)
        return f"Wrote {self.filepath}"


class S2F_OT_emotion_import(_OwnOperator, FileOperator, bpy.types.Operator):
    """Add an emotion from a file to this character, and save it for all your files"""

    bl_idname = "s2f.emotion_import"
    bl_label = "Import Emotion"

    filter_glob: StringProperty(default="*.json", options={"HIDDEN"})

    def change(self, context: Context, owner: Object) -> str:
        read = custom_emotion.read_file(Path(self.filepath))
        own.save(read.name, read.channels, read.onset, read.release)
        own.add_to(owner.s2f_character, read.name, read.channels, read.onset, read.release)
        return f"Added {read.name}"


CLASSES = (
    S2F_OT_emotion_save, S2F_OT_emotion_add, S2F_OT_emotion_remove, S2F_OT_emotion_delete, S2F_OT_emotion_export,
    S2F_OT_emotion_import,
)  # fmt: skip
