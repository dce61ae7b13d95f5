"""Who speaks what: voices of one recording and strips of the sequencer, each given to a character."""

from typing import Any

import bpy
from bpy.props import CollectionProperty, EnumProperty, PointerProperty, StringProperty
from bpy.types import Object

from ..bake import compat
from ..rigs.character import can_be_character


def _can_speak(_: object, candidate: Object) -> bool:
    return can_be_character(candidate)


def _speaker(description: str) -> Any:
    return PointerProperty(name="Character", description=description, type=Object, poll=_can_speak)


class S2FVoice(bpy.types.PropertyGroup):
    """Somebody who speaks in the recording; ``turns`` are stretches of it, as text."""

    name: StringProperty(name="Voice")
    turns: StringProperty(name="Turns")
    speaker: _speaker("Who speaks with this voice; a line is made for it")


def cast_properties() -> dict[str, object]:
    """Annotations of scene.s2f."""
    return {
        "ear": EnumProperty(
            name="Listen to", description="What of the recording the line hears", default="all",
            items=[
                ("all", "All", "Everything that is heard"),
                ("left", "Left", "The left channel alone"),
                ("right", "Right", "The right channel alone"),
                ("louder", "Loudest", "The loudest channel alone"),
                ("nearest", "Nearest voice", "All channels, without who is 12 dB softer than this line: people and a "
                 "television behind; soft lines of its own are left out, too"),
            ],
        ),
        "turns": StringProperty(
            name="Speaks at",
            description="Stretches of the recording in which this character speaks, such as 0-3.2, 1:05-1:09; what "
            "else is heard moves nothing. Empty is all of it",
        ),
        "voices": CollectionProperty(type=S2FVoice),
    }  # fmt: skip


def attach() -> None:
    """Let strips have a speaker."""
    compat.STRIP.s2f_speaker = _speaker("Who speaks this sound; a line is made for it")


def detach() -> None:
    """Undo ``attach``."""
    del compat.STRIP.s2f_speaker


CLASSES = (S2FVoice,)
