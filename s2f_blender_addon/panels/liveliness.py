"""What a face does besides speaking, and how strongly."""


from bpy.types import PropertyGroup, UILayout

from ..core.liveliness import PARTS


def draw_liveliness(layout: UILayout, settings: PropertyGroup) -> None:
    """The foldable part of the main panel."""
    header, body = layout.panel("S2F_life", default_closed=True)
    header.label(text="Liveliness", icon="HIDE_OFF")
    if body is None:
        return
    body.use_property_split = True
    body.use_property_decorate = False
    strengths = body.column(align=True)
    for part in PARTS:
        strengths.prop(settings, f"life_{part}", slider=True)
    body.prop(settings, "head")
    body.prop(settings, "seed")
    body.prop(settings, "takes")
