"""Which mesh objects make one face, as scenes and importers put them together."""

import re
from collections.abc import Iterable, Iterator

from bpy.types import Object

from ..core.naming.names import tokens
from .place import near, of_one_face, touch


def has_shapes(candidate: Object) -> bool:
    """Whether ``candidate`` is a mesh with at least one shape key besides its basis."""
    keys = candidate.data.shape_keys if candidate.type == "MESH" else None
    return keys is not None and len(keys.key_blocks) > 1


def key_names(candidate: Object) -> list[str]:
    """The names of the shape keys of a mesh without the key that all others are relative to."""
    keys = candidate.data.shape_keys
    return [block.name for block in keys.key_blocks if block != keys.reference_key]


def instanced(target: Object) -> Object:
    """The fullest face in the collection that an empty shows, as it is keyed itself; anything else as it is."""
    collection = target.instance_collection if target.type == "EMPTY" else None
    faces = [o for o in collection.all_objects if has_shapes(o)] if collection is not None else []
    return max(faces, key=lambda o: len(o.data.shape_keys.key_blocks)) if faces else target


def family(target: Object) -> list[Object]:
    """The meshes with shape keys that belong to the face of ``target``, itself first when it is one.

    A chosen mesh never takes a second face along that stands elsewhere; a chosen armature or parent takes all it has.
    """
    rig = rig_of(target)
    if rig is not None:
        members = [o for o in _scene_objects(target) if rig_of(o) == rig or _is_below(o, rig)]
    elif target.parent is not None or target.children:
        top = target
        while top.parent is not None:
            top = top.parent
        members = [top, *top.children_recursive]
    else:
        members = _related(target) if has_shapes(target) else []
    found = list(dict.fromkeys(o for o in members if has_shapes(o)))
    return sorted(of_one_face(target, found) if has_shapes(target) else found, key=lambda o: o != target)


def meshes_of(rig: Object) -> list[Object]:
    """All meshes that an armature may move, with shape keys or without."""
    return list(dict.fromkeys(o for o in _scene_objects(rig) if o.type == "MESH"))


def _scene_objects(target: Object) -> Iterator[Object]:
    for collection in target.users_collection:
        yield from collection.all_objects
    for scene in target.users_scene:
        yield from scene.objects


def rig_of(candidate: Object) -> Object | None:
    """The armature that moves ``candidate``: itself, its modifier's, or the nearest parent that is one."""
    if candidate.type == "ARMATURE":
        return candidate
    for modifier in candidate.modifiers if candidate.type == "MESH" else ():
        if modifier.type == "ARMATURE" and modifier.object is not None:
            return modifier.object
    return rig_of(candidate.parent) if candidate.parent is not None else None


def _is_below(candidate: Object, parent: Object) -> bool:
    while candidate is not None and candidate != parent:
        candidate = candidate.parent
    return candidate is not None


def _neighbours(target: Object) -> Iterator[Object]:
    for collection in target.users_collection:
        yield from (o for o in collection.objects if o.parent is None)


def _related(target: Object) -> list[Object]:
    """Meshes without a parent that belong to ``target``, and to those that do: eyes belong to the skin, as teeth do."""
    others, found = list(_neighbours(target)), [target]
    for one in found:
        fresh = [o for o in others if o not in found and has_shapes(o) and _looks_related(one, o)]
        found += fresh
    return found


def _looks_related(target: Object, other: Object) -> bool:
    """Whether two meshes without a parent are parts of one face: they touch, or lie near and share a name.

    Importers name all parts after the file. The number of a duplicate (``.001``) sets two copies of one apart.
    """
    if other == target:
        return True
    if other.type != "MESH" or _duplicate(other.name) != _duplicate(target.name):
        return False
    return touch(target, other) or (tokens(other.name)[:1] == tokens(target.name)[:1] and near(target, other))


def _duplicate(name: str) -> str:
    number = re.search(r"\.(\d{3,})$", name)
    return number.group(1) if number else ""


def distinct(objects: Iterable[Object]) -> list[Object]:
    """``objects`` without those whose shape keys an earlier one shares."""
    seen: set[int] = set()
    result = []
    for candidate in objects:
        identity = candidate.data.shape_keys.as_pointer()
        if identity not in seen:
            seen.add(identity)
            result.append(candidate)
    return result
