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
from .base import FileOperator, Operator
from .readiness import target_of
from .tracks import READ

_LIPS = indices(tuple(name for name in REGIONS["mouth"] if name.startswith("mouth") and name != "mouthClose"))
_STILL = 2e-3
_MOST = 2.0


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

    @classmethod
    def why_not(cls, context: Context) -> str:
        owner = owner_of(target_of(context))
        line = lines.chosen(owner) if owner is not None else None
        return "" if line is not None and line.track else "Bake a line first; the capture is compared with it"

    def run(self, context: Context) -> str:
        """Ratios of standard deviations; the next bake and Write Last Speech Again show them."""
        settings, line = context.scene.s2f, lines.chosen(owner_of(target_of(context)))
        assert line is not None, "why_not has seen one"
        ours, theirs = lines.speech_of(line).talk, formats.read(bpy.path.abspath(self.filepath)).talk
        settings.jaw = _ratio(theirs[:, [INDEX["jawOpen"]]], ours[:, [INDEX["jawOpen"]]], "jaw")
        settings.lips = _ratio(theirs[:, _LIPS], ours[:, _LIPS], "lips")
        return f"Jaw {settings.jaw:.2f}, lips {settings.lips:.2f}; press Bake"


def _ratio(theirs: Array, ours: Array, what: str) -> float:
    """How much further theirs go. Raises UserError where either stays still."""
    spread = [float(curves.std(0).mean()) for curves in (theirs, ours)]
    if min(spread) < _STILL:
        where = "the capture" if spread[0] < _STILL else "the line"
        raise UserError(f"The {what} hardly moves in {where}; use another.")
    return float(np.clip(spread[0] / spread[1], 0.0, _MOST))


CLASSES = (S2F_OT_style_choose, S2F_OT_style_clear, S2F_OT_style_from_capture)
