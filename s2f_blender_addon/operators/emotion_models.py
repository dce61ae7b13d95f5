"""Choose who hears the voice and who reads the words, and the way back to what ships."""


import bpy
from bpy.props import EnumProperty, StringProperty
from bpy.types import Context, Event

from .. import session
from ..emotion import models
from .base import FileOperator, Operator

_SLOT = [
    ("VOICE", "Voice", "What hears the voice"),
    ("TEXT", "Words", "What reads the words"),
    ("FUSION", "Fusion", "What fuses the two"),
]


class S2F_OT_load_research(FileOperator, bpy.types.Operator):
    """Take a model of yours: a file that “s2f train emotion-voice” or “s2f train emotion-fusion” wrote"""

    bl_idname = "s2f.load_research"
    bl_label = "Load Research Weights"
    bl_options = {"REGISTER"}  # noqa: RUF012

    slot: EnumProperty(items=_SLOT)
    filter_glob: StringProperty(default="*.safetensors", options={"HIDDEN"})

    def run(self, context: Context) -> str:
        """Look into the file, and choose it where it is one."""
        return _choose(self.slot, bpy.path.abspath(self.filepath))


class S2F_OT_choose_emotion_folder(Operator, bpy.types.Operator):
    """Let a model of yours take part: the folder of emotion2vec for the voice, of a text classifier for the words"""

    bl_idname = "s2f.choose_emotion_folder"
    bl_label = "Choose Folder"
    bl_options = {"REGISTER"}  # noqa: RUF012

    slot: EnumProperty(items=_SLOT)
    directory: StringProperty(subtype="DIR_PATH")

    def invoke(self, context: Context, event: Event) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def run(self, context: Context) -> str:
        """Look into the folder, and choose it where it is one."""
        return _choose(self.slot, bpy.path.abspath(self.directory).rstrip("/\\"))


class S2F_OT_shipped_emotion_model(Operator, bpy.types.Operator):
    """Go back to the model that ships with the add-on"""

    bl_idname = "s2f.shipped_emotion_model"
    bl_label = "Use Ours Again"
    bl_options = {"REGISTER"}  # noqa: RUF012

    slot: EnumProperty(items=_SLOT)

    def run(self, context: Context) -> str:
        """Forget the path."""
        return _choose(self.slot, "")


def _choose(slot: str, path: str) -> str:
    """What is at ``path`` from now on. Raises UserError when there is no such model."""
    choice = models.CHOICES[slot](path)
    models.choose(slot, path)
    session.current.shown.changed()
    return f"{choice.title}: {choice.track} ({choice.licence})"


CLASSES = (S2F_OT_load_research, S2F_OT_choose_emotion_folder, S2F_OT_shipped_emotion_model)
