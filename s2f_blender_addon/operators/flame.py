"""How a FLAME head is driven: by its expressions and bones, or by keys that are added to it."""

import bpy
from bpy.props import EnumProperty
from bpy.types import Context

from .. import session
from ..core.errors import UserError
from ..rigs import find_character
from ..rigs.flame import kept
from ..rigs.flame.setup import add_keys, drive_expressions, shown_by
from .base import Operator
from .readiness import target_of, why_no_character


class S2F_OT_flame(Operator, bpy.types.Operator):
    """Choose how this FLAME head is driven: by its expressions with jaw, eyes and neck, or by 52 keys added to it"""

    bl_idname = "s2f.flame"
    bl_label = "Drive FLAME Head"

    way: EnumProperty(
        name="Driven by",
        items=(
            (kept.EXP, "Expressions and Bones", "Fit each channel to its expressions and the turn of its jaw"),
            (kept.KEYS, "Added Keys", "Add 52 keys, carried over from the demo head"),
        ),
    )  # fmt: skip

    why_not = staticmethod(why_no_character)

    def run(self, context: Context) -> str:
        """Fit it, or add the keys."""
        head = find_character(target_of(context)).flame
        if head is None:
            raise UserError("This is no FLAME head, which has 5,023 vertices and numbered keys of expression.")
        if not head.object.is_editable or not head.object.data.is_editable:
            raise UserError(f"{head.object.name} is linked; make a library override first.")
        if self.way == kept.EXP:
            said = f"{len(shown_by(head, drive_expressions(head)))} of 52 channels by expressions and bones"
        else:
            add_keys(head)
            said = "52 keys"
        session.current.shown.changed()
        return f"{head.object.name}: {said}"


CLASSES = (S2F_OT_flame,)
