"""Speak like an actor: a style that was learned from their captures, or the sizes of jaw and lips of one capture."""

from pathlib import Path

import bpy
import numpy as np
from bpy.props import StringProperty
from bpy.types import Context

from .. import lines
from ..core import formats
from ..core.channels import INDEX, REGIONS, indices
from ..core.errors import UserError
from ..core.style import as_text, read_file
from ..core.track import Array
from ..emotion.sliders import owner_of
from ..rigs.character import can_be_character
from .base import FileOperator, Operator
from .read_face import channels_over
from .readiness import target_of
from .tracks import READ

_LIPS = indices(tuple(name for name in REGIONS["mouth"] if name.startswith("mouth") and name != "mouthClose"))
_STILL = 2e-3
_MOST = 2.0


def why_no_speech(context: Context) -> str:
    """Why there is nothing to compare a performance with; empty when there is."""
    owner = owner_of(target_of(context))
    line = lines.chosen(owner) if owner is not None else None
    return "" if line is not None and line.track else "Bake a line first; the performance is compared with it"


class S2F_OT_style_choose(FileOperator, bpy.types.Operator):
    """Speak in the style of an actor: a file that s2f train style made of their captures"""

    bl_idname = "s2f.style_choose"
    bl_label = "Choose Style"

    filter_glob: StringProperty(default="*.json", options={"HIDDEN"})

    def run(self, context: Context) -> str:
        """The style is kept in this .blend."""
        style = read_file(Path(bpy.path.abspath(self.filepath)))
        context.scene.s2f.style = as_text(style)
        return f"{style.name} speaks; press Bake"


class S2F_OT_style_clear(Operator, bpy.types.Operator):
    """Speak in nobody's style"""

    bl_idname = "s2f.style_clear"
    bl_label = "No Style"

    @classmethod
    def why_not(cls, context: Context) -> str:
        return "" if context.scene.s2f.style else "There is no style"

    def run(self, context: Context) -> str:
        """As the model speaks by itself."""
        context.scene.s2f.style = ""
        return ""


class S2F_OT_style_from_capture(FileOperator, bpy.types.Operator):
    """Set Jaw and Lip Strength so that the chosen line moves as far as a captured performance does"""

    bl_idname = "s2f.style_from_capture"
    bl_label = "Strengths from Capture"

    filter_glob: StringProperty(default=READ, options={"HIDDEN"})

    why_not = staticmethod(why_no_speech)

    def run(self, context: Context) -> str:
        """The next bake and Write Last Speech Again show them."""
        return _take(context, formats.read(bpy.path.abspath(self.filepath)).talk)


class S2F_OT_style_from_face(Operator, bpy.types.Operator):
    """Set Jaw and Lip Strength so that the chosen line moves as far as the active object's face does, over the scene"""

    bl_idname = "s2f.style_from_face"
    bl_label = "Strengths from Active Face"

    @classmethod
    def why_not(cls, context: Context) -> str:
        active, owner = context.active_object, owner_of(target_of(context))
        if why_no_speech(context):
            return why_no_speech(context)
        if active is None or not can_be_character(active) or owner_of(active) == owner:
            return "Make another character's face active, one that is animated"
        return ""

    def run(self, context: Context) -> str:
        """Whatever animates that face: an action, or strips."""
        frames = np.arange(context.scene.frame_start, context.scene.frame_end + 1, dtype=np.float64)
        return _take(context, channels_over(context.active_object, frames))


def _take(context: Context, theirs: Array) -> str:
    """Ratios of standard deviations of ``theirs`` (T, 52) and of the chosen line."""
    settings, line = context.scene.s2f, lines.chosen(owner_of(target_of(context)))
    assert line is not None, "why_no_speech has seen one"
    ours = lines.speech_of(line).talk
    jaw, lips = (_ratio(theirs[:, k], ours[:, k], what) for k, what in (([INDEX["jawOpen"]], "jaw"), (_LIPS, "lips")))
    settings.jaw, settings.lips = jaw, lips
    return f"Jaw {jaw:.2f}, lips {lips:.2f}; press Bake"


def _ratio(theirs: Array, ours: Array, what: str) -> float:
    """How much further theirs go. Raises UserError where either stays still."""
    spread = [float(curves.std(0).mean()) for curves in (theirs, ours)]
    if min(spread) < _STILL:
        where = "that performance" if spread[0] < _STILL else "the line"
        raise UserError(f"The {what} hardly moves in {where}; use another.")
    return float(np.clip(spread[0] / spread[1], 0.0, _MOST))


CLASSES = (S2F_OT_style_choose, S2F_OT_style_clear, S2F_OT_style_from_capture, S2F_OT_style_from_face)
