"""After a bake the face is looked at: where it does not show what was written, a note says why."""

import numpy as np
import pytest


@pytest.fixture
def baked(load, blender, face):
    """``baked()`` bakes the same noise on the same face again; gives the notes."""
    target = face()
    values = np.random.default_rng(0).random((40, 52)).astype(np.float32)
    track = load("core.track").FaceTrack.captured(values, 24.0)

    def run(**options):
        character = load("rigs").find_character(target)
        options = load("bake").BakeOptions(**options)
        return load("bake").bake(track, character, blender.context.scene, 10, options).notes

    run.target = target
    run.animation = lambda: target.data.shape_keys.animation_data
    run()
    return run


def strip_of_an_old_take(animation):
    track = animation.nla_tracks.new()
    track.name = "old take"
    track.strips.new("old", 1, animation.action)
    return track


def test_a_face_that_shows_it_gets_no_note_and_time_stays(baked, blender):
    blender.context.scene.frame_set(7)
    assert baked() == ()
    assert blender.context.scene.frame_current == 7


def test_a_starred_track_is_named(baked):
    strip_of_an_old_take(baked.animation()).is_solo = True
    assert any("star" in note and "old take" in note for note in baked())


def test_an_influence_below_one_is_said(baked):
    strip_of_an_old_take(baked.animation())
    baked.animation().action_influence = 0.5
    assert any("50%" in note for note in baked())


def test_another_blending_is_said(baked):
    strip_of_an_old_take(baked.animation())
    baked.animation().action_blend_type = "ADD"
    assert any("Replace" in note for note in baked())


def test_muted_curves_are_said(baked, load):
    for curve in load("bake.compat").bag_of(baked.target.data.shape_keys).fcurves:
        curve.mute = True
    assert any("muted" in note for note in baked())


def test_modifiers_on_curves_are_said(baked, load):
    curve = load("bake.compat").bag_of(baked.target.data.shape_keys).fcurves[0]
    curve.modifiers.new("NOISE").strength = 3.0
    assert any("modifiers" in note for note in baked())


def test_time_remapping_is_said(baked, blender):
    blender.context.scene.render.frame_map_new = 200
    assert any("Time Stretching" in note for note in baked())


def test_a_key_relative_to_itself_is_said(baked):
    key = baked.target.data.shape_keys.key_blocks["jawOpen"]
    key.relative_key = key
    assert any("jawOpen" in note and "Relative To" in note for note in baked())


def test_keys_that_a_strip_without_hold_leaves_wide_open_are_said(baked, blender, load):
    if blender.types.ShapeKey.bl_rna.properties["value"].default == 0:  # 1 in Blender 5.0 and 5.1 alone
        pytest.skip("a key's value is 0 by default here")
    key, compat = baked.target.data.shape_keys, load("bake.compat")
    baked.animation().action = None
    bag = compat.assign(blender.data.actions.new("old"), key)
    for name in ("jawOpen", "browInnerUp"):
        bag.fcurves.new(load("bake.write").value_path(name)).keyframe_points.insert(300, 0.2)
    strip_of_an_old_take(baked.animation()).strips[0].extrapolation = "NOTHING"
    baked.animation().action = None
    assert any("browInnerUp" in note and "Hold" in note for note in baked(region="MOUTH", line="new"))
