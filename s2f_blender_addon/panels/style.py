"""In whose style the model speaks."""

from bpy.types import Context, PropertyGroup, UILayout

from ..core.errors import UserError
from ..properties.style import style_of
from .text import sentence, told


def draw_style(layout: UILayout, context: Context, settings: PropertyGroup) -> None:
    """The style, its licence where that is research, and the way back to none."""
    row = layout.row(align=True)
    if not settings.style:
        row.operator("s2f.style_choose", text="Style…", icon="COMMUNITY")
        row.operator("s2f.style_from_capture", text="From Capture…", icon="IMPORT")
        row.operator("s2f.style_from_face", text="", icon="USER")
        return
    try:
        style = style_of(settings)
    except UserError as error:
        row.operator("s2f.style_clear", text="Style", icon="X")
        sentence(layout, context, str(error), "ERROR")
        return
    assert style is not None, "there is a text of one"
    row.operator("s2f.style_choose", text=style.name, icon="COMMUNITY", translate=False)
    row.operator("s2f.style_clear", text="", icon="X")
    if style.licence_track == "research":
        sentence(layout, context, told("{title}: research, not for commercial use.", title=style.name), "ERROR")
