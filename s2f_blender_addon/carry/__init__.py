"""Keys for a head that has none: landmarks lay it over the demo head, whose 52 keys are carried over to it."""

from .fields import Carried, carried_fields, carry, carrying
from .landmarks import NAMES, Landmarks, at_vertices

__all__ = ["NAMES", "Carried", "Landmarks", "at_vertices", "carried_fields", "carry", "carrying"]
