"""The one write."""

from dataclasses import replace

import numpy as np
import pytest


def noise(load, frames=120, fps=60.0, seed=0):
    values = np.random.default_rng(seed).random((frames, 52), np.float32)
    return load("core.track").FaceTrack.captured(values, fps)


@pytest.fixture
def scene(blender):
    scene = blender.context.scene
    scene.render.fps, scene.render.fps_base = 60, 1.0
    return scene


@pytest.fixture
def baked(load, scene):
    """``baked(object, track, start, **options)`` bakes, a key on every frame unless told, and gives the report."""

    def run(target, track, start=1, **options):
        options = {"keys": "FRAMES"} | options
        return load("bake").bake(
            track, load("rigs").find_character(target), scene, start, load("bake").BakeOptions(**options)
        )

    return run


def test_every_channel_is_written_as_it_is(load, face, baked, curve_values):
    target, track = face(), noise(load)
    report = baked(target, track, start=10)
    assert report.missing == ()
    assert (report.first, report.last) == (10, 129)
    for i, name in enumerate(track.names):
        assert np.abs(curve_values(target, name, np.arange(10, 130)) - track.talk[:, i]).max() < 1e-6


def test_blender_plays_what_was_written(load, face, baked, scene, blender):
    target, track = face(), noise(load)
    baked(target, track)
    scene.frame_set(31)
    played = [target.data.shape_keys.key_blocks[name].value for name in track.names]
    assert np.abs(np.array(played) - track.talk[30]).max() < 1e-6


def test_names_with_quotes_backslashes_and_other_letters_are_written(load, face, baked, curve_values):
    target = face(['jawOpen "weird\\name"', "eyeBlinkLeft", "brüh"], name='Gesicht "ü"')
    stored = load("rigs.stored")
    Entry, KeyMap = load("rigs").Entry, load("rigs").KeyMap
    keymap = KeyMap((Entry('jawOpen "weird\\name"', "jawOpen"), Entry("brüh", "cheekPuff")))
    stored.store_map(target, keymap, edited=True)
    track = noise(load)
    baked(target, track)
    index = load("core.channels").INDEX
    assert curve_values(target, 'jawOpen "weird\\name"', 5)[0] == pytest.approx(track.talk[4, index["jawOpen"]])
    assert curve_values(target, "brüh", 5)[0] == pytest.approx(track.talk[4, index["cheekPuff"]])


def test_ten_bakes_leave_what_one_does(load, face, baked, blender):
    target, compat = face(), load("bake.compat")
    first = baked(target, noise(load), keys="CURVES")

    def size():
        curves = compat.bag_of(target.data.shape_keys).fcurves
        return len(blender.data.actions), len(curves), sum(len(curve.keyframe_points) for curve in curves)

    once = size()
    for _ in range(9):
        again = baked(target, noise(load), keys="CURVES")
    assert again.actions == first.actions
    assert size() == once
    assert once[0] == 1


def test_somebody_elses_action_is_kept_and_said(load, face, baked, blender):
    target = face(["jawOpen", "hat"])
    target.data.shape_keys.key_blocks["hat"].keyframe_insert("value", frame=1)
    mine = target.data.shape_keys.animation_data.action
    report = baked(target, noise(load))
    assert mine.use_fake_user
    assert mine.name not in report.actions
    assert any(mine.name in note for note in report.notes)
    assert not any(mine.name in note for note in baked(target, noise(load)).notes)


def test_what_the_old_action_animates_besides_comes_along(load, face, baked, curve_values):
    target = face(["jawOpen", "hat"])
    hat = target.data.shape_keys.key_blocks["hat"]
    hat.value = 0.25
    hat.keyframe_insert("value", frame=1)
    hat.value = 0.75
    hat.keyframe_insert("value", frame=11)
    baked(target, noise(load))
    assert list(curve_values(target, "hat", [1, 11])) == pytest.approx([0.25, 0.75])
    assert curve_values(target, "hat", 3)[0] < 0.32, "still a Bezier curve, not a line"


@pytest.mark.parametrize("keys", ["FRAMES", "CURVES"])
def test_a_frame_range_leaves_the_rest_of_an_earlier_bake(load, face, baked, curve_values, keys):
    target = face()
    one, two = noise(load, seed=1), noise(load, seed=2)
    baked(target, one, keys=keys)
    before = curve_values(target, "jawOpen", np.arange(1, 121))
    report = baked(target, two, first=40, last=60, keys=keys)
    values = curve_values(target, "jawOpen", np.arange(1, 121))
    jaw = load("core.channels").INDEX["jawOpen"]
    assert values[:39] == pytest.approx(before[:39], abs=1e-6)
    assert values[47:52] == pytest.approx(two.talk[47:52, jaw], abs=0.005), "in the middle it is the new one"
    assert values[60:] == pytest.approx(before[60:], abs=1e-6)
    assert abs(values[39] - before[39]) < abs(two.talk[39, jaw] - before[39]), "the ends are blended"
    assert (report.first, report.last) == (40, 60)


