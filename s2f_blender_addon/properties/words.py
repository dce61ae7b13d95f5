"""Settings of the scene about the words."""


import bpy
from bpy.props import BoolProperty, EnumProperty, PointerProperty, StringProperty
from bpy.types import Context, PropertyGroup

from .. import lines, session
from ..bake import compat
from ..emotion.sliders import owner_of
from ..words.languages import choices


def _edited(settings: PropertyGroup, _: Context) -> None:
    owner = owner_of(settings.target)
    line = lines.chosen(owner) if owner is not None else None
    if line is not None and not lines.showing():
        session.current.shown.forget_words(line.ident)


def _languages(_: object, __: object, text: str) -> list[tuple[str, str]]:
    found = choices().items()
    return [(code, name) for code, name in found if text.lower() in code or text.lower() in name.lower()]


def words_properties() -> dict[str, object]:
    """Annotations of scene.s2f."""
    return {
        "words_from": EnumProperty(
            name="Words From", description="Where it is written what the recording says", update=_edited,
            items=[
                ("LINE", "Typed", "Type or paste it here"),
                ("TEXT", "Text", "A text of this file, edited in Blender's Text Editor"),
                ("FILE", "File", "A text, a script, subtitles, or words with times from a recogniser or aligner"),
            ],
        ),
        "words_line": StringProperty(
            name="Words", description="What the recording says; the lips then follow the words", update=_edited
        ),
        "words_text": PointerProperty(
            name="Text", description="What the recording says, or its subtitles", type=bpy.types.Text, update=_edited
        ),
        "words_file": StringProperty(
            name="File", description="What it says: text, subtitles, Whisper's JSON, a TextGrid", subtype="FILE_PATH",
            options=compat.PATH_OPTIONS, update=_edited,
        ),
        "words_language": StringProperty(
            name="Language", description="Of the words: en is built in, others need espeak-ng", default="en",
            search=_languages, update=_edited,
        ),
        "words_markers": BoolProperty(
            name="Markers at Words", description="Put a timeline marker where each word begins when the speech is baked"
        ),
    }  # fmt: skip
