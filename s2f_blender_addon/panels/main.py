"""The panel: sound, character, Bake and what came of it, always in view; below them whatever can be unfolded."""


import bpy
from bpy.types import Context, PropertyGroup, UILayout

from .. import lines, session, workplace
from ..bake.sound_strip import heard_sounds
from ..core.channels import CHANNELS
from ..emotion.sliders import owner_of
from ..operators import add_keys
from ..operators.readiness import target_of, why_no_bake
from ..packed_sound import is_packed
from ..properties.mix import draw_mix
from ..user_path import absolute, is_there
from .abilities import shortcomings
from .bare import draw_bare
from .coverage import Coverage, coverage
from .emotion import draw_emotion, draw_reads
from .flame import draw_flame
from .keymap import draw_map
from .lines import draw_lines
from .liveliness import draw_liveliness
from .model import draw_model
from .progress import draw_progress
from .takes import draw_takes
from .text import sentence, told
from .where import draw_where
from .words import draw_heard, draw_words


class S2F_PT_main(bpy.types.Panel):
    """The whole job in one panel"""

    bl_label = "Speech2Face"
    bl_idname = "S2F_PT_main"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Speech2Face"

    def draw(self, context: Context) -> None:
        layout = self.layout
        settings = context.scene.s2f
        _sound(layout.column(), context, settings)
        _character(layout.column(), context, settings)
        _bake(layout.column(), context)
        _outcome(layout.column(), context)
        draw_takes(layout, context)
        draw_lines(layout, context)
        draw_words(layout, context)
        draw_emotion(layout, context)
        draw_liveliness(layout, context)
        draw_model(layout, context)
        _timing(layout, settings)
        draw_map(layout, context)
        _tracks(layout)


def _sound(layout: UILayout, context: Context, settings: PropertyGroup) -> None:
    row = layout.row(align=True)
    row.prop(settings, "audio_path", text="", icon="SOUND", placeholder="Sound")
    row.operator("s2f.choose_sound", text="", icon="FILE_FOLDER")
    path = absolute(settings.audio_path)
    if path and not is_there(path):
        packed = is_packed(path)
        said = "This file is packed in the .blend alone." if packed else "This file does not exist."
        sentence(layout, context, said, "PACKAGE" if packed else "ERROR")
    strips = [s.strip.name for s in heard_sounds(context.scene) if not s.silent][:4] if not settings.audio_path else []
    for name in strips:
        layout.operator("s2f.use_strip", text=f"Use “{name}” from Sequencer", icon="SEQUENCE").strip = name


def _character(layout: UILayout, context: Context, settings: PropertyGroup) -> None:
    layout.prop(settings, "target", text="", icon="USER", placeholder="Character")
    target = target_of(context)
    if target is None:
        sentence(layout, context, "Choose a mesh with shape keys, or try it on our own character:", "INFO")
        layout.operator("s2f.add_demo_head", text="Add Demo Head", icon="ADD")
        draw_bare(layout, context)
        return
    found = coverage(target)
    if found.problem:
        sentence(layout, context, found.problem, "ERROR")
        draw_bare(layout, context)
        return
    name = "" if settings.target else f"{target.name}: "
    icon = "CHECKMARK" if not found.missing else "INFO"
    parts = told("{count} meshes", count=len(found.meshes)) if len(found.meshes) != 1 else found.meshes[0]
    bones = told(" and {count} bones", count=found.bones) if found.bones > 1 else told(" and 1 bone")
    sentence(layout, context, f"{name}{_covered(found)}, {parts}{bones if found.bones else ''}", icon)
    if len(found.meshes) > 1:
        sentence(layout, context, ", ".join(found.meshes), "BLANK1")
    if found.guesses:
        guessed = "1 key is a guess" if found.guesses == 1 else f"{found.guesses} keys are guesses"
        sentence(layout, context, f"{guessed}: look at the key map.", "QUESTION")
    for note in found.notes:
        sentence(layout, context, note, "QUESTION")
    if found.way or not found.flame:
        for said in shortcomings(found.missing):
            sentence(layout, context, said, "BLANK1")
    draw_flame(layout, context, found)
    if found.missing and not found.flame and (context.active_object == target or add_keys.running is not None):
        draw_bare(layout, context)


