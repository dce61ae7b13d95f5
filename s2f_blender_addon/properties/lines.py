"""object.s2f_character.lines: what a character says in the shot, one sound after another."""


import bpy
from bpy.props import BoolProperty, FloatProperty, IntProperty, StringProperty

from .. import lines
from .takes import take_properties

OVERRIDE = {"LIBRARY_OVERRIDABLE"}


class S2FLine(bpy.types.PropertyGroup):
    """One sound on one character.

    ``ident`` is its name in records of bakes; ``settings`` are those of scene.s2f that go with it, as JSON; ``track``
    is what the model made, packed; ``first`` and ``last`` are the scene frames on which it plays, ``placed`` the start
    frame of its latest bake, ``shift`` the frames after that at which its sound begins, ``rate`` the frames a second
    then, 0 where that is not known.
    """

    name: StringProperty(name="Line", override=OVERRIDE)
    ident: StringProperty(override=OVERRIDE)
    audio_path: StringProperty(override=OVERRIDE)
    start_frame: IntProperty(override=OVERRIDE)
    placed: IntProperty(override=OVERRIDE)
    shift: FloatProperty(override=OVERRIDE)
    rate: FloatProperty(override=OVERRIDE)
    settings: StringProperty(override=OVERRIDE)
    track: StringProperty(override=OVERRIDE)
    first: FloatProperty(override=OVERRIDE)
    last: FloatProperty(override=OVERRIDE)
    baked: BoolProperty(override=OVERRIDE)
    drive: StringProperty(description="What another mood needs, packed", override=OVERRIDE)
    words: StringProperty(description="What was heard in it, as JSON", override=OVERRIDE)
    moves: StringProperty(description="Words that were moved, as JSON", override=OVERRIDE)
    waiting: StringProperty(description="Moves of words that are not said now, as JSON", override=OVERRIDE)
    blinks: StringProperty(description="Blinks that were placed and removed, as JSON", override=OVERRIDE)
    mute: BoolProperty(
        name="Mute", description="Take the line off the face and silence its strip; baking it brings it back",
        update=lines.mute_update, override=OVERRIDE,
    )  # fmt: skip


S2FLine.__annotations__.update(take_properties())


def line_properties() -> dict[str, object]:
    """Annotations of object.s2f_character."""
    return {
        "lines": bpy.props.CollectionProperty(type=S2FLine, override={"LIBRARY_OVERRIDABLE", "USE_INSERTION"}),
        "line_index": IntProperty(
            name="Line", description="The line that is shown and baked", update=lines.index_update, override=OVERRIDE
        ),
        "shown_line": StringProperty(override=OVERRIDE),
        "named": StringProperty(description="What it was called when its lines got idents", override=OVERRIDE),
    }
