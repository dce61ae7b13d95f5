"""Each branch of the compatibility module, in the Blender that takes it."""

import numpy as np
import pytest


@pytest.fixture
def compat(load, blender):
    return load("bake.compat")


def test_which_actions_this_blender_has(compat, blender):
    action = blender.data.actions.new("A")
    assert compat.has_slots(action) == (blender.app.version >= (4, 4, 0))
    assert hasattr(action, "fcurves") == (blender.app.version < (5, 0, 0))


def test_a_new_action_animates_its_owner(compat, blender, face):
    key = face().data.shape_keys
    bag = compat.assign(blender.data.actions.new("A"), key)
    curve = bag.fcurves.new('key_blocks["jawOpen"].value')
    curve.group = bag.groups.new("S2F")
    curve.keyframe_points.insert(1, 0.5)
    blender.context.scene.frame_set(1)
    assert key.key_blocks["jawOpen"].value == pytest.approx(0.5)
    assert list(compat.bag_of(key).fcurves) == [curve]


def test_one_action_serves_two_meshes_where_it_can(compat, blender, face):
    one, two = face(name="A").data.shape_keys, face(name="B").data.shape_keys
    action = blender.data.actions.new("A")
    if not compat.has_slots(action):
        return
    for key, value in ((one, 0.25), (two, 0.75)):
        compat.assign(action, key).fcurves.new('key_blocks["jawOpen"].value').keyframe_points.insert(1, value)
    blender.context.scene.frame_set(1)
    assert [key.key_blocks["jawOpen"].value for key in (one, two)] == pytest.approx([0.25, 0.75])


def test_what_is_not_animated_has_no_bag(compat, face):
    key = face().data.shape_keys
    assert compat.bag_of(key) is None
    key.animation_data_create()
    assert compat.bag_of(key) is None


def test_a_copied_curve_keeps_handles_extrapolation_and_group(compat, blender, face):
    one, two = face(name="A").data.shape_keys, face(name="B").data.shape_keys
    source_bag = compat.assign(blender.data.actions.new("A"), one)
    source = source_bag.fcurves.new('key_blocks["jawOpen"].value')
    source.group = source_bag.groups.new("Mine")
    for frame, value in ((1, 0.0), (11, 1.0)):
        source.keyframe_points.insert(frame, value)
    source.keyframe_points[0].handle_right_type = "FREE"
    source.keyframe_points[0].handle_right = (6.0, 0.0)
    source.extrapolation = "LINEAR"
    copy = compat.copy_fcurve(compat.assign(blender.data.actions.new("B"), two), source)
    assert copy.extrapolation == "LINEAR"
    assert copy.group.name == "Mine"
    assert [copy.evaluate(f) for f in (1, 4, 8, 11, 13)] == pytest.approx(
        [source.evaluate(f) for f in (1, 4, 8, 11, 13)]
    )


def test_keys_come_back_as_they_were_read(compat, blender, face):
    key = face().data.shape_keys
    curve = compat.assign(blender.data.actions.new("A"), key).fcurves.new('key_blocks["jawOpen"].value')
    for frame in range(20):
        curve.keyframe_points.insert(frame, (frame * 7 % 5) / 5)
    before = [curve.evaluate(f / 3) for f in range(60)]
    compat.write_keys(curve, compat.read_keys(curve))
    assert [curve.evaluate(f / 3) for f in range(60)] == pytest.approx(before)


def test_a_curve_like_another_has_linear_keys_of_its_own(compat, blender, face):
    """Where curves can be copied, and where they cannot; also beside one that is no model for it."""
    bag = compat.assign(blender.data.actions.new("A"), face().data.shape_keys)
    places = [np.array([(1, 0.0), (11, top), (21, 0.0)], np.float32) for top in (1.0, 0.5, 0.2)]
    curves, like = [], None
    for name, points in zip(("jawOpen", "mouthClose", "tongueOut"), places, strict=True):
        like = compat.new_fcurve(bag, f'key_blocks["{name}"].value', 0, len(points), like)
        like.keyframe_points.foreach_set("co", points.ravel())
        like.update()
        curves.append(like)
    short = compat.new_fcurve(bag, 'key_blocks["jawLeft"].value', 0, 1, like)
    assert [curve.evaluate(6) for curve in curves] == pytest.approx([0.5, 0.25, 0.1])
    assert [curve.data_path for curve in bag.fcurves] == [curve.data_path for curve in (*curves, short)]
    assert {point.interpolation for curve in curves for point in curve.keyframe_points} == {"LINEAR"}
    assert [len(curve.keyframe_points) for curve in (*curves, short)] == [3, 3, 3, 1]


def test_the_sequencer_speaks_of_strips_or_of_sequences(compat, blender):
    pytest.importorskip("aud", reason="the bpy module of 4.2.0 was built without sound")
    editor = blender.context.scene.sequence_editor_create()
    assert hasattr(editor, "strips") == (blender.app.version >= (4, 4, 0))
    assert hasattr(editor, "sequences") == (blender.app.version < (5, 0, 0))


def test_blenders_own_python_can_be_started(compat):
    import subprocess
    import sys

    run = subprocess.run([sys.executable, *compat.python_arguments(), "-c", "import numpy; print('fine')"],
                         capture_output=True, text=True)  # fmt: skip
    assert run.stdout.strip() == "fine"
