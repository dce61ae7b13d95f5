"""A character: the target object and every mesh that belongs to the same face."""

from dataclasses import dataclass, replace

import numpy as np
from bpy.types import Object
from numpy import float64
from numpy.typing import NDArray

from ..core.channels import CHANNELS, REGIONS
from ..core.errors import UserError
from ..core.naming.keymap import KeyMap, merged
from ..core.naming.match import match
from ..core.naming.mouth_shapes import not_understood
from ..core.naming.visemes import pose_of
from .approximate import stand_ins
from .bones import ROLES, Bones, find_bones
from .carried import jaw_of, turns_what_keys_leave
from .driven import followed
from .expressions import FAMILY as TABLE
from .expressions import maps_of, table_of, with_names
from .face_objects import distinct, family, instanced, key_names, meshes_of, rig_of
from .flame import FlameHead, flame_head
from .flame import kept as flame_kept
from .judge import judged
from .likeness import Matrix, displacements, measured
from .mesh_map import MeshMap
from .sizes import sized
from .spine import find_spine
from .stored import stored_bones, stored_map

_MOST_MEASURED = 500_000
"""Vertices times keys whose displacements are compared; a denser mesh is taken to be like the demo head."""


@dataclass(frozen=True)
class Character:
    """``meshes`` in order, the one with most channels first; two objects that share a Key count once.

    ``bones`` are those that show what no key shows, and the head; None without any. ``blocked``: why a bake must not
    begin, empty when it may; ``still``: sentences about keys that nothing can move. ``flame``: the FLAME head in it;
    ``rig``: its armature, if any; ``assumed``: sentences about how its file was read.
    """

    name: str
    meshes: tuple[MeshMap, ...]
    bones: Bones | None = None
    blocked: str = ""
    still: tuple[str, ...] = ()
    flame: FlameHead | None = None
    rig: Object | None = None
    assumed: tuple[str, ...] = ()

    @property
    def spine(self) -> dict[str, str]:
        """role -> bone of what nods and breathes: head, neck, chest."""
        if self.flame is not None or self.rig is None or self.rig.type != "ARMATURE":  # FLAME's neck is its own
            return {}
        known = self.bones.names.get("head", "") if self.bones is not None else ""
        return find_spine(self.rig, known)

    @property
    def channels(self) -> frozenset[str]:
        """Channels that move something somewhere: a key of the right name that moves no vertex shows none."""
        by_bones = self.bones.channels() if self.bones is not None else frozenset()
        return by_bones.union(*(mesh.shown.channels() for mesh in self.meshes))

    @property
    def approximated(self) -> frozenset[str]:
        """Channels that only stand-ins show."""
        exact = frozenset().union(*(m.shown.channels() - m.shown.approximated() for m in self.meshes))
        return frozenset().union(*(mesh.shown.approximated() for mesh in self.meshes)) - exact

    @property
    def missing(self) -> tuple[str, ...]:
        """Channels that move nothing, in Apple's order."""
        have = self.channels
        return tuple(name for name in CHANNELS if name not in have)

    @property
    def coverage(self) -> str:
        """One line for the panel: '52 of 52 channels; 3 approximated', '17 of 52 channels; 14 mouth shapes'."""
        line = f"{len(CHANNELS) - len(self.missing)} of {len(CHANNELS)} channels"
        shapes = {e.source for mesh in self.meshes for e in mesh.map.active if pose_of(e.source) is not None}
        line += f"; {len(shapes)} mouth shapes" if shapes else ""
        return f"{line}; {len(self.approximated)} approximated" if self.approximated else line

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what names and movements leave open, for the user to decide."""
        told = (*self.assumed, *self.still)
        if not {*self.missing} & {*REGIONS["mouth"]}:
            return told  # mouth shapes beside a whole mouth of channels are another way to the same
        used = {key for mesh in self.meshes for key in mesh.map.keys()}
        guessed = [m for m in self.meshes if all(e.family != TABLE for e in m.map.entries)]
        shapes = [key for m in guessed if any(pose_of(e.source) for e in m.map.active) for key in m.map.keys()]
        keys = dict.fromkeys(key for mesh in guessed for key in key_names(mesh.object))
        unknown = [k for k in not_understood([k for k in keys if k not in used], shapes) if self._moves(k)]
        if not unknown:
            return told
        listed = ", ".join(unknown[:6]) + (f" and {len(unknown) - 6} more" if len(unknown) > 6 else "")
        shapes_note = f"Not understood as mouth shapes, so left alone: {listed}; map them by hand under Key Map."
        return (*told, shapes_note)

    def _moves(self, key: str) -> bool:
        """Whether ``key`` moves a vertex of any mesh; the mouth at rest moves none."""
        having = (mesh.object for mesh in self.meshes if key in mesh.key.key_blocks)
        return any(displacements(candidate, (key,)).any() for candidate in having)


def find_character(target: Object) -> Character:
    """The character that ``target`` (a mesh, its armature or a parent) belongs to.

    A map that is saved on an object is used as it is; otherwise its keys are matched by name.
    Raises UserError when nothing in it has a key that is known.
    """
    if target is None:
        raise UserError("There is no character yet; choose a mesh with shape keys as Character.")
    target = instanced(target)
    told = maps_of(table_of(rig_of(target)))
    members = distinct(family(target))
    head = flame_head(members)
    if head is not None:
        return _flame_character(target, head, [MeshMap(o, _map_of(o, told.get(o.name))) for o in members])
    meshes = [MeshMap(o, _map_of(o, told.get(o.name))) for o in members]
    if any(m.map.speaks() for m in meshes):
        unneeded = "not needed: the mouth has keys of its own"
        meshes = [MeshMap(m.object, m.map.without_shapes(unneeded)) for m in meshes]
    meshes = judged(meshes)
    meshes, blocked, still = followed(meshes)
    meshes = [mesh for mesh in meshes if mesh.map.active]
    bones = _needed_bones(target, meshes)
    if not meshes and bones is None:
        raise UserError(blocked or _why_none(target))
    if bones is None or "jaw" not in bones.names:
        meshes = sized(meshes)
    # The chosen mesh and full faces come first, so reports start with what the user looks at.
    meshes.sort(key=lambda m: (-len(m.shown.channels()), m.object is not target, m.name))
    return _completed(Character(str(target.name), tuple(meshes), bones, blocked, still, rig=rig_of(target)))


def _flame_character(target: Object, head: FlameHead, meshes: list[MeshMap]) -> Character:
    """A FLAME head, which is in it even before anybody has chosen how it is driven, and what other meshes it has."""
    fit = flame_kept.fit_of(head.object)
    own = stored_map(head.object) or flame_kept.map_of(head)
    if own is not None:
        meshes = [MeshMap(m.object, own) if m.object == head.object else m for m in meshes]
    meshes, blocked, still = followed(meshes)
    meshes = [mesh for mesh in meshes if mesh.map.active or mesh.object == head.object]
    meshes.sort(key=lambda m: m.object != head.object)
    bones = head.bones
    if bones is not None:
        saved = stored_bones(bones.armature)
        bones = bones if saved is None else replace(bones, names=saved.names)
        if fit is not None and "jaw" in bones.names:
            bones = replace(bones, fitted={"jaw": fit.jaw()})
        elif "jawOpen" in merged(mesh.map for mesh in meshes):
            bones = bones.only(frozenset(ROLES) - {"jaw"})
    return Character(str(target.name), tuple(meshes), bones if bones and bones.names else None, blocked, still, head)


def _needed_bones(target: Object, meshes: list[MeshMap]) -> Bones | None:
    """The bones that move what no key moves, and the head; None when there are none to speak of."""
    rig = rig_of(target)
    if rig is None:
        return None
    saved = stored_bones(rig)
    bones = saved if saved is not None else find_bones(rig)
    if saved is None:
        bones = _helping(bones, meshes, rig)
    if not meshes and not bones.channels():
        return None
    return bones if bones.names else None


def _helping(bones: Bones, meshes: list[MeshMap], rig: Object) -> Bones:
    """Those of ``bones`` that show what no key shows, or that carry what keys leave alone."""
    shown = merged(mesh.map for mesh in meshes)
    needed = {role for role, channels in ROLES.items() if role != "jaw" and shown.isdisjoint(channels)}
    bound = [o for o in meshes_of(rig) if rig_of(o) == rig]
    needed |= {role for role in ("eye_left", "eye_right") if turns_what_keys_leave(role, bones, bound)}
    face = max(meshes, key=lambda m: len(m.map.channels()), default=None)
    jaw = jaw_of(face, bones)
    helping = bones.only(frozenset(needed))
    return helping.with_jaw(*jaw) if jaw is not None else helping


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
    signature = (mesh.key.session_uid, vertices, present)
    if signature not in _measured:
        direct = mesh.map.direct()
        keys = tuple(dict.fromkeys(entry.key for channel in present for entry in direct[channel]))
        moves = displacements(mesh.object, keys)
        rows = np.stack([moves[[keys.index(e.key) for e in direct[channel]]].sum(axis=0) for channel in present])
        _measured.clear()
        _measured[signature] = measured(rows)
    return _measured[signature]


def can_be_character(candidate: Object) -> bool:
    """Whether ``candidate`` may be chosen: a mesh, an armature or a parent with something on it that can speak."""
    if candidate.type not in {"MESH", "ARMATURE", "EMPTY"}:
        return False
    candidate = instanced(candidate)
    rig = rig_of(candidate)
    return bool(family(candidate)) or (rig is not None and bool(find_bones(rig).channels()))


def _map_of(candidate: Object, told: KeyMap | None) -> KeyMap:
    """What the user says, else what the file says, else what names say."""
    saved = stored_map(candidate)
    if saved is not None:
        return saved
    return with_names(told, key_names(candidate)) if told is not None else match(key_names(candidate))


def _why_none(target: Object) -> str:
    members = family(target)
    if not members:
        return f"{target.name} has no shape keys; choose the mesh of a face that has ARKit, viseme or similar keys."
    names = ", ".join(key_names(members[0])[:3])
    return f"No key of {members[0].name} has a name that is known ({names} …); map its keys by hand under Key Map."
