"""Tracks from files and to files: captured performances bake like generated ones."""

from pathlib import Path

import bpy
from bpy.props import FloatProperty, StringProperty
from bpy.types import Context

from .. import session
from ..core import formats
from ..core.blend import Mix
from ..core.errors import UserError
from ..core.exports import ENDINGS
from ..core.points import ENDINGS as POINTS
from ..core.points import holds_points
from ..core.track import FASTEST
from ..emotion.sliders import owner_of
from ..export import clips_of
from ..export import write as write_clips
from ..rigs import Character, MeshMap, find_character, points
from ..session.made import Destination, Made
from .bake import write
from .base import FileOperator
from .readiness import target_of, why_no_character, why_no_track

WRITTEN = ";".join(f"*{suffix}" for suffix in formats.BY_SUFFIX)
READ = ";".join(f"*{suffix}" for suffix in dict.fromkeys((*formats.READABLE, *POINTS)))


class S2F_OT_import_track(FileOperator, bpy.types.Operator):
    """Bake a captured performance: tables and JSON of Live Link Face, Audio2Face and other trackers, points of the
    mesh frame by frame, or our own"""

    bl_idname = "s2f.import_track"
    bl_label = "Import Track"
    bl_options = {"REGISTER"}  # noqa: RUF012

    filter_glob: StringProperty(default=READ, options={"HIDDEN"})
    rate: FloatProperty(
        name="Rate", description="Frames a second, for a file that tells none or wrong ones; 0 reads them",
        min=0.0, max=FASTEST, soft_max=120.0, options={"SKIP_SAVE"},
    )  # fmt: skip

    @classmethod
    def why_not(cls, context: Context) -> str:
        return why_no_character(context) or session.current.jobs.why_busy()

    def run(self, context: Context) -> str:
        """Read the file and write it to the character from the start frame on."""
        settings = context.scene.s2f
        session.current.shown.begin()
        settings.target = target_of(context)
        path = Path(bpy.path.abspath(self.filepath))
        if holds_points(path):
            track = points.read(path, _face(find_character(settings.target)), self.rate or None)
        else:
            track = formats.read(path, self.rate or None)
        name = path.stem
        session.current.link.warm()  # reads the face once it is written
        where = (context.scene.session_uid, settings.target.session_uid)
        scene, target = context.scene.name, settings.target.name
        write(Made(track, Destination(scene, target, settings.start_frame, "", name, identities=where)))
        if session.current.shown.outcome.error:
            raise UserError(session.current.shown.outcome.error)
        return ""


def _face(character: Character) -> MeshMap:
    if not character.meshes:
        raise UserError("A vertex sequence needs a mesh with keys, which this character has not.")
    return character.meshes[0]


class S2F_OT_export_track(FileOperator, bpy.types.Operator):
    """Write the last speech to a file: Live Link Face CSV, Audio2Face JSON, or our own track with all layers"""

    bl_idname = "s2f.export_track"
    bl_label = "Export Track"
    bl_options = {"REGISTER"}  # noqa: RUF012

    filter_glob: StringProperty(default=WRITTEN, options={"HIDDEN"})

    why_not = staticmethod(why_no_track)

    def suggested(self, context: Context) -> str:
        return f"{session.current.memory.recall().to.name}.csv"

    def run(self, context: Context) -> str:
        """Write the newest track, mixed as the scene's settings say."""
        settings = context.scene.s2f
        made = session.current.memory.recall()
        try:
            intensity = owner_of(made.to.find()[1]).s2f_character.intensity
        except UserError:  # a track outlives its character
            intensity = settings.intensity
        mix = Mix(intensity, *(getattr(settings, n) for n in ("smoothing", "mouth", "brow", "eye", "jaw", "lips")))
        try:
            formats.write(self.filepath, made.track, mix)
        except OSError as error:
            raise UserError(f"{self.filepath} cannot be written: {error.strerror}.") from error
        return f"Wrote {self.filepath}"


class S2F_OT_export(FileOperator, bpy.types.Operator):
    """Write the character with all its lines for other programs; the file's ending says which: glTF, VRM, FBX, USD,
    Alembic or a sequence of points. Blender's exporters need its window: it stands still until the file is there"""

    bl_idname = "s2f.export"
    bl_label = "Export Character"
    bl_options = {"REGISTER"}  # noqa: RUF012

    filter_glob: StringProperty(default=";".join(f"*{ending}" for ending in ENDINGS), options={"HIDDEN"})

    @classmethod
    def why_not(cls, context: Context) -> str:
        if missing := why_no_character(context) or session.current.jobs.why_busy():
            return missing
        if context.mode != "OBJECT":
            return "Switch to Object Mode first"
        return "" if clips_of(owner_of(target_of(context))) else "Nothing is baked yet"

    def suggested(self, context: Context) -> str:
        target = target_of(context)
        return f"{target.name}.glb" if target is not None else ""

    def run(self, context: Context) -> str:
        """Each line becomes a clip of its name, from frame 0 on."""
        target = target_of(context)
        paths, notes = write_clips(
            Path(bpy.path.abspath(self.filepath)), find_character(target), context.scene, clips_of(owner_of(target))
        )
        for note in notes:
            self.report({"WARNING"}, note)
        return f"Wrote {', '.join(path.name for path in paths)}"


CLASSES = (S2F_OT_import_track, S2F_OT_export_track, S2F_OT_export)
