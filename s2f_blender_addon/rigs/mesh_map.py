"""One mesh of a character and the map of its keys."""

from dataclasses import dataclass

from bpy.types import Key, Object

from ..core.naming.keymap import KeyMap
from .likeness import moving


@dataclass(frozen=True)
class MeshMap:
    """One mesh of a character: a Blender object (valid until the next undo) and the map of its shape keys."""

    object: Object
    map: KeyMap

    @property
    def name(self) -> str:
        return str(self.object.name)

    @property
    def shown(self) -> KeyMap:
        """The part of the map that is seen on this mesh: without keys that move nothing."""
        seen = moving(self.object, self.map.keys())
        return KeyMap(tuple(entry for entry in self.map.entries if entry.key in seen))

    @property
    def key(self) -> Key:
        """The Key data-block that holds the shapes."""
        return self.object.data.shape_keys
