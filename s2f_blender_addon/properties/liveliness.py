"""How lively a face is: settings of the scene that the model process gets with the sound."""


from bpy.props import FloatProperty
from bpy.types import PropertyGroup

from ..core.liveliness import PARTS, STRONGEST, Liveliness


def life_properties() -> dict[str, object]:
    """Annotations of scene.s2f."""
    return {
        f"life_{name}": FloatProperty(
            name=part.title, description=f"{part.about}; 0 is none", min=0.0, max=STRONGEST, default=1.0
        )
        for name, part in PARTS.items()
    }


def liveliness(settings: PropertyGroup) -> Liveliness:
    """What the sliders say."""
    return Liveliness(**{name: round(float(getattr(settings, f"life_{name}")), 4) for name in PARTS})
