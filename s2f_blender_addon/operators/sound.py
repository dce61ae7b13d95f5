"""Choose the recording: a file, or what lies in the sequencer. Its sound is heard at once, ahead of Bake."""

import contextlib
from typing import Any

import bpy
from bpy.props import BoolProperty, StringProperty

from ..bake import compat
from ..bake.frames import frame_rate
from ..bake.sound_strip import strip_path
from ..core.errors import UserError
from .base import FileOperator, Operator
from .listen import listen


class S2F_OT_choose_sound(FileOperator, bpy.types.Operator):
    """Choose the recording that the character speaks, in any format that Blender plays"""

    bl_idname = "s2f.choose_sound"
    bl_label = "Choose Sound"

    filter_sound: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_movie: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_folder: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    relative_path: BoolProperty(
        name="Relative Path", description="Choose the file relative to the blend-file", default=True
    )

    def suggested(self, context: Any) -> str:
        return str(bpy.path.abspath(context.scene.s2f.audio_path))

    def run(self, context: Any) -> str:
        """All of it, from its beginning to its end."""
        path = self.filepath
        if self.relative_path and bpy.data.filepath:
            with contextlib.suppress(ValueError):  # on another drive
                path = bpy.path.relpath(path)
        settings = context.scene.s2f
        settings.audio_path, settings.sound_start, settings.sound_end = path, 0.0, 0.0
        listen(context.scene)
        return ""


class S2F_OT_use_strip(Operator, bpy.types.Operator):
    """Speak the sound that is already in the sequencer, at the frame where it lies and as far as it is trimmed"""

    bl_idname = "s2f.use_strip"
    bl_label = "Use Sound from Sequencer"

    strip: StringProperty(name="Strip", description="Name of the strip; empty takes the first one")

    @classmethod
    def why_not(cls, context: Any) -> str:
        some = next(compat.sound_strips(context.scene), None) is not None
        return "" if some else "There is no sound in the sequencer of this scene"

    def run(self, context: Any) -> str:
        """Fill in the sound, its start frame, and the part that is heard."""
        scene = context.scene
        strips = list(compat.sound_strips(scene))
        strip = next((s for s in strips if s.name == self.strip), None if self.strip else strips[0])
        if strip is None:
            raise UserError(f"There is no sound strip {self.strip} in this scene; choose another one.")
        settings = scene.s2f
        start = compat.strip_start(strip)
        first, last = compat.strip_span(strip)
        settings.audio_path = strip_path(strip)
        settings.start_frame = round(start)
        settings.sound_start = max(first - start, 0) / frame_rate(scene)
        settings.sound_end = (last - start) / frame_rate(scene) if compat.is_trimmed_behind(strip) else 0.0
        listen(scene)
        return ""


CLASSES = (S2F_OT_choose_sound, S2F_OT_use_strip)
