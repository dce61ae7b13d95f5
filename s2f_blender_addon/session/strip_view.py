"""Where the rows of the strip of emotions were drawn last, so that a mouse finds them, and how exactly it has to."""

from collections.abc import Mapping
from dataclasses import dataclass

from bpy.types import Region

GRIP = 6.0
"""Pixels from an edge within which it is meant."""
CLICK = 3.0
"""Pixels that a hand trembles."""


@dataclass(frozen=True)
class PixelSpan:
    """bottom, top: pixels of a region between which a row is shown."""

    bottom: float
    top: float


_places: dict[int, dict[str, PixelSpan]] = {}


def draw_at(region: Region, rows: Mapping[str, PixelSpan]) -> None:
    """The ``rows`` were drawn in ``region``, and no others."""
    _places.pop(region.as_pointer(), None)
    if rows:
        _places[region.as_pointer()] = dict(rows)


def shown_in(region: Region, row: str) -> PixelSpan | None:
    """Where ``row`` is in ``region``; None where there is none."""
    return _places.get(region.as_pointer(), {}).get(row)
