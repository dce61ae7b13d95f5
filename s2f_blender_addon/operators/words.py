"""Words: a text to edit in several lines, and markers that go away again."""


import bpy
from bpy.props import EnumProperty
from bpy.types import Context, Event

from ..words import heard
from ..words.languages import ENGLISH, choices
from .base import Operator


class S2F_OT_words_text(Operator, bpy.types.Operator):
    """Make a text of this file for the words and show it in an open Text Editor"""

    bl_idname = "s2f.words_text"
    bl_label = "New Text"

    def run(self, context: Context) -> str:
        """What is typed in the line becomes its content."""
        settings = context.scene.s2f
        text = bpy.data.texts.new("Words")
        text.write(settings.words_line)
        settings.words_text, settings.words_from = text, "TEXT"
        editors = [a for w in context.window_manager.windows for a in w.screen.areas if a.type == "TEXT_EDITOR"]
        for area in editors[:1]:
            area.spaces.active.text = text
        return "" if editors else f"Open a Text Editor and choose {text.name} to edit it"


_items: list[tuple[str, str, str]] = []
"""Blender reads the texts of an enumeration from memory that Python has to keep."""


def _languages(_: object, __: object) -> list[tuple[str, str, str]]:
    found = sorted(choices().items(), key=lambda one: (one[0] not in ENGLISH, one[1]))
    _items[:] = [(code, name, code) for code, name in found]
    return _items


class S2F_OT_words_language(Operator, bpy.types.Operator):
    """Choose the language of the words from a list; besides English it holds what espeak-ng on this computer speaks"""

    bl_idname = "s2f.words_language"
    bl_label = "Language"
    bl_property = "language"

    language: EnumProperty(name="Language", items=_languages)

    def invoke(self, context: Context, event: Event) -> set[str]:
        """Open the list, with a field to search in it. The model tells of languages once it runs."""
        context.window_manager.invoke_search_popup(self)
        return {"FINISHED"}

    def run(self, context: Context) -> str:
        context.scene.s2f.words_language = self.language
        return ""


class S2F_OT_words_clear_markers(Operator, bpy.types.Operator):
    """Take away all markers that baking put at words; your own markers stay"""

    bl_idname = "s2f.words_clear_markers"
    bl_label = "Clear Word Markers"

    @classmethod
    def why_not(cls, context: Context) -> str:
        there = heard.any_marked(context.scene)
        return "" if there else "There are no markers at words"

    def run(self, context: Context) -> str:
        """All frames."""
        heard.clear(context.scene)
        return ""


CLASSES = (S2F_OT_words_text, S2F_OT_words_language, S2F_OT_words_clear_markers)
