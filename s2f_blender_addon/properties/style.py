"""An actor's style on scene.s2f: the text of its file, so that the .blend needs no other."""

from functools import lru_cache

from bpy.props import StringProperty
from bpy.types import PropertyGroup

from ..core.style import Style, from_text


def style_properties() -> dict[str, object]:
    """Annotations of scene.s2f."""
    return {"style": StringProperty(name="Style", description="An actor's way to speak: what s2f train style wrote")}


_read = lru_cache(maxsize=8)(from_text)


def style_of(settings: PropertyGroup) -> Style | None:
    """The style that ``settings`` hold, if any. Raises UserError where it is damaged."""
    return _read(settings.style) if settings.style else None
