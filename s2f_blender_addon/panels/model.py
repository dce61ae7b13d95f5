"""Who speaks, and in what style: our model, or a user's file with its choices and what it may be used for."""

from pathlib import Path

from bpy.types import Context, PropertyGroup, UILayout

from ..core.json_object import JsonObject
from ..properties.model import facts
from ..user_path import is_there
from .style import draw_style
from .text import sentence, told


def draw_model(layout: UILayout, context: Context) -> None:
    """The foldable part of the main panel."""
    settings = context.scene.s2f
    header, body = layout.panel("S2F_model", default_closed=True)
    header.label(text="Model", icon="OUTLINER_OB_SPEAKER")
    if body is None:
        return
    draw_style(body, context, settings)
    row = body.row(align=True)
    row.operator("s2f.choose_model", text=Path(settings.model_path).name or "Ours", icon="FILE_FOLDER")
    if settings.model_path:
        row.operator("s2f.own_model", text="", icon="LOOP_BACK")
        _file(body, context, settings)


def _file(body: UILayout, context: Context, settings: PropertyGroup) -> None:
    """What the model file is and lets choose."""
    known = facts(settings)
    if not is_there(settings.model_path):
        sentence(body, context, "This file does not exist.", "ERROR")
    title = str(known.get("title") or Path(settings.model_path).name)
    if known.get("licence_track") == "research":
        sentence(body, context, told("{title}: research, not for commercial use.", title=title), "ERROR")
    if known.get("slow"):
        sentence(body, context, "On this processor it takes about as long as the sound lasts.", "TIME")
    body.use_property_split = True
    body.use_property_decorate = False
    if known["identities"]:
        body.prop(settings, "model_identity")
    if known["levels"]:
        _foreign(body, context, settings, known)


def _foreign(layout: UILayout, context: Context, settings: PropertyGroup, known: JsonObject) -> None:
    """What a network of others has to choose from."""
    layout.prop(settings, "model_level", text="Emotion" if known.get("emotions") else "Level")
    layout.prop(settings, "model_person")
    if known.get("emotions"):
        sentence(layout, context, "The emotion sliders mix its own emotions, from this one on.", "INFO")
    switches = layout.column(align=True)
    for name in ("model_closures", "model_smoothing", "model_blinks"):
        switches.prop(settings, name)
