"""Words: a text to edit in several lines, and markers that go away again."""


from pathlib import Path

import bpy
from bpy.props import EnumProperty
from bpy.types import Context, Event

from .. import session, workplace
from ..core.messages import Transcribe, Transcribed
from ..core.request import Request
from ..core.subtitles import to_srt
from ..identity import saved_preferences
from ..process.job import Job
from ..user_path import absolute
from ..words import heard
from ..words.languages import ENGLISH, choices
from .base import Operator
from .listen import sound_path
from .readiness import why_no_sound


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


class S2F_OT_recognise(Operator, bpy.types.Operator):
    """Write down what the sound says, with times, by the Whisper model that the preferences name"""

    bl_idname = "s2f.recognise"
    bl_label = "Write Down"
    bl_options = {"REGISTER"}  # noqa: RUF012

    @classmethod
    def why_not(cls, context: Context) -> str:
        if missing := why_no_sound(context):
            return missing
        if not workplace.is_here():
            return "A recogniser of yours works on this computer alone; switch the server off"
        return "" if recogniser() else "Name a Whisper model of yours as Recogniser in the add-on's preferences"

    def run(self, context: Context) -> str:
        """A text with subtitles becomes the words once the model has heard the sound."""
        path, scene = sound_path(context.scene.s2f), context.scene.name
        order = Transcribe(0, Request(path, name=Path(path).name), recogniser())
        session.start([order], lambda jobs: _written(jobs[0], scene, Path(path).stem))
        return ""


def recogniser() -> str:
    """The path in the preferences; empty for none."""
    return absolute(str(getattr(saved_preferences(), "recogniser", "") or ""))


def _written(job: Job, scene: str, name: str) -> None:
    found = bpy.data.scenes.get(scene)
    if found is None or not isinstance(job.answer, Transcribed):
        return
    if not job.answer.cues:
        session.current.shown.tell("No words are heard in the sound.")
        return
    text = bpy.data.texts.new(f"Words of {name}")
    text.write(to_srt(job.answer.cues))
    settings = found.s2f
    settings.words_text, settings.words_from = text, "TEXT"
    if job.answer.language in choices():
        settings.words_language = job.answer.language
    session.current.shown.tell(f"{text.name} has what was understood; correct it where that is wrong, and bake.")


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


CLASSES = (S2F_OT_words_text, S2F_OT_recognise, S2F_OT_words_language, S2F_OT_words_clear_markers)
