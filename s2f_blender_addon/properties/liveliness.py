"""How lively a face is: settings of the scene that the model process gets with the sound."""

from typing import Any

from bpy.props import FloatProperty

from ..core.liveliness import Liveliness

ABOUT = {
    "blinks": ("Blinks", "How often the eyes blink; 1 is about 17 times a minute"),
    "gaze": ("Gaze", "How far the eyes look about, and the lids with them"),
    "brows": ("Brows", "How far the brows underline what is said"),
    "head": ("Head", "How far the head nods and sways; Turn Head puts that on a bone"),
    "flesh": ("Breath", "Breath, nostrils, cheeks, and two halves of a mouth that are not quite alike"),
}
"""part -> (name, description)."""


def life_properties() -> dict[str, Any]:
    """Annotations of scene.s2f."""
    return {
        f"life_{part}": FloatProperty(name=name, description=f"{about}; 0 is none", min=0.0, max=2.0, default=1.0)
        for part, (name, about) in ABOUT.items()
    }


def liveliness(settings: Any) -> Liveliness:
    """What the sliders say."""
    return Liveliness(**{part: round(float(getattr(settings, f"life_{part}")), 4) for part in ABOUT})
