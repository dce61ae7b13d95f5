"""Tracks from files and to files: captured performances bake like generated ones."""

from pathlib import Path
from typing import Any

import bpy
from bpy.props import StringProperty

from .. import session
from ..core import formats
from ..core.blend import Mix
from ..core.errors import UserError
from ..emotion.sliders import owner_of
from ..plans import Made, Plan
from .readiness import target_of, why_no_character, why_no_track
from .ready import Ready

GLOB = ";".join(f"*{suffix}" for suffix in formats.BY_SUFFIX)


class S2F_OT_import_track(Ready, bpy.types.Operator):
    """Bake a captured performance: a Live Link Face CSV, an Audio2Face JSON, or a track of our own"""

    bl_idname = "s2f.import_track"
    bl_label = "Import Track"
    bl_options = {"REGISTER"}  # noqa: RUF012

    filepath: StringProperty(subtype="FILE_PATH")
    filter_glob: StringProperty(default=GLOB, options={"HIDDEN"})

    @staticmethod
    def why_not(context: Any) -> str:
        return why_no_character(context) or ("A bake is running" if session.current.busy else "")

    def invoke(self, context: Any, event: Any) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> set[str]:
        """Read the file and write it to the character from the start frame on."""
        settings = context.scene.s2f
        session.fail("")
        try:
            track = formats.read(self.filepath)
        except UserError as error:
            session.fail(str(error))
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        settings.target = target_of(context)
        plan = Plan(context.scene.name, settings.target.name, settings.start_frame, "", Path(self.filepath).stem)
        session.warm()  # reads the face once it is written
        session.write(session.remember(Made(track, plan)))
        if session.current.error:
            self.report({"ERROR"}, session.current.error)
            return {"CANCELLED"}
        return {"FINISHED"}


class S2F_OT_export_track(Ready, bpy.types.Operator):
    """Write the last speech to a file: Live Link Face CSV, Audio2Face JSON, or our own track with all layers"""

    bl_idname = "s2f.export_track"
    bl_label = "Export Track"
    bl_options = {"REGISTER"}  # noqa: RUF012

    filepath: StringProperty(subtype="FILE_PATH")
    filter_glob: StringProperty(default=GLOB, options={"HIDDEN"})

    why_not = staticmethod(why_no_track)

    def invoke(self, context: Any, event: Any) -> set[str]:
        if not self.filepath:
            self.filepath = f"{session.recall(0).plan.name}.csv"
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> set[str]:
        """Write the newest track, mixed as the scene's settings say."""
        settings = context.scene.s2f
        target = bpy.data.objects.get(session.recall(0).plan.target)
        intensity = owner_of(target).s2f_character.intensity if target is not None else settings.intensity
        mix = Mix(intensity, settings.smoothing, settings.mouth, settings.brow, settings.eye)
        try:
            formats.write(self.filepath, session.recall(0).track, mix)
        except UserError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        except OSError as error:
            self.report({"ERROR"}, f"{self.filepath} cannot be written: {error.strerror}.")
            return {"CANCELLED"}
        self.report({"INFO"}, f"Wrote {self.filepath}")
        return {"FINISHED"}


CLASSES = (S2F_OT_import_track, S2F_OT_export_track)
