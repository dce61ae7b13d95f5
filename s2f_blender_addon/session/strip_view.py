"""Where the strip of emotions was drawn last, so that a mouse finds it."""

from dataclasses import dataclass

from bpy.types import Region


@dataclass(frozen=True)
class PixelSpan:
    """bottom, top: pixels of a region between which what was heard is shown."""

    bottom: float
    top: float


_places: dict[int, PixelSpan] = {}


def draw_at(region: Region, place: PixelSpan | None) -> None:
    """The strip was drawn at ``place`` in ``region``, or is not drawn there."""
    if place is None:
        _places.pop(region.as_pointer(), None)
    else:
        _places[region.as_pointer()] = place


def shown_in(region: Region) -> PixelSpan | None:
    """Where the strip is in ``region``; None where there is none."""
    return _places.get(region.as_pointer())
