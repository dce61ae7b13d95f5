"""A character: the target object and every mesh that belongs to the same face."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy import float64
from numpy.typing import NDArray

from ..core.channels import CHANNELS
from ..core.errors import UserError
from ..core.naming.keymap import KeyMap, merged
from ..core.naming.match import match
from ..core.naming.mouth_shapes import not_understood
from ..core.naming.visemes import split_source
from .approximate import stand_ins
from .bones import ROLES, Bones, find_bones
from .likeness import Matrix, displacements, measured
from .members import distinct, family, instanced, key_names, rig_of
from .stored import stored_bones, stored_map

_MOST_MEASURED = 500_000
"""Vertices times keys whose displacements are compared; a denser mesh is taken to be like the demo head."""


@dataclass(frozen=True)
class MeshMap:
    """One mesh of a character: a Blender object (valid until the next undo) and the map of its shape keys."""

    object: Any
    map: KeyMap

    @property
    def name(self) -> str:
        return str(self.object.name)

    @property
    def key(self) -> Any:
        """The Key data-block that holds the shapes."""
        return self.object.data.shape_keys


@dataclass(frozen=True)
class Character:
    """``meshes`` in order, the one with most channels first; two objects that share a Key count once.

    ``bones`` are those that show what no key shows, and the head; None without any.
    """

    name: str
    meshes: tuple[MeshMap, ...]
    bones: Bones | None = None

    @property
    def channels(self) -> frozenset[str]:
        """Channels that move something somewhere."""
        by_bones = self.bones.channels() if self.bones is not None else frozenset()
        return by_bones.union(*(mesh.map.channels() for mesh in self.meshes))

    @property
    def approximated(self) -> frozenset[str]:
        """Channels that only stand-ins show."""
        exact = frozenset().union(*(m.map.channels() - m.map.approximated() for m in self.meshes))
        return frozenset().union(*(mesh.map.approximated() for mesh in self.meshes)) - exact

    @property
    def missing(self) -> tuple[str, ...]:
        """Channels that move nothing, in Apple's order."""
        have = self.channels
        return tuple(name for name in CHANNELS if name not in have)

    @property
    def coverage(self) -> str:
        """One line for the panel: '52 of 52 channels; 3 approximated', '17 of 52 channels; 14 mouth shapes'."""
        line = f"{len(CHANNELS) - len(self.missing)} of {len(CHANNELS)} channels"
        shapes = {e.source for mesh in self.meshes for e in mesh.map.active if split_source(e.source) is not None}
        line += f"; {len(shapes)} mouth shapes" if shapes else ""
        return f"{line}; {len(self.approximated)} approximated" if self.approximated else line

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what names and movements leave open, for the user to decide."""
        used = {key for mesh in self.meshes for key in mesh.map.keys()}
        shapes = [key for m in self.meshes if any(split_source(e.source) for e in m.map.active) for key in m.map.keys()]
        keys = dict.fromkeys(key for mesh in self.meshes for key in key_names(mesh.object))
        unknown = [k for k in not_understood([k for k in keys if k not in used], shapes) if self._moves(k)]
        if not unknown:
            return ()
        listed = ", ".join(unknown[:6]) + (f" and {len(unknown) - 6} more" if len(unknown) > 6 else "")
        return (f"Not understood as mouth shapes, so left alone: {listed}; map them by hand under Key Map.",)

    def _moves(self, key: str) -> bool:
        """Whether ``key`` moves a vertex of any mesh; the mouth at rest moves none."""
        having = (mesh.object for mesh in self.meshes if key in mesh.key.key_blocks)
        return any(displacements(candidate, (key,)).any() for candidate in having)


def find_character(target: Any) -> Character:
    """The character that ``target`` (a mesh, its armature or a parent) belongs to.

    A map that is saved on an object is used as it is; otherwise its keys are matched by name.
    Raises UserError when nothing in it has a key that is known.
    """
    if target is None:
        raise UserError("There is no character yet; choose a mesh with shape keys as Character.")
    target = instanced(target)
    meshes = [MeshMap(o, _map_of(o)) for o in distinct(family(target))]
    if any(m.map.speaks() for m in meshes):
        unneeded = "not needed: the mouth has keys of its own"
        meshes = [MeshMap(m.object, m.map.without_shapes(unneeded)) for m in meshes]
    meshes = [mesh for mesh in meshes if mesh.map.active]
    bones = _needed_bones(target, meshes)
    if not meshes and bones is None:
        raise UserError(_why_none(target))
    # The chosen mesh and full faces come first, so reports start with what the user looks at.
    meshes.sort(key=lambda m: (-len(m.map.channels()), m.object is not target, m.name))
    return _completed(Character(str(target.name), tuple(meshes), bones))


def _needed_bones(target: Any, meshes: list[MeshMap]) -> Bones | None:
    """The bones that move what no key moves, and the head; None when there are none to speak of."""
    rig = rig_of(target)
    if rig is None:
        return None
    saved = stored_bones(rig)
    bones = saved if saved is not None else find_bones(rig)
    shown = merged(mesh.map for mesh in meshes)
    if saved is None:
        bones = bones.only(frozenset(role for role, channels in ROLES.items() if shown.isdisjoint(channels)))
    if not meshes and not bones.channels():
        return None
    return bones if bones.names else None


def _completed(character: Character) -> Character:
    """``character`` with stand-ins for what it lacks, on meshes whose map nobody has edited."""
    present = tuple(character.meshes[0].map.direct()) if character.meshes else ()
    if not character.missing or len(present) < 8:
        return character
    face = character.meshes[0]
    found = stand_ins(character.missing, present, _likeness(face, present))
    meshes = []
    for mesh in character.meshes:
        keymap = mesh.map
        if stored_map(mesh.object) is None:
            for stand_in in found:
                keymap = keymap.with_stand_in(stand_in.channel, stand_in.weights, stand_in.explained)
        meshes.append(MeshMap(mesh.object, keymap))
    return replace(character, meshes=tuple(meshes))


_measured: dict[object, tuple[Matrix, NDArray[float64]]] = {}


def _likeness(mesh: MeshMap, present: tuple[str, ...]) -> tuple[Matrix, NDArray[float64]] | None:
    """How alike the movements of ``present`` are on this mesh; None where measuring would take too long."""
    vertices = len(mesh.object.data.vertices)
    if vertices * len(present) > _MOST_MEASURED:
        return None
    signature = (mesh.key.as_pointer(), vertices, present)
    if signature not in _measured:
        direct = mesh.map.direct()
        keys = tuple(dict.fromkeys(entry.key for channel in present for entry in direct[channel]))
        moves = displacements(mesh.object, keys)
        rows = np.stack([moves[[keys.index(e.key) for e in direct[channel]]].sum(axis=0) for channel in present])
        _measured.clear()
        _measured[signature] = measured(rows)
    return _measured[signature]


def can_be_character(candidate: Any) -> bool:
    """Whether ``candidate`` may be chosen: a mesh, an armature or a parent with something on it that can speak."""
    if candidate.type not in {"MESH", "ARMATURE", "EMPTY"}:
        return False
    candidate = instanced(candidate)
    rig = rig_of(candidate)
    return bool(family(candidate)) or (rig is not None and bool(find_bones(rig).channels()))


def _map_of(candidate: Any) -> KeyMap:
    saved = stored_map(candidate)
    return saved if saved is not None else match(key_names(candidate))


def _why_none(target: Any) -> str:
    members = family(target)
    if not members:
        return f"{target.name} has no shape keys; choose the mesh of a face that has ARKit, viseme or similar keys."
    names = ", ".join(key_names(members[0])[:3])
    return f"No key of {members[0].name} has a name that is known ({names} …); map its keys by hand under Key Map."
