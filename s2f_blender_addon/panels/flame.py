"""A FLAME head in the panel: how it is driven, and how well each channel is shown."""

from bpy.types import Context, UILayout

from ..core.channels import CHANNELS
from ..core.flame import FlameFit
from ..rigs.flame import kept
from .coverage import Coverage
from .text import sentence


def draw_flame(layout: UILayout, context: Context, found: Coverage) -> None:
    """Two ways to choose from, and the fit; nothing for other characters."""
    if not found.flame:
        return
    box = layout.column(align=True)
    box.label(text="FLAME head, driven by", icon="OUTLINER_OB_ARMATURE")
    row = box.row(align=True)
    for way, label in ((kept.EXP, "Expressions"), (kept.KEYS, "Added Keys")):
        row.operator("s2f.flame", text=label, depress=found.way == way).way = way
    if not found.way:
        sentence(layout, context, "Not chosen yet: Bake takes what shows most. FLAME tracks play as they are.", "INFO")
    if found.fit is not None:
        _fit(layout, context, found.fit)


def _fit(layout: UILayout, context: Context, fit: FlameFit) -> None:
    header, body = layout.panel("S2F_flame", default_closed=True)
    header.label(text="Fit of Each Channel", icon="DRIVER_DISTANCE")
    if body is None:
        return
    sentence(body, context, "Millimetres that are missed, of those that it moves:", "NONE")
    column = body.column(align=True)
    for name in CHANNELS:
        row = column.split(factor=0.6)
        row.label(text=name, icon="ERROR" if name in fit.missing else "CHECKMARK", translate=False)
        row.label(text=f"{fit.left[name]:.2f} / {fit.size[name]:.1f}", translate=False)
