"""Take the recording from the sequencer."""

from typing import Any

import bpy
from bpy.props import StringProperty

from ..bake import compat
from ..bake.frames import frame_rate
from ..bake.sound_strip import strip_path
from ..core.errors import UserError
from .base import Operator


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
        return ""


CLASSES = (S2F_OT_use_strip,)
