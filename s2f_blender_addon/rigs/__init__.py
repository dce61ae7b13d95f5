"""Which shape keys of a character show which of the 52 channels."""

from ..core.naming.keymap import Entry, KeyMap
from .character import Character, find_character
from .mesh_map import MeshMap

__all__ = ["Character", "Entry", "KeyMap", "MeshMap", "find_character"]
