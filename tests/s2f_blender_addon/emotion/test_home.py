"""Keys of emotion have an action of their own: beside a body's, below a bake's, in a track of the NLA editor."""

import bpy
import numpy as np
import pytest

from tests.s2f_blender_addon.panels.layout import Layout, context_of

PATH = "s2f_character.emotion_happy"


@pytest.fixture
def rig(blender, face):
    """An armature with a jaw and a body, whose face has no jaw of its own, and an animated hip."""
    armature = blender.data.objects.new("Rig", blender.data.armatures.new("Rig"))
    blender.context.scene.collection.objects.link(armature)
    blender.context.view_layer.objects.active = armature
    blender.ops.object.mode_set(mode="EDIT")
    for k, name in enumerate(("hip", "jaw")):
        bone = armature.data.edit_bones.new(name)
        bone.head, bone.tail = (0, 0, k), (0, -0.1, k)
    blender.ops.object.mode_set(mode="OBJECT")
    face(["eyeBlinkLeft", "eyeBlinkRight", "mouthSmileLeft", "mouthSmileRight", "browDownLeft"], parent=armature)
    return armature


def walk(armature, frame=10):
    hip = armature.pose.bones["hip"]
    hip.location.x = 1.0
    hip.keyframe_insert("location", frame=frame)
    return armature.animation_data.action


def key(load, owner, frame, value):
    bag = load("emotion.curves").writable_bag(owner)
    load("emotion.curves").ensured_curve(bag, PATH).keyframe_points.insert(frame, value)
    load("emotion.home").fit(owner)


def shown(owner, frame):
    bpy.context.scene.frame_set(frame)
    bpy.context.view_layer.update()
    return owner.s2f_character.emotion_happy


def paths(load, owner):
    return {curve.data_path for curve in load("bake.compat").bag_of(owner).fcurves}


def test_beside_a_walk_they_lie_in_a_track_and_play(rig, load):
    action = walk(rig)
    key(load, rig, 5, 0.25)
    key(load, rig, 25, 0.75)
    assert rig.animation_data.action == action and PATH not in paths(load, rig)
    assert [track.name for track in rig.animation_data.nla_tracks] == ["Emotion"]
    assert (shown(rig, 5), shown(rig, 25), shown(rig, 200)) == pytest.approx((0.25, 0.75, 0.75))
    assert load("emotion.curves").played_curve(rig, "happy").values(np.array([5.0])) == pytest.approx([0.25])
    assert rig.pose.bones["hip"].location.x == pytest.approx(1.0)


def test_keys_in_a_mixed_action_move_into_their_own(rig, load):
    walk(rig)
    rig.s2f_character.emotion_happy = 0.5
    rig.keyframe_insert(PATH, frame=7)
    key(load, rig, 30, 0.9)
    assert PATH not in paths(load, rig)
    assert (shown(rig, 7), shown(rig, 30)) == pytest.approx((0.5, 0.9))


def test_a_bake_of_bones_makes_room_and_leaves_them_alone(rig, load):
    key(load, rig, 5, 0.25)
    emotion = rig.animation_data.action
    load("emotion.home").make_room(rig)
    assert rig.animation_data.action is None
    walk(rig)
    assert rig.animation_data.action != emotion
    assert shown(rig, 5) == pytest.approx(0.25)
    key(load, rig, 40, 0.5)
    assert shown(rig, 40) == pytest.approx(0.5)
    assert [strip.action for track in rig.animation_data.nla_tracks for strip in track.strips] == [emotion]


def test_a_track_that_was_moved_stays_moved(rig, load):
    walk(rig)
    key(load, rig, 5, 0.25)
    strip = rig.animation_data.nla_tracks[0].strips[0]
    strip.frame_start += 10
    start = strip.frame_start
    load("emotion.home").fit(rig)
    assert strip.frame_start == start


def test_an_object_without_animation_plays_them_itself(face, load):
    owner = face()
    key(load, owner, 5, 0.25)
    assert not owner.animation_data.nla_tracks
    assert shown(owner, 5) == pytest.approx(0.25)


def test_the_panel_names_what_is_keyed_there_the_users_own_emotions_too(blender, rig, load):
    walk(rig)
    key(load, rig, 5, 0.25)
    own = rig.s2f_character.own.add()
    own.name = "Smug"
    own.value = 1.0
    bag = load("emotion.curves").writable_bag(rig)
    load("emotion.curves").ensured_curve(bag, "s2f_character.own[0].value").keyframe_points.insert(5, 1.0)
    load("emotion.home").fit(rig)
    layout = Layout()
    load("panels.emotion").draw_keyed(layout, context_of(blender), rig)
    assert "Keyed in the NLA editor: happy, Smug." in layout.shown
