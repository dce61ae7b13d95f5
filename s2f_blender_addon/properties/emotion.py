"""object.s2f_character: all that says what a character feels, library overrides included."""


import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)  # fmt: skip
from bpy.types import Context, PropertyGroup

from .. import lines, window
from ..core.custom_emotion import FASTEST, ONSET, RELEASE, SLOWEST
from ..core.emotions import EMOTIONS, RECORDS
from ..emotion import clips
from ..emotion.sliders import slider_update
from ..lines import tuned
from .lines import S2FLine, line_properties

OVERRIDE = {"LIBRARY_OVERRIDABLE"}
INSERT = {"LIBRARY_OVERRIDABLE", "USE_INSERTION"}


def _timed_anew(own: PropertyGroup, context: Context) -> None:
    """Times of an emotion of the user's own were changed: the face shows it where that is felt now."""
    if own.value > 0:
        lines.reheard(own, context)


class S2FCustomEmotion(bpy.types.PropertyGroup):
    """An emotion of the user's own on a character: a slider, and the pose that it shows at 1."""

    name: StringProperty(name="Name", override=OVERRIDE)
    value: FloatProperty(
        name="Strength", description="How much of this emotion the face shows", min=0.0, max=1.0, subtype="FACTOR",
        override=OVERRIDE, update=lines.reheard,
    )  # fmt: skip
    pose: StringProperty(name="Pose", description="Channels and their values, as JSON", override=OVERRIDE)
    onset: FloatProperty(
        name="Onset", description="Time in which it comes, at the quickest", min=FASTEST, max=SLOWEST, soft_max=4.0,
        default=ONSET, step=10, unit="TIME_ABSOLUTE", override=OVERRIDE, update=_timed_anew,
    )  # fmt: skip
    release: FloatProperty(
        name="Release", description="Time in which it goes, at the quickest", min=FASTEST, max=SLOWEST, soft_max=4.0,
        default=RELEASE, step=10, unit="TIME_ABSOLUTE", override=OVERRIDE, update=_timed_anew,
    )  # fmt: skip


def _emotions_of(clip: PropertyGroup, _: Context, text: str) -> list[str]:
    names = (*EMOTIONS, *(own.name for own in clip.id_data.s2f_character.own))
    return [name for name in names if text.lower() in name.lower()]


class S2FClip(bpy.types.PropertyGroup):
    """A stretch of the shot in which one emotion is felt; times are scene frames."""

    emotion: StringProperty(
        name="Emotion", description="What is felt", default=EMOTIONS[0], search=_emotions_of, update=clips.edited,
        override=OVERRIDE,
    )  # fmt: skip
    strength: FloatProperty(
        name="Strength", description="The slider at the strip's height", min=0.0, max=1.0, default=1.0,
        subtype="FACTOR", update=clips.edited, override=OVERRIDE,
    )  # fmt: skip
    start: FloatProperty(
        name="Start", description="Frame at which it begins to show", default=1.0, step=100, precision=1,
        update=clips.edited, override=OVERRIDE,
    )  # fmt: skip
    end: FloatProperty(
        name="End", description="Frame at which it is over", default=49.0, step=100, precision=1,
        update=clips.edited, override=OVERRIDE,
    )  # fmt: skip
    fade_in: FloatProperty(
        name="Fade In", description="Frames from its start to its height", min=0.0, default=8.0, step=100, precision=1,
        update=clips.edited, override=OVERRIDE,
    )  # fmt: skip
    fade_out: FloatProperty(
        name="Fade Out", description="Frames from its height to its end", min=0.0, default=12.0, step=100,
        precision=1, update=clips.edited, override=OVERRIDE,
    )  # fmt: skip
    on: BoolProperty(
        name="Use", description="Whether the strip writes keys", default=True, update=clips.edited, override=OVERRIDE
    )


class S2FVocalEvent(bpy.types.PropertyGroup):
    """A laugh, sigh, gasp or sob that was heard, on scene frames; the face acts it where it is used."""

    kind: EnumProperty(
        items=[("LAUGH", "Laugh", ""), ("SIGH", "Sigh", ""), ("GASP", "Gasp", ""), ("SOB", "Sob", "")],
        override=OVERRIDE,
    )  # fmt: skip
    first: FloatProperty(override=OVERRIDE)
    last: FloatProperty(override=OVERRIDE)
    on: BoolProperty(
        name="Act", description="Whether the face acts this sound", default=True, override=OVERRIDE,
        update=lines.reheard,
    )  # fmt: skip


