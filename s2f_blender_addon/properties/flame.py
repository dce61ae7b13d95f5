"""object.s2f_flame: how a FLAME head is driven, kept on its mesh object."""

import bpy
from bpy.props import EnumProperty, StringProperty

OVERRIDE = {"LIBRARY_OVERRIDABLE"}


class S2FFlame(bpy.types.PropertyGroup):
    """See ``rigs.flame.kept``."""

    way: EnumProperty(
        name="Driven by",
        items=(
            ("NONE", "Not Chosen", "Nobody has said yet how this head is driven"),
            ("EXP", "Expressions and Bones", "Its own expressions, with jaw, eyes and neck as bones"),
            ("KEYS", "Added Keys", "52 keys of their own, which are added to the mesh"),
        ),
        override=OVERRIDE,
    )  # fmt: skip
    fit: StringProperty(name="Fit", description="How channels are shown by expressions and jaw", override=OVERRIDE)


CLASSES = (S2FFlame,)
