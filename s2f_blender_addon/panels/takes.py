"""The takes of the chosen line: a list, of which each row puts its performance on the face."""

import bpy
from bpy.types import Context, PropertyGroup, UILayout

from .. import lines
from ..emotion.sliders import owner_of
from ..lines.takes import difference
from ..operators.readiness import target_of
from .text import sentence, told


class S2F_UL_takes(bpy.types.UIList):
    """A row for each take: a click puts it on the face."""

    bl_idname = "S2F_UL_takes"

    def draw_item(
        self, context: Context, layout: UILayout, data: PropertyGroup, item: PropertyGroup, icon: int,
        active: PropertyGroup, name: str, index: int = 0,
    ) -> None:  # fmt: skip
        row = layout.row(align=True)
        row.alignment = "LEFT"
        said = f"{index + 1}  {bpy.app.translations.pgettext_iface(item.name)}"
        on = data.take == index
        radio = "RADIOBUT_ON" if on else "RADIOBUT_OFF"
        row.operator("s2f.take_choose", text=said, icon=radio, emboss=False, translate=False).take = index


def draw_takes(layout: UILayout, context: Context) -> None:
    """Nothing where the chosen line has a single take."""
    owner = owner_of(target_of(context))
    line = lines.chosen(owner) if owner is not None else None
    if line is None or len(line.takes) < 2:
        return
    column = layout.column()
    column.template_list("S2F_UL_takes", "", line, "takes", line, "take_row", rows=min(len(line.takes), 4))
    apart = difference(line)
    if apart:
        text = told("They differ by {mouth} at the mouth, {upper} above", **{k: f"{v:.2f}" for k, v in apart.items()})
        sentence(column, context, text, "INFO")


CLASSES = (S2F_UL_takes,)
