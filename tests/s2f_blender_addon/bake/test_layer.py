"""Head and breath lie on top of the animator's own keys, which stay as they are."""

from dataclasses import replace

import numpy as np
import pytest

from s2f_blender_addon.core.breath import breath
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.track import FaceTrack

KEYS = ["jawOpen", "mouthClose", "mouthSmileLeft", "mouthSmileRight"]


def armature(blender, names=("chest", "neck", "head")):
    made = blender.data.objects.new("Rig", blender.data.armatures.new("Rig"))
    blender.context.scene.collection.objects.link(made)
    blender.context.view_layer.objects.active = made
    blender.ops.object.mode_set(mode="EDIT")
    before = made.data.edit_bones.new("root")
    before.head, before.tail = (0, 0, 0), (0, 0, 1)
    for k, name in enumerate(names, 1):
        bone = made.data.edit_bones.new(name)
        bone.head, bone.tail, bone.parent, bone.roll = (0, 0, k), (0, 0.1 * k, k + 1), before, 0.3 * k
        before = bone
    blender.ops.object.mode_set(mode="OBJECT")
    return made


def speech(head=(0.0, 0.3, 0.0), seconds=2.0):
    """A head that turns, over a mouth that speaks in the middle."""
    count = int(seconds * 24) + 1
    talk = np.zeros((count, 52), np.float32)
    talk[count // 3 : 2 * count // 3, INDEX["jawOpen"]] = 0.3
    track = FaceTrack.captured(talk, 24.0)
    return replace(track, head=np.tile(np.array(head, np.float32), (count, 1)))


@pytest.fixture
def bake(blender, load):
    def write(target, track, start=1, **options):
        module = load("bake")
        character = load("rigs").find_character(target)
        return module.bake(track, character, blender.context.scene, start, module.BakeOptions(head=True, **options))

    return write


def nose(blender, rig, frame):
    """Where what is half a metre before the head goes."""
    blender.context.scene.frame_set(frame)
    pose = rig.evaluated_get(blender.context.evaluated_depsgraph_get()).pose.bones["head"]
    return np.array(pose.matrix @ pose.bone.matrix_local.inverted())[:3, :3] @ (0, -0.5, 0)


def key_head(rig):
    pose = rig.pose.bones["head"]
    pose.rotation_mode = "XYZ"
    for frame, angle in ((1, 0.0), (40, 0.6)):
        pose.rotation_euler.y = angle
        pose.keyframe_insert("rotation_euler", frame=frame)
    return rig.animation_data.action


@pytest.mark.parametrize("mode", ["QUATERNION", "XYZ", "AXIS_ANGLE"])
def test_the_head_nods_whatever_its_rotation_mode(blender, face, bake, mode):
    rig = armature(blender)
    for pose in rig.pose.bones:
        pose.rotation_mode = mode
    report = bake(face(KEYS, parent=rig), speech())
    assert set(report.bones) >= {"head", "neck", "chest"}
    assert nose(blender, rig, 24)[2] == pytest.approx(-0.5 * np.sin(0.3), abs=0.02)
    assert nose(blender, rig, 200)[2] == pytest.approx(0, abs=1e-4), "at rest after the line"


def test_the_animators_keys_stay_and_both_are_seen(blender, face, bake, load):
    rig = armature(blender)
    action = key_head(rig)
    alone = nose(blender, rig, 24)
    before = [load("bake.compat").read_keys(curve)["co"] for curve in load("bake.compat").bag_of(rig).fcurves]
    bake(face(KEYS, parent=rig), speech())
    assert rig.animation_data.action == action
    after = [load("bake.compat").read_keys(curve)["co"] for curve in load("bake.compat").bag_of(rig).fcurves]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    both = nose(blender, rig, 24)
    assert np.linalg.norm(both - alone) == pytest.approx(0.5 * 0.3, abs=0.03)
    rig.pose.bones["head"].rotation_euler.y = 0


def test_a_second_bake_takes_the_first_ones_place_and_another_line_is_added(blender, face, bake):
    rig, target = armature(blender), None
    target = face(KEYS, parent=rig)
    bake(target, speech(), line="a")
    bake(target, speech((0.0, 0.1, 0.0)), line="a")
    bake(target, speech((0.0, -0.2, 0.0)), start=101, line="b", others=((1, 49),))
    assert nose(blender, rig, 24)[2] == pytest.approx(-0.5 * np.sin(0.1), abs=0.02)
    assert nose(blender, rig, 124)[2] == pytest.approx(0.5 * np.sin(0.2), abs=0.02)
    assert len([a for a in blender.data.actions if "Head" in a.name]) == 1
    assert len(rig.pose.bones["head"].constraints) == 1


def test_a_line_that_goes_takes_its_nods_along(blender, face, bake, load):
    rig = armature(blender)
    target = face(KEYS, parent=rig)
    bake(target, speech(), line="a")
    load("bake").erase(load("rigs").find_character(target), "a")
    assert not rig.pose.bones["head"].constraints
    assert nose(blender, rig, 24)[2] == pytest.approx(0, abs=1e-6)


def test_without_such_bones_nothing_is_said(blender, face, bake):
    report = bake(face(KEYS), speech())
    assert report.bones == () and not any("head" in note for note in report.notes)


def test_a_neck_and_a_chest_are_found_by_name_or_by_what_they_carry(blender, load):
    find = load("rigs.spine").find_spine
    assert find(armature(blender)) == {"head": "head", "neck": "neck", "chest": "chest"}
    unreal = armature(blender, ("spine_05", "neck_01", "head"))
    assert find(unreal) == {"head": "head", "neck": "neck_01", "chest": "spine_05"}
    assert find(armature(blender, ("hand",))) == {}


def test_lungs_fill_before_a_phrase_and_empty_in_it(blender):
    track = speech(seconds=6.0)
    lungs = breath(track)
    begin, end = 2 * 24, 4 * 24
    assert lungs[begin - 2] > lungs[begin - 20] + 0.1 and lungs[end] < lungs[begin] - 0.2
    assert lungs.min() >= 0 and lungs.max() <= 1
