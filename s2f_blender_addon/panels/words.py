"""What is said, where the user knows it."""


from bpy.types import Context, UILayout

from ..user_path import absolute, is_there
from ..words.languages import name_of, why_not
from .text import sentence


def draw_heard(layout: UILayout, context: Context, heard: str) -> None:
    """How many words the bake found; nothing where none were given."""
    if heard:
        sentence(layout, context, f"{heard}.", "FONT_DATA")


def draw_words(layout: UILayout, context: Context) -> None:
    """The foldable part of the main panel."""
    settings = context.scene.s2f
    header, body = layout.panel("S2F_words", default_closed=True)
    header.label(text="Words", icon="FONT_DATA")
    if body is None:
        return
    body.row().prop(settings, "words_from", expand=True)
    if settings.words_from == "LINE":
        row = body.row(align=True)
        row.prop(settings, "words_line", text="", placeholder="What is said, if you know it")
        row.operator("s2f.words_text", text="", icon="TEXT")
    elif settings.words_from == "TEXT":
        body.template_ID(settings, "words_text", new="s2f.words_text", open="text.open")
    else:
        body.prop(settings, "words_file", text="", placeholder="Text, subtitles, words with times")
        if settings.words_file and not is_there(absolute(settings.words_file)):
            sentence(body, context, "This file does not exist.", "ERROR")
    body.operator("s2f.recognise", icon="REC")
    row = body.row(align=True)
    row.label(text="Language:")
    row.operator("s2f.words_language", text=name_of(settings.words_language), icon="DOWNARROW_HLT")
    reason = why_not(settings.words_language)
    if reason:
        sentence(body, context, reason, "ERROR")
    row = body.row(align=True)
    row.prop(settings, "words_markers")
    row.operator("s2f.words_clear_markers", text="", icon="X")
    row = body.row(align=True)
    row.operator("s2f.words_mark", icon="MARKER")
    row.operator("s2f.words_realign")
    row.operator("s2f.words_back", text="", icon="LOOP_BACK")
