"""Play what was baked, as it sounds."""


import bpy
from bpy.types import Context

from .. import session
from .base import Operator


class S2F_OT_play(Operator, bpy.types.Operator):
    """Play the animation in time with the sound: frames are dropped where Blender is too slow (Sync to Audio)"""

    bl_idname = "s2f.play"
    bl_label = "Play"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    @classmethod
    def why_not(cls, context: Context) -> str:
        return "" if context.screen is not None else "There is no window to play in"

    def run(self, context: Context) -> str:
        """Play from the first baked frame unless the playhead is among them; or stop."""
        scene = context.scene
        if not context.screen.is_animation_playing:
            scene.sync_mode = "AUDIO_SYNC"
            baked = session.current.shown.outcome.baked
            if baked is not None and not baked.first <= scene.frame_current < baked.last:
                scene.frame_set(int(baked.first))
        bpy.ops.screen.animation_play()
        return ""


CLASSES = (S2F_OT_play,)
