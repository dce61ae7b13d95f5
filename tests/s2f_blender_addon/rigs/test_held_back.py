"""Constraints, limits and rest positions that hold back what was keyed are said after the bake."""

import numpy as np
import pytest

from .test_character import armature
from .test_driven_keys import drive_by_transform, property_rig


@pytest.fixture
def notes(load, blender):
    """``notes(target)`` bakes a mouth that opens and shuts; gives what the bake says."""

    def run(target):
        values = np.zeros((20, 52), np.float32)
        values[:, load("core.channels").INDEX["jawOpen"]] = 0.5 - 0.5 * np.cos(np.arange(20) / 19 * 2 * np.pi)
        track = load("core.track").FaceTrack.captured(values, 24.0)
        character = load("rigs").find_character(target)
        return " ".join(load("bake").bake(track, character, blender.context.scene, 1).notes)

    return run


@pytest.fixture
def jaw(blender, face):
    """(a face without a key for its jaw, the bone that opens it, the rig)."""
    rig = armature(blender, ("head", "jaw", "control"))
    return face(["mouthSmileLeft", "eyeBlinkLeft"], parent=rig), rig.pose.bones["jaw"], rig


@pytest.mark.parametrize("kind", ["COPY_ROTATION", "LIMIT_ROTATION"])
def test_a_constraint_that_holds_the_jaw_is_named(notes, jaw, kind):
    target, bone, rig = jaw
    constraint = bone.constraints.new(kind)
    if kind == "COPY_ROTATION":
        constraint.target, constraint.subtarget = rig, "control"
    else:
        constraint.use_limit_x, constraint.owner_space = True, "LOCAL"
    assert f"jaw of Rig does not turn as keyed, for the constraint “{constraint.name}”" in notes(target)
    constraint.mute = True
    assert "does not turn" not in notes(target)


def test_a_rig_in_rest_position_is_said(notes, jaw):
    target, _, rig = jaw
    rig.data.pose_position = "REST"
    assert "Rig stands in Rest Position" in notes(target)
    rig.data.pose_position = "POSE"
    assert "Rest Position" not in notes(target)


def test_a_limit_on_a_control_is_said_by_the_key_that_falls_short(notes, blender, face):
    target = face(["jawOpen", "mouthSmileLeft"])
    rig = target.parent = armature(blender, ["slider"])
    drive_by_transform(target.data.shape_keys.key_blocks["jawOpen"], rig, "slider", "LOC_Y")
    assert "should give" not in notes(target)
    limit = rig.pose.bones["slider"].constraints.new("LIMIT_LOCATION")
    limit.use_max_y, limit.max_y, limit.owner_space = True, 0.5, "LOCAL"
    assert "jawOpen of Face is 0.50 where its driver should give 0.99" in notes(target)


def test_whole_numbers_drive_keys_in_steps_and_are_no_fault(notes, blender, face):
    target = face(["jawOpen", "mouthSmileLeft"])
    property_rig(blender, target, "var / 100", 0)
    said = notes(target)
    assert "what moves them was keyed" in said
    assert "does not show" not in said
    blender.context.scene.frame_set(10)
    assert target.data.shape_keys.key_blocks["jawOpen"].value == pytest.approx(1.0, abs=0.02)


def test_controls_named_after_channels_are_no_eyes(load, blender):
    rig = armature(blender, ("eyeBlinkLeft", "eyeBlinkRight", "eyeSquintLeft", "eyeWideRight", "eye.L"))
    assert load("rigs.bones").find_bones(rig).names == {"eye_left": "eye.L"}
