"""object.s2f_landmarks: where the features of a head are, from which its keys are made."""

import bpy
from bpy.props import BoolProperty, CollectionProperty, FloatVectorProperty


class S2FLandmark(bpy.types.PropertyGroup):
    """A landmark: its ``name``, see ``carry.NAMES``, and its place in the coordinates of the object."""

    co: FloatVectorProperty(name="Place", size=3, subtype="TRANSLATION", precision=4)
    seen: BoolProperty(name="Placed", description="Somebody has placed it, so that proposals leave it alone")


class S2FLandmarks(bpy.types.PropertyGroup):
    """object.s2f_landmarks of the mesh of a face."""

    items: CollectionProperty(type=S2FLandmark)
    mirror: BoolProperty(name="Mirror", description="Place both sides of the face at once", default=True)


CLASSES = (S2FLandmark, S2FLandmarks)
