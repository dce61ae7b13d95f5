"""Choose the recording: a file, or what lies in the sequencer. Its sound is heard at once, ahead of Bake."""

import contextlib

import bpy
from bpy.props import BoolProperty, StringProperty
from bpy.types import Context, Scene

from ..bake import compat
from ..bake.frames import frame_rate
from ..bake.led import part_of
from ..bake.sound_strip import HeardSound, at_other_rate, heard_sounds, strip_path
from ..core.errors import UserError
from ..user_path import absolute, must_be_text
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

    def suggested(self, context: Context) -> str:
        return absolute(context.scene.s2f.audio_path)

    def run(self, context: Context) -> str:
        """All of it, from its beginning to its end."""
        path = self.filepath
        must_be_text(path)
        if self.relative_path and bpy.data.filepath:
            with contextlib.suppress(ValueError):  # on another drive
                path = bpy.path.relpath(path)
        settings = context.scene.s2f
        settings.audio_path, settings.sound_start, settings.sound_end = path, 0.0, 0.0
        settings.start_shift = 0.0
        listen(context.scene)
        return ""


class S2F_OT_use_strip(Operator, bpy.types.Operator):
    """Speak the sound that is already in the sequencer, at the frame where it lies and as far as it is trimmed"""

    bl_idname = "s2f.use_strip"
    bl_label = "Use Sound from Sequencer"

    strip: StringProperty(
        name="Strip", description="Name of the strip; empty takes the chosen one, else the first that is heard"
    )

    @classmethod
    def why_not(cls, context: Context) -> str:
        if next(heard_sounds(context.scene), None) is not None:
            return ""
        if other := at_other_rate(context.scene):
            return f"The scene of the strip “{other}” has another frame rate than this one; give both the same"
        return "There is no sound in the sequencer of this scene"

    def run(self, context: Context) -> str:
        """Fill in the sound, the frame of its second 0, and the part that is heard."""
        scene = context.scene
        sounds = list(heard_sounds(scene))
        wanted = self.strip or getattr(compat.chosen_strip(scene), "name", "")
        audible = next((s for s in sounds if not s.silent), sounds[0])
        heard = next((s for s in sounds if s.strip.name == wanted), None if self.strip else audible)
        if heard is None:
            raise UserError(f"There is no sound strip {self.strip} in this scene; choose another one.")
        for name, value in spoken_in(scene, heard).items():
            setattr(scene.s2f, name, value)
        listen(scene)
        return f"“{heard.strip.name}” is muted in the sequencer; it is spoken all the same" if heard.silent else ""


def spoken_in(scene: Scene, heard: HeardSound) -> dict[str, str | int | float]:
    """The settings of scene.s2f that speak what is heard in a strip. Raises UserError for a retimed one."""
    if compat.is_retimed(heard.strip):
        raise UserError(
            f"“{heard.strip.name}” is retimed in the sequencer; reset that, or mix the sound down to a file "
            "(Render > Render Audio) and choose that."
        )
    must_be_text(strip_path(heard.strip))
    rate, start = frame_rate(scene), round(heard.zero)
    first, last = part_of(heard, rate)
    return {
        "audio_path": strip_path(heard.strip),
        "start_frame": start,
        "start_shift": (heard.zero - start) / rate,
        "sound_start": first,
        "sound_end": last,
    }


CLASSES = (S2F_OT_choose_sound, S2F_OT_use_strip)