def _covered(found: Coverage) -> str:
    """How many channels the character has, and what else there is to say of them."""
    return told("{present} of {all} channels", present=len(CHANNELS) - len(found.missing), all=len(CHANNELS)) + (
        found.line.partition(" channels")[2]
    )


def _timing(layout: UILayout, settings: PropertyGroup) -> None:
    header, body = layout.panel("S2F_options", default_closed=True)
    header.label(text="Timing and Keys", icon="OPTIONS")
    if body is None:
        return
    body.use_property_split = True
    body.use_property_decorate = False
    body.prop(settings, "start_frame")
    if settings.start_shift:
        body.prop(settings, "start_shift")
    part = body.column(align=True)
    part.prop(settings, "sound_start", text="Sound from")
    part.prop(settings, "sound_end", text="to")
    body.prop(settings, "frame_range")
    if settings.frame_range == "FRAMES":
        ends = body.column(align=True)
        ends.prop(settings, "range_first")
        ends.prop(settings, "range_last", text="Last")
    body.prop(settings, "keys")
    draw_mix(body, settings)
    body.prop(settings, "put_sound")
    body.prop(settings, "extend")


def _bake(layout: UILayout, context: Context) -> None:
    layout.separator()
    running = session.current.jobs.running
    if running is not None:
        sentence(layout, context, running.doing, "SORTTIME")
        draw_progress(layout.row(align=True), running)
        return
    reason = why_no_bake(context)
    row = layout.row()
    row.scale_y = 1.6
    row.operator("s2f.bake", icon="REC")
    if reason and reason != workplace.why_nowhere():
        sentence(layout, context, f"{reason}.", "INFO")
    draw_where(layout, context)


def _outcome(layout: UILayout, context: Context) -> None:
    target, busy = target_of(context), session.current.jobs.busy
    owner = owner_of(target)
    line = lines.chosen(owner) if owner is not None else None
    outcome = session.current.shown.of(line.ident if line is not None else "")
    if outcome.error:
        box = layout.box()
        sentence(box, context, outcome.error, "ERROR")
        box.operator("s2f.copy_report", icon="COPYDOWN")
    elif outcome.baked is not None and not busy:
        report = outcome.baked
        frames = {"first": f"{report.first:g}", "last": f"{report.last:g}"}
        written = told("{keys} keys, frames {first} to {last}", keys=f"{report.keys:,}", **frames)
        layout.label(text=written, icon="CHECKMARK", translate=False)
        playing = context.screen is not None and context.screen.is_animation_playing
        layout.operator("s2f.play", text="Pause" if playing else "Play", icon="PAUSE" if playing else "PLAY")
        draw_heard(layout, context, outcome.heard)
        draw_reads(layout, context, outcome.reads)
        above = coverage(target).notes if target is not None else ()
        for note in (outcome.assumed, *report.notes):
            if note and note not in above:
                sentence(layout, context, note, "INFO")
    if outcome.notice and not outcome.error and not busy:
        sentence(layout, context, outcome.notice, "INFO")


def _tracks(layout: UILayout) -> None:
    header, body = layout.panel("S2F_tracks", default_closed=True)
    header.label(text="Tracks", icon="FILE")
    if body is not None:
        body.operator("s2f.apply", text="Write Last Speech Again", icon="FILE_REFRESH")
        body.operator("s2f.import_track", icon="IMPORT")
        body.operator("s2f.export_track", icon="EXPORT")
        body.operator("s2f.export", icon="EXPORT")


CLASSES = (S2F_PT_main,)