def test_a_range_beside_the_clip_gets_its_sentence(load, face, baked):
    with pytest.raises(load("core.errors").UserError, match="outside of the frame range"):
        baked(face(), noise(load), first=1000, last=2000)


def test_the_offset_moves_the_face_and_not_the_sound(load, face, baked, curve_values):
    target, track = face(), noise(load)
    baked(target, track, start=10, offset=-2)
    assert curve_values(target, "jawOpen", 8)[0] == pytest.approx(track.talk[0, load("core.channels").INDEX["jawOpen"]])


def test_keys_between_frames_on_request(load, face, baked, scene):
    scene.render.fps = 24
    target = face()
    baked(target, noise(load, 61), keys="TRACK")
    curve = load("bake.compat").bag_of(target.data.shape_keys).fcurves[0]
    assert len([point for point in curve.keyframe_points if point.co.x <= 25]) == 61
    assert curve.keyframe_points[1].co.x == pytest.approx(1.4)


@pytest.mark.parametrize(("keys", "kind"), [("CURVES", "BEZIER"), ("FRAMES", "LINEAR"), ("TWOS", "CONSTANT")])
def test_keys_are_generated_unselected_and_in_the_colour_and_group_of_their_region(load, face, baked, keys, kind):
    target = face()
    baked(target, noise(load), keys=keys)
    curves = load("bake.compat").bag_of(target.data.shape_keys).fcurves
    path, groups = load("bake.write").value_path, load("bake.channels").GROUPS
    for name, group in (("jawOpen", "Jaw"), ("mouthClose", "Lips"), ("browInnerUp", "Brows"), ("eyeBlinkLeft", "Eyes")):
        curve = curves.find(path(name))
        assert curve.group.name == group
        assert tuple(curve.color) == pytest.approx(groups[group])
        inside = [point for point in curve.keyframe_points if 1 <= point.co.x <= 110]
        assert {point.interpolation for point in inside} == {kind}
        assert {point.type for point in curve.keyframe_points} == {"GENERATED"}
        assert not any(point.select_control_point for point in curve.keyframe_points)


def test_on_twos_a_pose_is_held_for_two_frames(load, face, baked, curve_values, scene):
    scene.render.fps = 24
    target = face()
    baked(target, noise(load, 48, 24.0), keys="TWOS")
    values = curve_values(target, "jawOpen", np.arange(1, 48))
    assert (values[0:46:2] == values[1:47:2]).all()
    assert len(set(values)) > 10


def test_by_default_few_keys_stay_within_a_two_hundredth(load, face, baked, curve_values, scene):
    time = np.arange(600)[:, None] / 60
    values = (0.5 + 0.5 * np.sin(time * np.linspace(1, 20, 52))).astype(np.float32)
    track = load("core.track").FaceTrack.captured(values, 60.0)
    target = face()
    report = load("bake").bake(track, load("rigs").find_character(target), scene, 1)
    assert report.keys < values.size / 8
    for i, name in enumerate(track.names):
        assert np.abs(curve_values(target, name, np.arange(1, 601)) - values[:, i]).max() <= 0.005


def test_a_curve_that_never_moves_has_two_keys(load, face, baked):
    values = np.zeros((100, 52), np.float32)
    values[:, 3] = 0.25
    target = face()
    report = baked(target, load("core.track").FaceTrack.captured(values, 60.0))
    assert report.keys == 104


def test_the_mix_is_applied(load, face, baked, curve_values):
    index = load("core.channels").INDEX
    track = replace(noise(load), mood=np.zeros((120, 52), np.float32))
    track.talk[:] = 0.2
    track.mood[:, index["browDownLeft"]] = 0.3
    target = face()
    baked(target, track, mix=load("core.blend").Mix(intensity=2.0, eye=0.5))
    assert curve_values(target, "browDownLeft", 20)[0] == pytest.approx(0.8)
    assert curve_values(target, "eyeBlinkLeft", 20)[0] == pytest.approx(0.1)


def test_keyed_intensity_multiplies(load, face, baked, curve_values):
    index = load("core.channels").INDEX
    track = replace(noise(load), mood=np.zeros((120, 52), np.float32))
    track.talk[:] = 0.0
    track.mood[:, index["browDownLeft"]] = 0.5
    target = face()
    baked(target, track, intensity=lambda frames: np.linspace(0, 1, len(frames), dtype=np.float32))
    assert list(curve_values(target, "browDownLeft", [1, 120])) == pytest.approx([0.0, 0.5])


def test_the_scene_is_extended_to_the_clip_and_never_shortened(load, face, baked, scene):
    scene.frame_end = 50
    target = face()
    report = baked(target, noise(load))
    assert scene.frame_end == 120
    assert any("frame 120" in note for note in report.notes)
    scene.frame_end = 500
    baked(target, noise(load))
    assert scene.frame_end == 500
