"""Several people: whose turns of the sound a line speaks, and which strip is whose."""

from bpy.types import Context, Scene, UILayout

from ..bake.sound_strip import heard_sounds
from ..core.errors import UserError
from ..core.speaker_turns import from_text
from .text import sentence, told

_STRIPS = 12
"""Strips that the panel names at most."""


def draw_cast(layout: UILayout, context: Context) -> None:
    """The foldable part below the lines."""
    header, body = layout.panel("S2F_cast", default_closed=True)
    header.label(text="Several Speakers", icon="COMMUNITY")
    if body is None:
        return
    scene = context.scene
    settings = scene.s2f
    column = body.column()
    column.use_property_split, column.use_property_decorate = True, False
    column.prop(settings, "ear")
    row = column.row(align=True)
    row.prop(settings, "turns", placeholder="All of it")
    row.operator("s2f.turn_from_range", text="", icon="PREVIEW_RANGE")
    try:
        from_text(settings.turns)
    except UserError as error:
        sentence(body, context, str(error), "ERROR")
    body.operator("s2f.find_speakers", icon="VIEWZOOM")
    for voice in settings.voices:
        row = body.split(factor=0.4)
        row.label(text=told("{voice}, {seconds:.0f} s", voice=voice.name, seconds=_seconds(voice.turns)))
        row.prop(voice, "speaker", text="")
    if settings.voices:
        body.operator("s2f.voices_to_lines", icon="ADD")
    _strips(body, scene)


def _strips(layout: UILayout, scene: Scene) -> None:
    strips = [heard.strip for heard in heard_sounds(scene)]
    if not strips:
        return
    layout.label(text="Strips of the Sequencer")
    for strip in strips[:_STRIPS]:
        row = layout.split(factor=0.4)
        row.label(text=strip.name, icon="SOUND", translate=False)
        row.prop(strip, "s2f_speaker", text="")
    if len(strips) > _STRIPS:
        layout.label(text=told("and {count} more", count=len(strips) - _STRIPS))
    layout.operator("s2f.strips_to_lines", icon="ADD")


def _seconds(turns: str) -> float:
    try:
        return sum(turn.end - turn.start for turn in from_text(turns))
    except UserError:
        return 0.0
