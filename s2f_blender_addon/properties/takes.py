"""Takes: how many performances a bake makes, and those that a line keeps."""


import bpy
from bpy.props import CollectionProperty, IntProperty, StringProperty

from ..core.request import MOST_TAKES

OVERRIDE = {"LIBRARY_OVERRIDABLE"}


class S2FTake(bpy.types.PropertyGroup):
    """One performance of a line; ``track`` is what the model made, ``drive`` what another mood needs, packed."""

    name: StringProperty(name="Take", override=OVERRIDE)
    track: StringProperty(override=OVERRIDE)
    drive: StringProperty(override=OVERRIDE)


def take_properties() -> dict[str, object]:
    """Annotations of a line: its takes, the number of the one on the face, and the row that its list shows."""
    return {
        "takes": CollectionProperty(type=S2FTake, override={"LIBRARY_OVERRIDABLE", "USE_INSERTION"}),
        "take": IntProperty(override=OVERRIDE),
        "take_row": IntProperty(name="Take", override=OVERRIDE),
    }


def takes_property() -> dict[str, object]:
    """Annotation of scene.s2f."""
    return {
        "takes": IntProperty(
            name="Takes", min=1, max=MOST_TAKES, soft_max=8, default=1,
            description="How many performances of the line Bake makes, to choose from: with other lips, brows and eyes",
        )
    }  # fmt: skip


CLASSES = (S2FTake,)
