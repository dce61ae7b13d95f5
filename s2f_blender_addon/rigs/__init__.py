"""Which shape keys of a character show which of the 52 channels."""

from .character import Character, MeshMap, find_character
from .keymap import Entry, KeyMap

__all__ = ["Character", "Entry", "KeyMap", "MeshMap", "find_character"]