class S2FSentence(bpy.types.PropertyGroup):
    """A sentence, the frame at which it is said, and what its words gave."""

    text: StringProperty(override=OVERRIDE)
    frame: FloatProperty(override=OVERRIDE)
    gave: StringProperty(override=OVERRIDE)


class S2FCharacter(bpy.types.PropertyGroup):
    """Emotions are 0-1, intensity 0-2; all of them can be animated."""

    intensity: FloatProperty(
        name="Intensity", description="How strongly the emotions show; 0 is neutral, 2 exaggerated",
        min=0.0, max=2.0, default=1.0, override=OVERRIDE, update=tuned(slider_update("intensity")),
    )  # fmt: skip
    side: EnumProperty(
        name="Contempt on the", description="The side of the face on which contempt shows", override=OVERRIDE,
        update=lines.reheard,
        items=[("LEFT", "Left", "The character's left"), ("RIGHT", "Right", "The character's right")],
    )  # fmt: skip
    gaze_mode: EnumProperty(
        name="Look at", description="Where the eyes look", override=OVERRIDE, update=lines.retuned,
        items=[
            ("NONE", "Nothing", "They look about by themselves"),
            ("CAMERA", "Camera", "At the active camera of the scene"),
            ("OBJECT", "Object", "At an object"),
        ],
    )  # fmt: skip
    gaze_at: PointerProperty(
        name="Object", description="What the eyes look at, wherever it moves", type=bpy.types.Object,
        override=OVERRIDE, update=lines.retuned,
    )  # fmt: skip
    gaze_amount: FloatProperty(
        name="Amount", description="How firmly the eyes look there; can be keyed", min=0.0, max=1.0, default=1.0,
        subtype="FACTOR", override=OVERRIDE, update=lines.retuned,
    )  # fmt: skip
    own: CollectionProperty(type=S2FCustomEmotion, override=INSERT)
    own_index: IntProperty(name="Emotion", override=OVERRIDE)
    clips: CollectionProperty(type=S2FClip, override=INSERT)
    clip_index: IntProperty(name="Clip", override=OVERRIDE)
    events: CollectionProperty(type=S2FVocalEvent, override=INSERT)
    sentences: CollectionProperty(type=S2FSentence, override=INSERT)
    sentence_index: IntProperty(name="Sentence", override=OVERRIDE)
    under_clips: StringProperty(
        name="Under Clips", description="What the sliders have where clips cover it, as JSON", override=OVERRIDE
    )
    voice_references: StringProperty(
        name="Voice", description="How the character ordinarily sounds, as JSON", override=OVERRIDE
    )
    voice_of: StringProperty(name="Voice of", description="What its voice was learned from", override=OVERRIDE)
    heard_sounds: StringProperty(description="Laughs and the like as they were heard, as JSON", override=OVERRIDE)
    felt_spans: StringProperty(description="Which frames the voice of each line has filled, as JSON", override=OVERRIDE)
    felt_by: StringProperty(name="Felt By", description="The model that filled the keys", override=OVERRIDE)
    felt_track: StringProperty(name="Licence Track", override=OVERRIDE)

    def poses(self) -> dict[str, str]:
        """The emotions of the user's own by name, each with its pose as JSON."""
        return {own.name: own.pose for own in self.own}


S2FCharacter.__annotations__.update(line_properties())
S2FCharacter.__annotations__.update({
    f"emotion_{name}": FloatProperty(
        name=name.capitalize(), description=record.about, min=0.0, max=1.0, subtype="FACTOR",
        override=OVERRIDE, update=tuned(slider_update(f"emotion_{name}")),
    )
    for name, record in RECORDS.items()
})  # fmt: skip


def feel_properties() -> dict[str, object]:
    """Annotations of scene.s2f: how much of what is heard becomes emotion."""
    return {
        "feel_amount": FloatProperty(
            name="Amount", description="How much of the emotion that is heard goes into the sliders",
            min=0.0, max=2.0, default=1.0, subtype="FACTOR",
        ),
        "show_strip": BoolProperty(
            name="Strip in the Timeline", default=True, update=lambda _settings, _context: window.redraw_timelines(),
            description="Show in colours what is felt when, the words, and what the face looks like; drag to change it",
        ),
    }  # fmt: skip


CLASSES = (S2FCustomEmotion, S2FClip, S2FVocalEvent, S2FSentence, S2FLine, S2FCharacter)
