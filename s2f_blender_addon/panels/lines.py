"""The lines of the character: a list to choose from, mute, add to and take from."""


import bpy
from bpy.types import Context, PropertyGroup, UILayout

from .. import lines
from ..emotion.sliders import owner_of
from ..operators.readiness import target_of
from .cast import draw_cast
from .text import told


class S2F_UL_lines(bpy.types.UIList):
    """Each line by its sound, with the frame at which it begins and its mute switch."""

    def draw_item(
        self, context: Context, layout: UILayout, data: PropertyGroup, item: PropertyGroup, icon: int,
        active: PropertyGroup, name: str, index: int = 0,
    ) -> None:
        """One row."""
        row = layout.row(align=True)
        settings = context.scene.s2f
        new = not item.baked and index == data.line_index and owner_of(settings.target) == data.id_data
        sound = bpy.path.display_name_from_filepath(settings.audio_path) if new else ""
        row.label(text=sound or item.name, icon="CHECKMARK" if item.baked else "BLANK1")
        row.label(text=f"{settings.start_frame if new else item.start_frame}")
        row.prop(item, "mute", text="", icon="MUTE_IPO_ON" if item.mute else "MUTE_IPO_OFF", emboss=False)


def draw_lines(layout: UILayout, context: Context) -> None:
    """Nothing where there is no character; one button while it has a single line."""
    owner = owner_of(target_of(context))
    if owner is None:
        return
    character, settings = owner.s2f_character, context.scene.s2f
    header, body = layout.panel("S2F_lines", default_closed=True)
    count = len(character.lines)
    header.label(text=told("Lines ({count})", count=count) if count else "Lines", icon="NLA")
    if body is None:
        return
    row = body.row()
    row.template_list("S2F_UL_lines", "", character, "lines", character, "line_index", rows=3)
    side = row.column(align=True)
    side.operator("s2f.line_add", text="", icon="ADD")
    side.operator("s2f.line_remove", text="", icon="REMOVE")
    side.operator("s2f.line_duplicate", text="", icon="DUPLICATE")
    body.operator("s2f.bake_all", icon="REC")
    body.use_property_split = True
    body.use_property_decorate = False
    body.prop(settings, "region")
    body.prop(settings, "edits")
    line = lines.chosen(owner)
    if line is not None and line.baked:
        body.operator("s2f.edits_drop", icon="LOOP_BACK")
    draw_cast(body, context)


CLASSES = (S2F_UL_lines,)
