"""What a character does over a clip, as Blender plays it: with drivers, constraints and layers, frame by frame."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import bpy
import numpy as np
import numpy.typing as npt
from bpy.types import Depsgraph, Object, Scene
from mathutils import Matrix

from ..window import at_work
from .clips import ExportClip

Values = npt.NDArray[np.float64]
_STILL = 1e-6


@dataclass(frozen=True)
class Motion:
    """keys: mesh object -> {shape key: (T,) values}. bones: armature -> {bone: (T, 10)} and objects: object -> (T, 10),
    location, rotation as a quaternion, scale; of bones in their own space, of objects in that of their ``holder``.
    """

    length: int
    keys: dict[Object, dict[str, Values]] = field(default_factory=dict)
    bones: dict[Object, dict[str, Values]] = field(default_factory=dict)
    objects: dict[Object, Values] = field(default_factory=dict)


def sampled(scene: Scene, objects: Sequence[Object], clip: ExportClip) -> Motion:
    """Play ``clip`` and read ``objects``; the scene's frame is as it was afterwards."""
    frames = clip.frames(scene)
    meshes = [o for o in objects if o.type == "MESH" and o.data.shape_keys is not None]
    armatures = [o for o in objects if o.type == "ARMATURE"]
    motion = Motion(len(frames))
    keys: dict[Object, list[list[float]]] = {o: [] for o in meshes}
    poses: dict[Object, list[list[list[float]]]] = {o: [] for o in armatures}
    places: dict[Object, list[list[float]]] = {o: [] for o in objects if moves_by_itself(o)}
    among = set(objects)
    for depsgraph in _played(scene, frames.tolist()):
        for o, rows in keys.items():
            rows.append([block.value for block in o.data.shape_keys.key_blocks])
        for o, bones in poses.items():
            bones.append(_pose(o.evaluated_get(depsgraph)))
        for o, placed in places.items():
            held = holder(o)
            world = o.evaluated_get(depsgraph).matrix_world
            if held is not None and held in among:
                world = held.evaluated_get(depsgraph).matrix_world.inverted_safe() @ world
            placed.append(_parted(world))
    for o, rows in keys.items():
        names = [block.name for block in o.data.shape_keys.key_blocks]
        motion.keys[o] = dict(zip(names, np.array(rows).T, strict=True))
    for o, bones in poses.items():
        names = [bone.name for bone in o.pose.bones]
        motion.bones[o] = dict(zip(names, _smooth(np.array(bones).swapaxes(0, 1)), strict=True)) if names else {}
    for o, placed in places.items():
        motion.objects[o] = _smooth(np.array(placed)[None])[0]
    return motion


def _played(scene: Scene, frames: Sequence[float]) -> Iterator[Depsgraph]:
    """Go through ``frames``, for each of which there is what it evaluates to; the mouse tells how far it is."""
    now, part = scene.frame_current, scene.frame_subframe
    try:
        with at_work(len(frames)) as done:
            for number, frame in enumerate(frames):
                done(number)
                whole = int(np.floor(frame + 1e-6))
                scene.frame_set(whole, subframe=min(max(frame - whole, 0.0), 0.999999))
                yield bpy.context.evaluated_depsgraph_get()
    finally:
        scene.frame_set(now, subframe=part)


def holder(candidate: Object) -> Object | None:
    """On what an object hangs in an export: the armature that deforms it, as engines want it, else its parent."""
    return skin_of(candidate) or candidate.parent


def skin_of(candidate: Object) -> Object | None:
    """The armature whose modifier deforms an object."""
    modifiers = candidate.modifiers if candidate.type == "MESH" else ()
    return next((m.object for m in modifiers if m.type == "ARMATURE" and m.object is not None), None)


def moves_by_itself(candidate: Object) -> bool:
    """Whether an object has a place of its own to read: one that hangs on a bone or on points keeps its offset."""
    return candidate.parent is None or candidate.parent_type == "OBJECT" or skin_of(candidate) is not None


def _pose(armature: Object) -> list[list[float]]:
    return [
        _parted(armature.convert_space(pose_bone=bone, matrix=bone.matrix, from_space="POSE", to_space="LOCAL"))
        for bone in armature.pose.bones
    ]


def _parted(matrix: Matrix) -> list[float]:
    location, rotation, scale = matrix.decompose()
    return [*location, *rotation, *scale]


def _smooth(parts: Values) -> Values:
    """(N, T, 10) with quaternions that do not change sign from one frame to the next: both signs are one rotation."""
    turns = parts[:, :, 3:7]
    flips = np.where((turns[:, 1:] * turns[:, :-1]).sum(axis=2) < 0, -1.0, 1.0)
    turns[:, 1:] *= np.cumprod(flips, axis=1)[:, :, None]
    return parts


def is_still(values: Values) -> bool:
    """Whether (T, …) values are the same at all times."""
    return bool(np.ptp(values, axis=0).max() <= _STILL)
