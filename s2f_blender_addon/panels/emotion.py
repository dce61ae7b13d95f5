"""The emotion of the character: sliders, emotions of one's own, from the voice, strips."""

from collections.abc import Mapping

import bpy
from bpy.types import Context, Object, PropertyGroup, UILayout

from ..core.channels import EMOTIONS
from ..emotion import curves, models, own
from ..emotion.sliders import owner_of
from ..operators.readiness import target_of
from .emotion_models import draw_emotion_warnings
from .text import sentence, told

LEAST = 0.05
"""Shares below this are not worth a word."""


class S2F_UL_clips(bpy.types.UIList):
    """A line for each emotion strip: what, from when to when."""

    bl_idname = "S2F_UL_clips"

    def draw_item(
        self, context: Context, layout: UILayout, data: PropertyGroup, item: PropertyGroup, icon: int,
        active: PropertyGroup, name: str, index: int,
    ) -> None:
        row = layout.row(align=True)
        row.prop(item, "on", text="")
        known = item.emotion in EMOTIONS or item.emotion in data.own
        text = row.row()
        text.active = item.on
        text.label(text=f"{item.emotion} {item.strength:.0%}", icon="NONE" if known else "ERROR")
        text.label(text=f"{item.start:g} – {item.end:g}")
        row.operator("s2f.go_to", text="", icon="TIME", emboss=False).frame = item.start


class S2F_UL_sentences(bpy.types.UIList):
    """A line for each sentence: a click jumps to it."""

    bl_idname = "S2F_UL_sentences"

    def draw_item(
        self, context: Context, layout: UILayout, data: PropertyGroup, item: PropertyGroup, icon: int,
        active: PropertyGroup, name: str, index: int,
    ) -> None:
        row = layout.row(align=True)
        row.operator("s2f.go_to", text=f"{item.frame:.0f}", icon="TIME", emboss=False).frame = item.frame
        row.label(text=item.text)
        row.label(text=item.gave or "–")


class S2F_UL_own(bpy.types.UIList):
    """A slider for each emotion of the user's own."""

    bl_idname = "S2F_UL_own"

    def draw_item(
        self, context: Context, layout: UILayout, data: PropertyGroup, item: PropertyGroup, icon: int,
        active: PropertyGroup, name: str, index: int,
    ) -> None:
        layout.prop(item, "value", text=item.name, slider=True)


class S2F_MT_saved_emotions(bpy.types.Menu):
    """The emotions that were saved, for all files"""

    bl_idname = "S2F_MT_saved_emotions"
    bl_label = "Saved Emotions"

    def draw(self, context: Context) -> None:
        """Runs once each time the menu opens."""
        names = list(own.saved())
        for name in names:
            self.layout.operator("s2f.emotion_add", text=name, icon="ADD").name = name
        if not names:
            self.layout.label(text="None is saved yet")
        self.layout.separator()
        self.layout.operator("s2f.emotion_import", icon="IMPORT")
        self.layout.operator("s2f.emotion_export", icon="EXPORT")
        for name in names:
            self.layout.operator("s2f.emotion_delete", text=f"Delete {name}", icon="TRASH").name = name


def draw_emotion(layout: UILayout, context: Context) -> None:
    """The foldable part of the main panel."""
    header, body = layout.panel("S2F_emotion")
    header.label(text="Emotion", icon="LIGHT_SUN")
    if body is None:
        return
    owner = owner_of(target_of(context))
    if owner is None:
        sentence(body, context, "Choose a character first; the sliders are its own.", "INFO")
        return
    character = owner.s2f_character
    if not owner.is_editable:
        sentence(body, context, f"{owner.name} is linked: make a library override to change its emotion.", "INFO")
    column = body.column()
    column.enabled = owner.is_editable
    grid = column.grid_flow(row_major=True, columns=2, even_columns=True, align=True)
    for name in EMOTIONS:
        grid.prop(character, f"emotion_{name}", slider=True)
    column.prop(character, "intensity", slider=True)
    draw_keyed(column, context, owner)
    side = column.row(align=True)
    side.label(text="Contempt:")
    side.prop(character, "side", expand=True)
    _own(column, character)
    _voice(column, context, character)
    _clips(column, character)


def draw_keyed(layout: UILayout, context: Context, owner: Object) -> None:
    """Which sliders have keys in the NLA editor, of which their own fields show nothing."""
    texts = {name: told(name.capitalize()).lower() for name in (*EMOTIONS, "intensity")}
    texts |= {own.name: own.name for own in owner.s2f_character.own}
    keyed = ", ".join(
        text for name, text in texts.items() if curves.is_keyed_below(owner, curves.slider_path(owner, name))
    )
    if keyed:
        sentence(layout, context, told("Keyed in the NLA editor: {names}.", names=keyed), "KEYFRAME_HLT")


