"""A bake that fails or is cancelled while a line moves: what was there is there, and the next one does it all."""

import numpy as np
import pytest

from ..bake.test_layer import armature, nose
from .test_moves import edit, move, place, places, shot, two_lines

__all__ = ["shot"]


@pytest.fixture
def fail(shot, load, monkeypatch):
    """``fail(frame)`` has the bake of the first line at that frame fail after its keys are written."""

    def broken(*_):
        raise OSError(28, "No space left on device", "here")

    def run(frame):
        with monkeypatch.context() as patch:
            patch.setattr(load("bake.bake"), "why_unseen", broken)
            place(shot, 0, frame)
            shot.bpy.ops.s2f.bake_all("EXEC_DEFAULT")
            with pytest.raises(AssertionError):
                shot.wait()
        assert "No space left" in shot.session.shown.outcome.error

    return run


@pytest.fixture
def sad(shot):
    """A body that is keyed, so that what is felt from frame 3 to 21 lies in the NLA editor."""
    target = shot.settings.target
    target.keyframe_insert("location", frame=1)
    shot.bpy.ops.s2f.clip_add(emotion="sad")
    shot.character.clips[0].start, shot.character.clips[0].end = 3, 21
    (track,) = target.animation_data.nla_tracks
    return track


@pytest.fixture
def rig(shot):
    """What the face nods with."""
    rig = armature(shot.bpy)
    shot.settings.target.parent = rig
    shot.settings.head = True
    return rig


def felt(shot):
    curve = shot.load("emotion.curves").slider_curve(shot.settings.target, "happy")
    return [round(point.co.x) for point in curve.keyframe_points]


def test_a_head_nods_as_before(shot, rig, fail):
    shot.bake(start_frame=1)
    before = [nose(shot.bpy, rig, frame) for frame in (5, 12, 20)]
    fail(200)
    assert np.allclose([nose(shot.bpy, rig, frame) for frame in (5, 12, 20)], before, atol=1e-5)
    move(shot, 0, 200)
    assert np.allclose([nose(shot.bpy, rig, frame) for frame in (204, 211, 219)], before, atol=1e-2)


def test_a_first_bake_leaves_no_constraints(shot, rig, fail):
    shot.bpy.ops.s2f.line_add()
    shot.settings.audio_path = shot.sounds[0]
    fail(1)
    assert not any(bone.constraints for bone in rig.pose.bones)


def test_the_strip_of_what_is_felt_reaches_over_the_keys_as_before(shot, sad, fail):
    shot.bake(start_frame=1)
    before = [(strip.frame_start, strip.frame_end, strip.action_frame_start) for strip in sad.strips]
    fail(200)
    assert [(strip.frame_start, strip.frame_end, strip.action_frame_start) for strip in sad.strips] == before


def test_a_strip_that_is_being_edited_stays_and_that_is_said(shot, sad, fail):
    shot.bake(start_frame=1)
    animation = shot.settings.target.animation_data
    animation.nla_tracks.active, sad.strips[0].select = sad, True
    animation.use_tweak_mode = True
    fail(100)
    report = move(shot, 0, 100)
    assert places(shot) == [("a", 100, 100)]
    assert "The emotion keys stayed where they are" in " ".join(report.notes)
    assert shot.character.clips[0].start == 3


def test_keys_that_the_animator_has_shifted_along_are_not_shifted_twice_by_the_next_bake(shot, load, fail):
    shot.bake(start_frame=1)
    for frame in (5, 15, 25):
        shot.settings.target.keyframe_insert("s2f_character.emotion_happy", frame=frame)
    compat = load("bake.compat")
    for owner in (shot.settings.target.data.shape_keys, shot.settings.target):
        for curve in compat.bag_of(owner).fcurves:
            keys = compat.read_keys(curve)
            for name in ("co", "handle_left", "handle_right"):
                keys[name][:, 0] += 20
            compat.write_keys(curve, keys)
    fail(21)
    move(shot, 0, 21)
    assert felt(shot) == [25, 35, 45]


def test_a_strip_that_was_dragged_leads_its_line_after_a_bake_that_was_cancelled(shot):
    pytest.importorskip("aud", reason="the bpy module of 4.2.0 was built without sound")
    shot.bake(start_frame=1)
    (strip,) = shot.strips()
    shot.load("bake.compat").shift_strip(strip, 200)
    shot.bpy.ops.s2f.bake("EXEC_DEFAULT")
    shot.bpy.ops.s2f.cancel()
    shot.bake()
    assert places(shot) == [("a", 201, 201)]


def test_a_line_that_finds_no_place_keeps_what_is_felt_until_it_has_one(shot):
    two_lines(shot)
    for frame in (102, 110, 120):
        shot.settings.target.keyframe_insert("s2f_character.emotion_happy", frame=frame)
    value = edit(shot, 112)
    shot.settings.frame_range, shot.settings.range_first, shot.settings.range_last = "FRAMES", 1, 200
    move(shot, 1, 300)
    assert "outside of the frame range" in shot.session.shown.outcome.notice
    assert felt(shot) == [102, 110, 120]
    shot.settings.range_last = 500
    move(shot, 1, 300)
    assert shot.values([312])[0] == pytest.approx(value, abs=0.02)
    assert felt(shot) == [302, 310, 320]
