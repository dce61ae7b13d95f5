"""A FLAME head in a scene: which mesh it is, its numbered keys, its bones, and how it stands."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from bpy.types import Object

from ...core.naming.names import tokens
from ...core.naming.numbered import Runs, runs
from ...core.turns import Axes
from ..bones import Bones, find_bones
from ..face_objects import key_names, rig_of
from ..likeness import displacements
from .topology import LANDMARKS, LEFT_EYEBALL, RIGHT_EYEBALL, VERTICES

Floats = npt.NDArray[np.float64]

_ALSO = 9
"""So many numbered keys of identity or pose beside those of expression tell FLAME on another number of vertices."""

EYES_APART = 63.0
"""Millimetres between the eyes of a head, by which sizes are told."""


@dataclass(frozen=True)
class FlameHead:
    """The mesh ``object``, its numbered keys, and the bones of neck, jaw and eyes by role (the neck is ``head``)."""

    object: Object
    runs: Runs
    bones: Bones | None

    @property
    def known(self) -> bool:
        """Whether the vertices are FLAME's own, so that landmarks are known by their numbers."""
        return len(self.object.data.vertices) == VERTICES

    def exp(self) -> dict[int, str]:
        """number of an expression, from 0 -> its key."""
        return self.runs.exp

    def pose_keys(self, joint: int) -> tuple[str, ...]:
        """The nine correctives of a joint; empty where one is missing."""
        keys = [self.runs.pose.get(9 * (joint - 1) + i, "") for i in range(9)]
        return tuple(keys) if all(keys) else ()

    def points(self) -> Floats:
        """(V, 3) the face at rest with its identity: the basis and what sliders of identity add, in mesh space."""
        mesh = self.object.data
        flat = np.empty(3 * len(mesh.vertices), np.float32)
        mesh.shape_keys.reference_key.points.foreach_get("co", flat)
        rest = flat.astype(np.float64)
        blocks = mesh.shape_keys.key_blocks
        set_ = tuple(name for name in self.runs.shape.values() if not blocks[name].mute and blocks[name].value != 0)
        for name, row in zip(set_, displacements(self.object, set_), strict=True):
            rest += blocks[name].value * row
        return rest.reshape(-1, 3)

    def millimetres(self, points: Floats) -> float:
        """How many a unit of ``points`` is, told by the eyes."""
        apart = points[LEFT_EYEBALL].mean(axis=0) - points[RIGHT_EYEBALL].mean(axis=0)
        return EYES_APART / max(float(np.linalg.norm(apart)), 1e-9)


def flame_head(members: Sequence[Object]) -> FlameHead | None:
    """The FLAME head among the meshes of a face: 5023 vertices and numbered expressions; None without one."""
    for candidate in members:
        found = runs(key_names(candidate))
        count = len(candidate.data.vertices)
        if found.exp and (count == VERTICES or max(len(found.shape), len(found.pose)) >= _ALSO):
            return FlameHead(candidate, found, _bones(candidate))
    return None


def _bones(candidate: Object) -> Bones | None:
    """Jaw, eyes and neck of the armature that moves ``candidate``, with the axes in which it stands."""
    armature = rig_of(candidate)
    if armature is None:
        return None
    found = find_bones(armature)
    neck = next((str(bone.name) for bone in armature.data.bones if "neck" in tokens(bone.name)), None)
    names = {role: name for role, name in found.names.items() if not role.startswith("lid")}
    if neck is not None:
        names["head"] = neck
    return Bones(armature, names, standing=_standing(candidate, armature)) if names else None


def _standing(candidate: Object, armature: Object) -> Axes | None:
    """FLAME's left and up in the space of ``armature``, along its axes; None where vertices do not tell them."""
    if len(candidate.data.vertices) != VERTICES:
        return None
    rest = candidate.data.shape_keys.reference_key.data
    at = {name: np.array(rest[LANDMARKS[name]].co, float) for name in _TELLING}
    into = (np.linalg.inv(np.array(armature.matrix_world, float)) @ np.array(candidate.matrix_world, float))[:3, :3]
    left = into @ (at["eye_outer_left"] - at["eye_outer_right"])
    up = into @ (at["eye_outer_left"] + at["eye_outer_right"] - 2 * at["chin"])
    left = _along_an_axis(left)
    return Axes(left, _along_an_axis(up - (up @ left) * left))


_TELLING = ("eye_outer_left", "eye_outer_right", "chin")


def _along_an_axis(direction: Floats) -> Floats:
    """The axis nearest to ``direction``: FLAME's rotations are about the axes of the rig, not those of a face."""
    axis = np.zeros(3)
    largest = int(np.abs(direction).argmax())
    axis[largest] = np.sign(direction[largest])
    return axis
