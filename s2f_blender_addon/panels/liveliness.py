"""What a face does besides speaking, and how strongly."""


from bpy.types import Context, UILayout

from ..core.liveliness import PARTS
from ..emotion.curves import is_keyed_below
from ..emotion.sliders import owner_of
from ..operators.readiness import target_of
from .coverage import can_nod
from .text import sentence


def draw_liveliness(layout: UILayout, context: Context) -> None:
    """The foldable part of the main panel."""
    settings = context.scene.s2f
    header, body = layout.panel("S2F_life", default_closed=True)
    header.label(text="Liveliness", icon="HIDE_OFF")
    if body is None:
        return
    body.use_property_split = True
    body.use_property_decorate = False
    strengths = body.column(align=True)
    for part in PARTS:
        strengths.prop(settings, f"liveliness_{part}", slider=True)
    _eyes(body, context)
    row = body.row()
    row.enabled = can_nod(target_of(context))
    row.prop(settings, "head")
    body.prop(settings, "seed")
    body.prop(settings, "takes")


def _eyes(layout: UILayout, context: Context) -> None:
    """Blinks by hand, and what the eyes look at."""
    row = layout.row(align=True)
    row.operator("s2f.blink_add", icon="ADD")
    row.operator("s2f.blink_remove", icon="REMOVE")
    owner = owner_of(target_of(context))
    if owner is None:
        return
    character = owner.s2f_character
    layout.prop(character, "gaze_mode")
    if character.gaze_mode == "OBJECT":
        layout.prop(character, "gaze_at")
    if character.gaze_mode != "NONE":
        row = layout.row()
        row.use_property_decorate = True
        row.prop(character, "gaze_amount", slider=True)
        if is_keyed_below(owner, "s2f_character.gaze_amount"):
            sentence(layout, context, "The amount is keyed in the NLA editor.", "KEYFRAME_HLT")
