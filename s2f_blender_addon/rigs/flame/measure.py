"""What the fit needs of a FLAME head, read off its mesh and its armature."""

import numpy as np
import numpy.typing as npt
from bpy.types import Object

from ...core.channels import CHANNELS
from ...core.flame import JOINTS
from ...core.track import Array
from ..bones import Bones
from ..likeness import displacements
from .fit import FlameMesh
from .head import FlameHead
from .topology import EYEBALLS, LANDMARKS

Floats = npt.NDArray[np.float64]

_LIPS_COUNT = 4.0
"""Weight of a vertex of the lips; elsewhere it is 1."""

_AROUND_LIPS = 1.25
"""How much larger than the mouth the region is that counts as lips."""


def faces_of(candidate: Object) -> npt.NDArray[np.int64]:
    """(F, 3) triangles of a mesh object."""
    mesh = candidate.data
    mesh.calc_loop_triangles()
    flat = np.empty(3 * len(mesh.loop_triangles), np.intc)
    mesh.loop_triangles.foreach_get("vertices", flat)
    return flat.reshape(-1, 3).astype(np.int64)


def measured(head: FlameHead, points: Floats) -> FlameMesh:
    """``head``, whose ``points`` (V, 3) are at rest, in millimetres, with its jaw where a bone carries some of it."""
    scale = np.float32(head.millimetres(points))
    share, at, standing = _jaw(head)
    pose = head.pose_keys(JOINTS["jaw"][0]) if share.any() else ()
    exp = np.zeros((max(head.exp()) + 1, len(points), 3), np.float32)
    exp[list(head.exp())] = _fields(head, tuple(head.exp().values()))  # 0 where a number has no key
    return FlameMesh(
        points * scale, exp * scale, share, at * scale, standing, _fields(head, pose) * scale, _weights(points)
    )


def _fields(head: FlameHead, keys: tuple[str, ...]) -> Array:
    return displacements(head.object, keys).reshape(len(keys), len(head.object.data.vertices), 3)


def _weights(points: Floats) -> Floats:
    """(V,) the lips count more, eyeballs not at all."""
    weights = np.ones(len(points))
    left, right = points[LANDMARKS["mouth_corner_left"]], points[LANDMARKS["mouth_corner_right"]]
    top, bottom = points[LANDMARKS["upper_lip_top"]], points[LANDMARKS["lower_lip_bottom"]]
    middle = (top + bottom) / 2
    wide, high = (left - right) / 2 * _AROUND_LIPS, (top - bottom) / 2 * _AROUND_LIPS
    away = points - middle
    across, along = away @ wide / (wide @ wide), away @ high / (high @ high)
    near = np.linalg.norm(away, axis=1) < 1.2 * np.linalg.norm(wide)  # not the back of the head
    weights[(across**2 + along**2 < 1) & near] = _LIPS_COUNT
    weights[EYEBALLS] = 0.0
    return weights


def _jaw(head: FlameHead) -> tuple[Floats, Floats, Floats]:
    """((V,) share of the jaw's bone, (3,) its joint, (3, 3) FLAME's axes as rows), all in mesh space; shares are 0
    where no bone carries anything.
    """
    candidate, bones = head.object, head.bones
    share = np.zeros(len(candidate.data.vertices))
    if bones is None or bones.standing is None or "jaw" not in bones.names or not _is_deformed(candidate, bones):
        return share, np.zeros(3), np.eye(3)
    armature = bones.armature
    into = np.linalg.inv(np.array(candidate.matrix_world, float)) @ np.array(armature.matrix_world, float)
    bone = armature.data.bones[bones.names["jaw"]]
    turning = {bone.name, *(child.name for child in bone.children_recursive)}
    deforming = {
        group.index: group.name in turning for group in candidate.vertex_groups
        if group.name in armature.data.bones and armature.data.bones[group.name].use_deform
    }  # fmt: skip
    for vertex in candidate.data.vertices:
        held = [(group.weight, deforming[group.group]) for group in vertex.groups if group.group in deforming]
        total = sum(weight for weight, _ in held)
        share[vertex.index] = sum(weight for weight, turns in held if turns) / total if total > 0 else 0.0
    at = into[:3, :3] @ np.array(bone.head_local, float) + into[:3, 3]
    rows = np.stack([bones.standing.left, bones.standing.up, bones.standing.forward]) @ into[:3, :3].T
    return share, at, rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _is_deformed(candidate: Object, bones: Bones) -> bool:
    """Whether the armature moves the vertices by their weights."""
    by_modifier = any(m.type == "ARMATURE" and m.object == bones.armature and m.show_viewport
                      for m in candidate.modifiers)  # fmt: skip
    return by_modifier or (candidate.parent == bones.armature and candidate.parent_type == "ARMATURE")


def without_eyeballs(fields: dict[str, npt.NDArray[np.float32]]) -> dict[str, npt.NDArray[np.float32]]:
    """``fields`` (V, 3) that leave the eyeballs to bones."""
    kept = {name: fields[name].copy() for name in CHANNELS}
    for field in kept.values():
        field[EYEBALLS] = 0.0
    return kept
