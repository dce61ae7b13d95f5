"""Turns onto pose bones, as keys of whatever rotation each bone uses."""


import bpy
import numpy as np
import numpy.typing as npt
from bpy.types import PoseBone

from ..core.flame import JOINTS
from ..core.track import Array, FaceTrack
from ..core.turns import Quaternions, eulers_of, of_vectors, turns, upright
from ..rigs.bones import Bones, aimed_from, axes, carried, in_bone_space
from .channels import MOUTH, Channel

_GROUPS = {"jaw": "Jaw", "eye": "Eyes", "lid": "Eyes", "head": "Head"}

_TURN, _MOVE = 0.001, 0.005
"""What a reduced curve may miss: of a turn (radians or parts of a quaternion), and as a share of the whole way."""


def turned(bones: Bones, curves: Array, track: FaceTrack) -> dict[str, Quaternions]:
    """role -> (T, 4) in the space of the armature: how each bone turns for ``curves`` (T, 52), and for the head and
    FLAME's coefficients of ``track``, which is read at the same frames.
    """
    directions = axes(bones)
    found = {}
    for role in bones.names:
        flame = bones.standing is not None and role in JOINTS
        if flame and len(track.flame):
            found[role] = upright(of_vectors(track.flame[:, JOINTS[role][1]]), directions)
        elif role in bones.fitted:
            found[role] = upright(of_vectors(curves @ bones.fitted[role]), directions)
        else:
            found[role] = turns(role, curves, track.head, directions, bones.strength.get(role, 1.0))
    return found


def bone_curves(bones: Bones, turning: dict[str, Quaternions]) -> tuple[list[Channel], npt.NDArray[np.float32]]:
    """(channels, (T, len(channels)) values) that turn ``bones`` as ``turned`` says."""
    channels: list[Channel] = []
    columns = []
    for role, name in bones.names.items():
        pose, turn = bones.armature.pose.bones[name], turning[role]
        eye = aimed_from(bones.armature, name) if role.startswith("eye") else None
        if eye is None:
            path, values = as_rotation(pose, in_bone_space(turn, pose.bone))
        else:
            path, values = "location", carried(turn, np.array(pose.bone.head_local, float) - eye, pose.bone)
        data_path = bone_path(name, path)
        # At rest a bone is where it was built: no location, a quaternion of no turn, else no angle.
        rest = [1.0 if path == "rotation_quaternion" and index == 0 else 0.0 for index in range(values.shape[1])]
        error = _TURN if path != "location" else _MOVE * float(np.ptp(values, axis=0).max())
        group = _GROUPS[role.split("_")[0]]
        channels += [Channel(data_path, i, group, rest[i], error, group in MOUTH) for i in range(values.shape[1])]
        columns.append(values)
    return channels, np.concatenate(columns, axis=1).astype(np.float32)


def bone_path(name: str, path: str) -> str:
    """The data path of a property of the pose bone ``name``."""
    return f'pose.bones["{bpy.utils.escape_identifier(name)}"].{path}'


def as_rotation(pose: PoseBone, turn: npt.NDArray[np.float64]) -> tuple[str, npt.NDArray[np.float64]]:
    """(property, (T, 3 or 4) values) in the rotation mode of the pose bone."""
    if pose.rotation_mode == "QUATERNION":
        return "rotation_quaternion", turn
    if pose.rotation_mode == "AXIS_ANGLE":
        angle = 2 * np.arccos(np.clip(turn[:, 0], -1, 1))
        length = np.linalg.norm(turn[:, 1:], axis=1, keepdims=True)
        axis = np.where(length > 1e-9, turn[:, 1:] / np.maximum(length, 1e-9), [0.0, 1.0, 0.0])
        return "rotation_axis_angle", np.concatenate([angle[:, None], axis], axis=1)
    return "rotation_euler", eulers_of(turn, pose.rotation_mode)
