"""The options of a bake that need no new inference: settings of the scene, and the redo panel of ``s2f.apply``."""


from bpy.props import BoolProperty, FloatProperty, IntProperty
from bpy.types import UILayout, bpy_struct

MIXED = ("intensity", "smoothing", "mouth", "jaw", "lips", "brow", "eye", "offset", "error", "widen")
"""Their names, on scene.s2f and on the operator alike."""


def mix_properties(**common: object) -> dict[str, object]:
    """Annotations for a class that has them; ``common`` goes to every property."""
    return {
        "intensity": FloatProperty(
            name="Intensity", description="How strongly the emotions show; 0 is neutral, 2 exaggerated",
            min=0.0, max=2.0, default=1.0, **common,
        ),
        "smoothing": FloatProperty(
            name="Smoothing", description="Time over which curves are softened; closed lips stay closed",
            min=0.0, max=0.5, step=1, precision=3, unit="TIME_ABSOLUTE", **common,
        ),
        "mouth": _strength("Mouth Strength", "How far jaw, lips and tongue move", common),
        "jaw": _strength("Jaw Strength", "How far the jaw alone moves; lips that close still meet", common),
        "lips": _strength("Lip Strength", "How far the lips alone round, spread and part", common),
        "brow": _strength("Brow Strength", "How far the brows move", common),
        "eye": _strength("Eye Strength", "How far lids and gaze move", common),
        "offset": IntProperty(
            name="Offset", description="Frames by which the face comes after the sound; animators like -1 or -2",
            soft_min=-5, soft_max=5, **common,
        ),
        "error": FloatProperty(
            name="Curve Error", description="How far curves with few keys may be from what was heard, at any frame",
            min=0.0005, max=0.2, default=0.005, step=0.1, precision=4, **common,
        ),
        "widen": BoolProperty(
            name="Widen Sliders", description="Widen the range of a key's slider where values leave it, else cut them",
            **common,
        ),
    }  # fmt: skip


def _strength(name: str, description: str, common: dict[str, object]) -> object:
    return FloatProperty(name=name, description=description, min=0.0, max=2.0, default=1.0, **common)


def draw_mix(layout: UILayout, owner: bpy_struct) -> None:
    """All of them but the intensity, which has its place beside the emotions."""
    layout.prop(owner, "offset")
    layout.prop(owner, "smoothing")
    strengths = layout.column(align=True)
    for region in ("mouth", "jaw", "lips", "brow", "eye"):
        strengths.prop(owner, region, slider=True)
    layout.prop(owner, "error")
    layout.prop(owner, "widen")
