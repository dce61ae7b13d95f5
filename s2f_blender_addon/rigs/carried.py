"""What bones carry of a character's meshes: the jaw that keys leave to a bone, the eyes that no key turns."""


import numpy as np
import numpy.typing as npt
from bpy.types import Bone, Object

from ..core.channels import INDEX
from ..core.turns import JAW_OPEN
from .bones import Bones, axes
from .lay import lay_of
from .likeness import moving
from .mesh_map import MeshMap
from .surface import Floats, Laid, template

_LITTLE = 0.05
"""Share of a full opening below which a bone or a key does not part the lips."""

_ENOUGH = 0.75
"""Share of a full opening from which keys need no help of a bone."""

_WEAKEST, _STRONGEST = 0.2, 2.5
"""Limits of a jaw's turn against the usual one."""

_LOWER_ALONE = 0.4
"""How much more a jaw carries of the lower lip than of the upper one."""

_SAMPLED = 60
"""Vertices by which a whole mesh is judged."""


def jaw_of(face: MeshMap | None, bones: Bones) -> tuple[str, float] | None:
    """(the jaw bone, its turn as a multiple of the usual one) for lips that part as far as the demo head's.

    None where keys do it all, or where there is no such bone. A bone of any name is a jaw that carries the lower lip
    and not the upper one; without a face that can be measured, names decide.
    """
    named = bones.names.get("jaw")
    opening = [] if face is None else [e for e in face.map.active if e.source == "jawOpen" and e.weight > 0]
    measured = lay_of(face) if face is not None else None
    if face is None or measured is None:
        return (named, 1.0) if named and not opening else None
    keys, lay = measured
    carried = _Carried(face.object, bones.armature, lay)
    name = named or carried.jaw()
    if name is None:
        return None
    whole = float(template().gaps(template().fields[[INDEX["jawOpen"]]])[0])
    by_keys = sum(e.weight * float(template().gaps(lay.fields[[keys.index(e.key)]])[0]) for e in opening)
    by_bone = float(template().gaps(carried.turned(name, axes(bones).left)[None])[0])
    if by_bone < _LITTLE * whole:
        return (name, 1.0) if named and not opening else None
    if opening and by_keys > _ENOUGH * whole:
        return None
    return name, float(np.clip((whole - by_keys) / by_bone, _WEAKEST, _STRONGEST))


def turns_what_keys_leave(role: str, bones: Bones, meshes: list[Object]) -> bool:
    """Whether an eye's bone carries a mesh of its own on which no key shows a glance."""
    name = bones.names.get(role, "")
    for candidate in meshes:
        group = candidate.vertex_groups.get(name)
        vertices = candidate.data.vertices
        if group is None or not len(vertices):
            continue
        picked = range(0, len(vertices), max(len(vertices) // _SAMPLED, 1))
        held = sum(any(g.group == group.index and g.weight > 0.5 for g in vertices[i].groups) for i in picked)
        if held > 0.3 * len(picked) and not _glances(candidate):
            return True
    return False


def _glances(candidate: Object) -> bool:
    shapes = candidate.data.shape_keys
    looks = tuple(b.name for b in shapes.key_blocks if "look" in b.name.lower()) if shapes is not None else ()
    return bool(looks) and bool(moving(candidate, looks))


class _Carried:
    """Bone weights at the points of the template."""

    def __init__(self, candidate: Object, armature: Object, lay: Laid) -> None:
        self._armature = armature
        self._lay = lay
        world, rig = np.array(candidate.matrix_world, float), np.array(armature.matrix_world, float)
        rest = candidate.data.shape_keys.reference_key.data
        points = np.array([rest[int(i)].co for i in lay.vertices], float)
        into = np.linalg.inv(rig) @ world
        self._points = points @ into[:3, :3].T + into[:3, 3]
        self._out = lay.frame @ rig[:3, :3] / lay.scale
        bones = armature.data.bones
        deforming = {g.index: g.name for g in candidate.vertex_groups if g.name in bones and bones[g.name].use_deform}
        self._weights: dict[str, Floats] = {name: np.zeros(len(points)) for name in deforming.values()}
        for row, vertex in enumerate(lay.vertices):
            for group in candidate.data.vertices[int(vertex)].groups:
                if group.group in deforming:
                    self._weights[deforming[group.group]][row] = group.weight
        total = sum(self._weights.values(), np.zeros(len(points)))
        self._total: Floats = np.maximum(total, 1e-9)

    def share(self, name: str) -> Floats:
        """(N,) 0-1: how much of each point goes with the bone ``name`` and what hangs on it."""
        bone = self._armature.data.bones[name]
        names = [name, *(child.name for child in bone.children_recursive)]
        carried = sum((self._weights[n] for n in names if n in self._weights), np.zeros(len(self._points)))
        share: Floats = carried / self._total
        return share

    def jaw(self) -> str | None:
        """The bone that carries the lower lip and not the upper one, the nearest to the root of several."""
        found: tuple[float, str] | None = None
        candidates = {parent.name for n in self._weights for parent in _upwards(self._armature.data.bones[n])}
        for name in sorted(candidates, key=lambda n: len(self._armature.data.bones[n].parent_recursive)):
            share = self.share(name)
            apart = float(share[template().lower].mean() - share[template().upper].mean())
            if apart > max(_LOWER_ALONE, found[0] + 0.1 if found else 0.0):
                found = apart, name
        return found[1] if found else None

    def turned(self, name: str, left: npt.NDArray[np.float64]) -> Floats:
        """(N, 3) how an open jaw's usual turn moves the points, in the template's frame and millimetres."""
        from mathutils import Matrix, Vector

        turn = np.array(Matrix.Rotation(float(JAW_OPEN), 3, Vector(left)), float)
        arm = self._points - np.array(self._armature.data.bones[name].head_local, float)
        moved = self.share(name)[:, None] * (arm @ turn.T - arm)
        there: Floats = moved @ self._out.T
        return there


def _upwards(bone: Bone) -> list[Bone]:
    return [bone, *bone.parent_recursive]