def draw_reads(layout: UILayout, context: Context, shares: Mapping[str, float]) -> None:
    """How the face looks to others, once that is known."""
    if not shares:
        return
    order = sorted(shares, key=shares.__getitem__, reverse=True)
    seen = [name for name in order[:3] if shares[name] >= LEAST]
    looks = ", ".join(f"{told(name.capitalize()).lower()} ({shares[name]:.0%})" for name in seen)
    sentence(layout, context, told("Looks {looks}.", looks=looks), "HIDE_OFF")


def _own(layout: UILayout, character: PropertyGroup) -> None:
    header, body = layout.panel("S2F_own", default_closed=True)
    header.label(text="Custom Emotions")
    if body is None:
        return
    row = body.row()
    if character.own:
        row.template_list("S2F_UL_own", "", character, "own", character, "own_index", rows=3)
    buttons = row.column(align=True) if character.own else body.row(align=True)
    buttons.operator("s2f.emotion_save", text="" if character.own else "Save Pose…", icon="ADD")
    if character.own:
        buttons.operator("s2f.emotion_remove", text="", icon="REMOVE")
    buttons.menu("S2F_MT_saved_emotions", text="" if character.own else "Saved", icon="DOWNARROW_HLT")
    if 0 <= character.own_index < len(character.own):
        times = body.row(align=True)
        times.prop(character.own[character.own_index], "onset")
        times.prop(character.own[character.own_index], "release")


def _voice(layout: UILayout, context: Context, character: PropertyGroup) -> None:
    header, body = layout.panel("S2F_voice", default_closed=True)
    header.label(text="From the Voice")
    if body is None:
        return
    settings = context.scene.s2f
    if models.chosen().fusion:
        sentence(body, context, "The model in the preferences weighs voice and words.", "INFO")
    body.prop(settings, "feel_amount", slider=True)
    body.operator("s2f.feel", text="Key Emotion Sliders", icon="KEY_HLT")
    known = character.voice_of
    against = told("Heard against {voice}.", voice=known) if known else "Heard against the average of many people."
    sentence(body, context, against, "USER")
    row = body.row(align=True)
    row.operator("s2f.voice_file", icon="FILE_FOLDER")
    row.operator("s2f.voice_lines", icon="FILE_SOUND")
    if known:
        row.operator("s2f.voice_forget", text="", icon="X")
    row = body.row()
    row.prop(settings, "show_strip")
    row.operator("s2f.read_face", icon="HIDE_OFF")
    if character.felt_by:
        by = f"Last filled by {character.felt_by}"
        sentence(body, context, f"{by}, research: not for commercial use" if character.felt_track == "research" else by)
    for event in character.events:
        row = body.row()
        row.prop(event, "on", text="")
        row.label(text=event.kind.capitalize())
        row.operator("s2f.go_to", text=f"{event.first:.0f} – {event.last:.0f}", icon="TIME", emboss=False).frame = (
            event.first
        )
    if character.sentences:
        body.template_list(
            "S2F_UL_sentences", "", character, "sentences", character, "sentence_index", rows=3
        )  # fmt: skip
    draw_emotion_warnings(body, context)


def _clips(layout: UILayout, character: PropertyGroup) -> None:
    header, body = layout.panel("S2F_clips", default_closed=True)
    header.label(text="Emotion Strips")
    if body is None:
        return
    row = body.row()
    row.template_list("S2F_UL_clips", "", character, "clips", character, "clip_index", rows=3)
    buttons = row.column(align=True)
    for operator, icon in (("clip_add", "ADD"), ("clip_remove", "REMOVE"), ("clip_duplicate", "DUPLICATE")):
        buttons.operator(f"s2f.{operator}", text="", icon=icon)
    if not 0 <= character.clip_index < len(character.clips):
        return
    move = body.row(align=True)
    move.operator("s2f.clip_move", text="", icon="TRIA_LEFT").to = "EARLIER"
    move.operator("s2f.clip_move", text="To the Playhead").to = "PLAYHEAD"
    move.operator("s2f.clip_move", text="", icon="TRIA_RIGHT").to = "LATER"
    clip = character.clips[character.clip_index]
    column = body.column(align=True)
    column.use_property_split = True
    column.use_property_decorate = False
    for name in ("emotion", "strength", "start", "end", "fade_in", "fade_out"):
        column.prop(clip, name)


CLASSES = (S2F_UL_clips, S2F_UL_sentences, S2F_UL_own, S2F_MT_saved_emotions)
