"""scene.s2f: what Bake uses."""


import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, PointerProperty, StringProperty
from bpy.types import Context, Object, PropertyGroup

from .. import lines, session, workplace
from ..emotion.sliders import SHARED, scene_update, target_update
from ..rigs.character import can_be_character
from .cast import cast_properties
from .emotion import feel_properties
from .liveliness import liveliness_properties
from .mix import mix_properties
from .model import model_properties
from .style import style_properties
from .takes import takes_property
from .words import words_properties


def _can_be_target(_: PropertyGroup, candidate: Object) -> bool:
    return can_be_character(candidate)


def _sound_chosen(settings: PropertyGroup, _: Context) -> None:
    """Somebody typed a path: the model may start while they go on."""
    lines.another_sound(settings)
    if settings.audio_path and not bpy.app.background and workplace.is_here():
        session.current.link.warm()


def _target_chosen(settings: PropertyGroup, _: Context) -> None:
    lines.target_update(settings, target_update)


class S2FSettings(bpy.types.PropertyGroup):
    """scene.s2f: what Bake uses. Emotions (0-1) and intensity (0-2) are a copy of the character's."""

    audio_path: StringProperty(
        name="Sound", description="The recording that the character speaks, in any format that Blender plays",
        update=_sound_chosen,
    )  # fmt: skip
    target: PointerProperty(
        name="Character", description="A mesh of the face, or the armature or empty that its meshes belong to",
        type=bpy.types.Object, poll=_can_be_target, update=_target_chosen,
    )  # fmt: skip
    shown: PointerProperty(type=bpy.types.Object, description="Whose sliders the scene's are a copy of")
    carried: StringProperty(description="What was shown of the line of the character before, as JSON")
    seed: IntProperty(
        name="Seed", description="Another number gives other blinks and glances; the same number the same ones", min=0,
    )  # fmt: skip
    start_frame: IntProperty(
        name="Start Frame", description="The scene frame at which the sound begins", default=1,
    )  # fmt: skip
    start_shift: FloatProperty(
        name="Shift", description="Time after the start frame at which the sound begins, as its strip has it",
        unit="TIME_ABSOLUTE", precision=4,
    )  # fmt: skip
    sound_start: FloatProperty(
        name="From", description="Time in the recording to begin with", min=0.0, unit="TIME_ABSOLUTE",
    )  # fmt: skip
    sound_end: FloatProperty(
        name="To", description="Time in the recording to end with; 0 is its end", min=0.0, unit="TIME_ABSOLUTE",
    )  # fmt: skip
    frame_range: EnumProperty(
        name="Write", description="Which frames get keys", default="CLIP",
        items=[
            ("CLIP", "Whole Sound", "All frames of the recording"),
            ("SCENE", "Scene Range", "Frames in the scene's (preview) range; an earlier bake stays outside of it"),
            ("FRAMES", "Chosen Frames", "Frames between two that you choose; an earlier bake stays outside of them"),
        ],
    )  # fmt: skip
    range_first: IntProperty(name="First Frame", description="The first frame that is written", default=1)
    range_last: IntProperty(name="Last Frame", description="The last frame that is written", default=100)
    keys: EnumProperty(
        name="Keys", description="Where keys lie in time", default="CURVES",
        items=[
            ("CURVES", "Few, with Curves", "Bézier curves with as few keys as show every frame right; easy to edit"),
            ("FRAMES", "Every Frame", "One key on each scene frame; short lip closures land on a frame"),
            ("TWOS", "On Twos", "One key on every second frame, held till the next"),
            ("TRACK", "60 a Second", "One key for each sample of the model, between scene frames too"),
        ],
    )  # fmt: skip
    edits: EnumProperty(
        name="Your Edits", description="What becomes of keys that you have moved, added or deleted since the bake",
        default="OFFSET",
        items=[
            ("OFFSET", "Kept as Changes", "The difference that you made is made to the new keys, too"),
            ("REPLACE", "Kept as They Are", "Where you have changed something, it stays exactly so"),
        ],
    )  # fmt: skip
    region: EnumProperty(
        name="Part of the Face", description="What a bake writes; the rest of the face stays as it is", default="ALL",
        items=[
            ("ALL", "Whole Face", "Mouth, eyes, brows and whatever else there is"),
            ("MOUTH", "Mouth Only", "Jaw, lips and tongue, under a captured or animated upper face"),
            ("UPPER", "Upper Face Only", "Eyes, brows, cheeks and nose, above a captured or animated mouth"),
        ],
    )  # fmt: skip
    head: BoolProperty(
        name="Head and Breath", default=True,
        description="Nod and sway head and neck with the voice and lift the chest, on top of their own animation",
    )  # fmt: skip
    put_sound: BoolProperty(
        name="Sound in Sequencer", description="Add the recording to the scene's sequencer at the start frame",
        default=True,
    )  # fmt: skip
    extend: BoolProperty(
        name="Extend Scene", description="Move the scene's last frame to the end of the sound if that is later",
        default=True,
    )  # fmt: skip


S2FSettings.__annotations__.update(mix_properties() | liveliness_properties() | feel_properties() | words_properties())
S2FSettings.__annotations__.update(model_properties() | takes_property() | style_properties() | cast_properties())
S2FSettings.__annotations__.update({
    name: FloatProperty(
        name=name.removeprefix("emotion_").capitalize(), description="The same slider of the character",
        min=0.0, max=2.0 if name == "intensity" else 1.0, default=1.0 if name == "intensity" else 0.0,
        subtype="NONE" if name == "intensity" else "FACTOR", update=scene_update(name),
    )
    for name in SHARED
})  # fmt: skip

CLASSES = (S2FSettings,)
