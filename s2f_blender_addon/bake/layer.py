"""Head and breath, on top of the animator's own keys, which stay as they are.

Their turns lie in an action of their own, which an Action constraint plays on each of the bones after the bone's own
animation. A driver moves it along with the scene. Removing or muting the constraints leaves the animation of before.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import bpy
import numpy as np
from bpy.types import Action, ActionConstraint, Object

from ..core.breath import as_turn, breath
from ..core.track import Array, FaceTrack
from ..core.turns import Axes, Quaternions, turns
from ..rigs.bones import axes, find_bones, in_bone_space
from . import compat
from .bones import as_rotation, bone_path
from .channels import Channel
from .compat import Bag
from .parts import OwnerCurves
from .write import CurveWriter

NAME = "Speech2Face"
_LAYER = "s2f_layer"
"""Custom property of the action."""
_NECK_SHARE = 0.35
"""Of the turns of a head, that its neck takes."""
_BREATH_DEGREES = 2.2
"""By which a chest lifts from empty to full."""
_ERROR = 0.0005


@dataclass(frozen=True)
class HeadLayer:
    """The action of an armature's head and breath, and where in it the armature's curves are."""

    action: Action
    bag: "Bag"
    slot: int


def layer_of(armature: Object) -> HeadLayer | None:
    """The layer that bakes have made for ``armature``."""
    constraint = next(_constraints(armature), None)
    if constraint is None:
        return None
    bag, slot = compat.bag_of_constraint(constraint)
    return HeadLayer(constraint.action, bag, slot) if bag is not None else None


def write_layer(
    writer: CurveWriter, armature: Object, spine: Mapping[str, str], read: FaceTrack, breathes: float, name: str
) -> None:
    """Write the head and the breath of ``read``, which lies on the writer's frames, onto the bones ``spine``, role ->
    bone. ``breathes``: how strongly.
    """
    layer = layer_of(armature) or _fresh(armature, spine, name)
    if layer.action.users > len(list(_constraints(armature))) + layer.action.use_fake_user:
        layer = single(armature)  # a copied armature has one of its own
    directions = axes(find_bones(armature))
    channels: list[Channel] = []
    columns = []
    for role, bone in spine.items():
        pose = armature.pose.bones[bone]
        turn = _turn(role, "neck" in spine, read, breathes, directions)
        path, values = as_rotation(pose, in_bone_space(turn, pose.bone))
        for index in range(values.shape[1]):
            rest = 1.0 if path == "rotation_quaternion" and index == 0 else 0.0
            channels.append(Channel(bone_path(bone, path), index, "Head", rest, _ERROR))
        columns.append(values)
    every: Array = np.concatenate(columns, axis=1).astype(np.float32)
    writer.write(layer.action, layer.bag, OwnerCurves(armature, armature.name, tuple(channels), every), layer.slot)
    writer.finish(layer.action)
    for bone in spine.values():
        _constrained(armature, bone, layer)
    reach(armature)
    armature.update_tag()


def reach(armature: Object) -> None:
    """Have the constraints of ``armature`` play from the first to the last key of its layer; none where there is none.
    """
    layer = layer_of(armature)
    ends = [end for curve in layer.bag.fcurves for end in curve.range()] if layer is not None else []
    if not ends:
        take_off(armature)
        return
    first, last = int(np.floor(min(ends))) - 1, int(np.ceil(max(ends))) + 1
    for constraint in _constraints(armature):
        constraint.frame_start, constraint.frame_end = first, last
        constraint.driver_remove("eval_time")
        driver = constraint.driver_add("eval_time").driver
        driver.type, driver.expression = "SCRIPTED", f"min(max((frame-({first}))/{last - first},0),1)"


def take_off(armature: Object) -> None:
    """Have nothing play the layer of ``armature``."""
    for bone in armature.pose.bones:
        for constraint in [one for one in bone.constraints if _is_ours(one)]:
            constraint.driver_remove("eval_time")
            bone.constraints.remove(constraint)


def single(armature: Object) -> HeadLayer:
    """Give ``armature`` a copy of its own of its layer, which another one plays, too."""
    before = layer_of(armature)
    assert before is not None, "who shares a layer has one"
    copy = before.action.copy()
    for constraint in _constraints(armature):
        compat.set_constraint_action(constraint, copy, before.slot)
    after = layer_of(armature)
    assert after is not None, "it was just set"
    return after


def _turn(role: str, has_neck: bool, read: FaceTrack, breathes: float, directions: Axes) -> Quaternions:
    """(T, 4) in armature space."""
    if role == "chest":
        pitch = -as_turn(breath(read), _BREATH_DEGREES * breathes)
        head: Array = np.stack([np.zeros_like(pitch), pitch, np.zeros_like(pitch)], axis=1).astype(np.float32)
    else:
        share = {"head": 1 - _NECK_SHARE, "neck": _NECK_SHARE}[role] if has_neck else 1.0
        head = read.head * np.float32(share)
    return turns("head", read.talk, head, directions)


def _is_ours(constraint: bpy.types.Constraint) -> bool:
    return constraint.type == "ACTION" and constraint.action is not None and bool(constraint.action.get(_LAYER))


def _constraints(armature: Object) -> Iterator[ActionConstraint]:
    for bone in armature.pose.bones:
        yield from (constraint for constraint in bone.constraints if _is_ours(constraint))


def _fresh(armature: Object, spine: Mapping[str, str], name: str) -> HeadLayer:
    action = bpy.data.actions.new(f"{name} Head S2F")
    action[_LAYER] = True
    bag, slot = compat.bag_in(action, armature)
    layer = HeadLayer(action, bag, slot)
    for bone in spine.values():
        _constrained(armature, bone, layer)
    return layer


def _constrained(armature: Object, bone: str, layer: HeadLayer) -> None:
    pose = armature.pose.bones[bone]
    if any(_is_ours(constraint) for constraint in pose.constraints):
        return
    constraint = pose.constraints.new("ACTION")
    constraint.name, constraint.show_expanded = NAME, False
    constraint.use_eval_time, constraint.mix_mode = True, "AFTER_SPLIT"
    compat.set_constraint_action(constraint, layer.action, layer.slot)
