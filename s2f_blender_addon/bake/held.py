"""Whether bones and driven keys follow their new keys: constraints, limits and rest positions hold them back unseen."""

from collections.abc import Sequence

import bpy
import numpy as np
from bpy.types import Object, PoseBone, Scene

from ..core.track import Array
from ..rigs import MeshMap
from ..rigs.bones import Bones
from ..rigs.driven import key_formula
from . import obstacles
from .frames import Frames

_TURNED = 0.05
"""Radians by which a bone stands otherwise than its own keys turn it, from which something else has a say."""

_SHORT = 0.05
"""By this much a key is another one than its driver makes of the controls as they are keyed."""


def why_held(scene: Scene, bones: Bones | None, meshes: Sequence[MeshMap], curves: Array, frames: Frames) -> list[str]:
    """A sentence for the bones that do not turn as keyed, and for the driven keys of a mesh that fall short.

    ``curves`` (T, 52) at ``frames`` (T,). Nothing is found out of a scene that is not the one in view.
    """
    following = [mesh for mesh in meshes if obstacles.driven(mesh.key, mesh.map.keys())]
    if scene != bpy.context.scene or not len(frames) or (bones is None and not following):
        return []
    at = int(curves.sum(axis=1).argmax())
    now, part_of_frame = scene.frame_current, scene.frame_subframe
    try:
        scene.frame_set(int(frames[at]))
        notes = [] if bones is None else _bones_held(bones)
        return notes + [note for mesh in following if (note := _keys_held(mesh))]
    finally:
        scene.frame_set(now, subframe=part_of_frame)


def _bones_held(bones: Bones) -> list[str]:
    rig = bones.armature
    if rig.data.pose_position == "REST":
        return [f"{rig.name} stands in Rest Position, so its bones stay still; choose Pose Position in its Data tab."]
    posed = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
    held = [bone for name in bones.names.values() if _otherwise(posed, bone := posed.pose.bones[name])]
    if not held:
        return []
    names = ", ".join(bone.name for bone in held)
    why = next((c.name for bone in held for c in bone.constraints if not c.mute and c.influence > 0), "")
    cause = f"the constraint “{why}”" if why else "something else"
    does = "does" if len(held) == 1 else "do"
    return [
        f"{names} of {rig.name} {does} not turn as keyed, for {cause} has a say in it; mute that, or choose another "
        "bone under Key Map."
    ]


def _otherwise(posed: Object, bone: PoseBone) -> bool:
    local = posed.convert_space(pose_bone=bone, matrix=bone.matrix, from_space="POSE", to_space="LOCAL")
    own = bone.matrix_basis.to_quaternion()
    angle = float(local.to_quaternion().rotation_difference(own).angle)
    return min(angle, 2 * np.pi - angle) > _TURNED


def _keys_held(mesh: MeshMap) -> str:
    short = []
    for name in sorted(obstacles.driven(mesh.key, mesh.map.keys())):
        formula = key_formula(mesh.key, name)
        if formula is not None:
            told = float(np.ravel(formula.of({c: np.array([c.value]) for c in formula.controls}))[0])
            slider = mesh.key.key_blocks[name]
            told, got = float(np.clip(told, slider.slider_min, slider.slider_max)), float(slider.value)
            short += [(abs(told - got), name, told, got)] if abs(told - got) > _SHORT else []
    if not short:
        return ""
    _, name, told, got = max(short)
    return (
        f"{name} of {mesh.name} is {got:.2f} where its driver should give {told:.2f}; look for limits and constraints "
        "on what moves it."
    )
