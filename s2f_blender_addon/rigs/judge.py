"""What a mesh itself says where names say nothing: keys are judged by what they move, once for all meshes of a face."""

from collections.abc import Sequence
from dataclasses import replace

from ..core.channels import CHANNELS, REGIONS
from ..core.naming.keymap import Entry, KeyMap, merged
from ..core.naming.visemes import pose_of
from .face_objects import key_names
from .fit import by_movement
from .lay import lay_of
from .mesh_map import MeshMap
from .stored import stored_map
from .surface import Laid


def judged(meshes: Sequence[MeshMap]) -> list[MeshMap]:
    """``meshes`` with entries for keys that no name explains, where channels are missing and movement tells."""
    free = frozenset(CHANNELS) - merged(mesh.map for mesh in meshes)
    if any(pose_of(e.source) for mesh in meshes for e in mesh.map.active):
        free -= frozenset(REGIONS["mouth"])  # mouth shapes that names tell are all of one set
    face = max(meshes, key=_unknown_weight, default=None)
    unknown = _unknown(face) if face is not None else ()
    if face is None or not free or not unknown:
        return list(meshes)
    found: dict[str, list[Entry]] = {}
    for entry in _found(face, unknown, free):
        found.setdefault(entry.key, []).append(entry)
    return [_with(mesh, found) for mesh in meshes]


def _with(mesh: MeshMap, found: dict[str, list[Entry]]) -> MeshMap:
    if stored_map(mesh.object) is not None:
        return mesh
    added = [entry for key in _unknown(mesh) for entry in found.get(key, ())]
    return replace(mesh, map=KeyMap(mesh.map.entries + tuple(added)))


def _unknown(mesh: MeshMap) -> tuple[str, ...]:
    """The keys of ``mesh`` that its map does not mention."""
    if stored_map(mesh.object) is not None:
        return ()
    listed = {entry.key for entry in mesh.map.entries}
    return tuple(name for name in key_names(mesh.object) if name not in listed)


def _unknown_weight(mesh: MeshMap) -> int:
    return len(_unknown(mesh)) * len(mesh.object.data.vertices)


_kept: dict[object, tuple[Laid, tuple[Entry, ...]]] = {}


def _found(mesh: MeshMap, unknown: tuple[str, ...], free: frozenset[str]) -> tuple[Entry, ...]:
    """Entries for the keys ``unknown`` of one mesh, kept like its lay."""
    lay = lay_of(mesh)
    if lay is None:
        return ()
    keys, found = lay
    signature = (mesh.key.session_uid, unknown, free)
    held = _kept.get(signature)
    if held is None or held[0] is not found:
        rows = replace(found, fields=found.fields[[keys.index(key) for key in unknown]])
        _kept.clear()
        held = _kept[signature] = found, tuple(by_movement(rows, unknown, free))
    return held[1]
