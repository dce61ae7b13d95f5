"""Take another performance of the chosen line."""

from dataclasses import replace
from typing import Any

import bpy
from bpy.props import IntProperty
from bpy.types import Context

from .. import lines, session
from ..core.errors import UserError
from ..emotion.sliders import owner_of
from ..lines.takes import take_of
from .base import Operator
from .readiness import target_of, why_no_owner


class S2F_OT_take_choose(Operator, bpy.types.Operator):
    """Put this performance of the line on the face, from what the bake has made"""

    bl_idname = "s2f.take_choose"
    bl_label = "Choose Take"
    bl_options = {"REGISTER"}  # noqa: RUF012

    take: IntProperty(name="Take", min=0)

    @classmethod
    def why_not(cls, context: Context) -> str:
        if session.current.jobs.busy:
            return session.current.jobs.why_busy()
        owner = owner_of(target_of(context))
        line = lines.chosen(owner) if owner is not None else None
        return why_no_owner(context) or ("" if line is not None and line.takes else "The line has a single take")

    def run(self, context: Context) -> str:
        """One undo step, without the model; edits of the line are kept as a bake keeps them."""
        target = target_of(context)
        line: Any = lines.chosen(owner_of(target))  # there is one, see why_not
        before, made = line.take, lines.made_again(context.scene, target, line)
        made = replace(made, track=take_of(line, self.take))
        session.current.shown.begin()
        line.take = line.take_row = self.take
        session.carry_out(bpy.ops.s2f.apply, token=session.current.memory.keep(made))
        if session.current.shown.outcome.error:
            line.take = line.take_row = before
            raise UserError(session.current.shown.outcome.error)
        return f"Take {self.take + 1}: {line.takes[self.take].name}"


CLASSES = (S2F_OT_take_choose,)
