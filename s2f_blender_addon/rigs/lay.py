"""A face under the template, measured once and kept, since a panel asks again and again."""


from bpy.types import Key

from ..core.channels import INDEX
from .face_objects import key_names
from .fit import FAMILY
from .mesh_map import MeshMap
from .surface import Laid, laid, seen

_MOST_MEASURED = 6_000_000
"""Vertices times keys of the densest mesh that is measured: more would take longer than a user waits."""

_LEAST_AGREEMENT = 0.4
"""Mean likeness of keys to their channels below which the mesh is too unlike a face to be judged."""

_kept: dict[object, Laid | None] = {}
_MOST_KEPT = 8


_TOUCHED = 32, 8
"""How many keys, and vertices of each, are looked at to see whether a shape was sculpted; drawing waits for it."""


def lay_of(mesh: MeshMap) -> tuple[tuple[str, ...], Laid] | None:
    """(all keys of ``mesh``, how it lies under the template); None where it is no face that can be measured."""
    keys = tuple(key_names(mesh.object))
    vertices = len(mesh.object.data.vertices)
    if vertices * len(keys) > _MOST_MEASURED:
        return None
    told = (e for e in mesh.map.active if e.source in INDEX and e.family != FAMILY and not e.approximate)
    named = {e.key: e.source for e in sorted(told, key=lambda e: e.weight)}  # what a key shows, not what it takes back
    signature = (mesh.key.session_uid, _touch(mesh.key, vertices), keys, tuple(named.items()))
    if signature not in _kept:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        front = seen(mesh.object, keys)
        found = laid(front, tuple(named.get(key, "") for key in keys)) if front is not None else None
        _kept[signature] = found if found is not None and found.agreement >= _LEAST_AGREEMENT else None
    found = _kept[signature]
    return (keys, found) if found is not None else None


def _touch(key: Key, vertices: int) -> int:
    """A number that changes, as a rule, when a shape is sculpted; read in a moment, so a panel may ask."""
    keys, points = _TOUCHED
    blocks = range(0, len(key.key_blocks), max(len(key.key_blocks) // keys, 1))
    at = range(0, vertices, max(vertices // points, 1))
    return hash(tuple(tuple(key.key_blocks[block].data[i].co) for block in blocks for i in at))
