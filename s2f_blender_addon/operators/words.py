"""Words: a text to edit in several lines, and markers that go away again."""

from typing import Any

import bpy

from ..words import heard


class S2F_OT_words_text(bpy.types.Operator):
    """Make a text of this file for the words and show it in an open Text Editor"""

    bl_idname = "s2f.words_text"
    bl_label = "New Text"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def execute(self, context: Any) -> set[str]:
        """What is typed in the line becomes its content."""
        settings = context.scene.s2f
        text = bpy.data.texts.new("Words")
        text.write(settings.words_line)
        settings.words_text, settings.words_from = text, "TEXT"
        editors = [a for w in context.window_manager.windows for a in w.screen.areas if a.type == "TEXT_EDITOR"]
        for area in editors[:1]:
            area.spaces.active.text = text
        if not editors:
            self.report({"INFO"}, f"Open a Text Editor and choose {text.name} to edit it")
        return {"FINISHED"}


class S2F_OT_words_clear_markers(bpy.types.Operator):
    """Take away all markers that baking put at words; your own markers stay"""

    bl_idname = "s2f.words_clear_markers"
    bl_label = "Clear Word Markers"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        there = any(heard.is_word(marker.name) for marker in context.scene.timeline_markers)
        if not there:
            cls.poll_message_set("There are no markers at words")
        return there

    def execute(self, context: Any) -> set[str]:
        """All frames."""
        heard.clear(context.scene)
        return {"FINISHED"}


CLASSES = (S2F_OT_words_text, S2F_OT_words_clear_markers)
