"""A line's own stretch: what it fills, and how a face comes there and leaves."""

import importlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some


@pytest.fixture(scope="module")
def stretch(addon):
    return importlib.import_module("bl_ext.user_default.s2f_blender_addon.s2f_blender_addon.bake.stretch")


spans = some.tuples(some.integers(0, 60), some.integers(0, 20)).map(lambda s: (s[0], s[0] + s[1]))


@given(span=spans, over=some.lists(spans, max_size=5))
def test_a_line_owns_each_frame_of_its_own_that_no_line_over_it_has(stretch, span, over):
    parts = stretch.own_stretches(span, over)
    owned = [frame for first, last in parts for frame in range(int(first), int(last) + 1)]
    wanted = [f for f in range(span[0], span[1] + 1) if not any(first <= f <= last for first, last in over)]
    assert owned == wanted


@pytest.fixture
def lines(load, face, blender):
    """``lines(start, value, name, others)`` bakes a line of 21 frames that stands at ``value`` throughout."""
    scene = blender.context.scene
    scene.render.fps = 24
    scene.frame_start, scene.frame_end = 1, 400
    target = face()

    def run(start, value, name="one", others=(), **options):
        track = load("core.track").FaceTrack.captured(np.full((21, 52), value, np.float32), 24.0)
        options = load("bake").BakeOptions(line=name, others=others, **options)
        return load("bake").bake(track, load("rigs").find_character(target), scene, start, options)

    run.target = target
    return run


def test_a_face_comes_from_rest_and_goes_back_to_it(lines, curve_values):
    lines(100, 0.5)
    assert list(curve_values(lines.target, "jawOpen", [1, 94, 100, 120, 126, 300])) == pytest.approx(
        [0, 0, 0.5, 0.5, 0, 0]
    )
    between = curve_values(lines.target, "jawOpen", np.arange(94, 101))
    assert (np.diff(between) > 0).all(), "without a jump"


def test_at_the_start_of_the_scene_nothing_leads_to_the_line(lines, curve_values, load):
    lines(1, 0.5)
    curve = load("bake.compat").bag_of(lines.target.data.shape_keys).fcurves[0]
    assert curve.keyframe_points[0].co.x == 1, "exporters begin with the first key, as the sound does"


@pytest.mark.parametrize("keys", ["CURVES", "FRAMES", "TWOS"])
@pytest.mark.parametrize("gap", [1, 5, 11, 40])
def test_a_second_line_leaves_the_first_alone_and_no_hole_between(lines, curve_values, gap, keys):
    lines(50, 0.5, keys=keys)
    first = curve_values(lines.target, "jawOpen", np.arange(50, 71))
    last = 70 + gap
    lines(last, 0.9, "two", others=((50, 70),), keys=keys)
    frames = np.arange(44, last + 27)
    values = curve_values(lines.target, "jawOpen", frames)
    assert np.abs(values[6:27] - first).max() < 1e-6
    assert values[(frames >= last + 7) & (frames <= last + 20)] == pytest.approx(0.9, abs=0.005)
    assert np.abs(np.diff(values)).max() < (0.3 if keys != "TWOS" else 0.5)
    if gap > 12:
        assert values[(frames >= 77) & (frames <= last - 7)] == pytest.approx(0, abs=1e-6), "rest between"
    else:
        assert values[(frames >= 50) & (frames <= last)].min() > 0.49, "from one into the other"


def test_bakes_of_two_lines_in_any_order_come_to_the_same(lines, curve_values):
    frames = np.arange(40, 140)
    lines(50, 0.5)
    lines(90, 0.9, "two", others=((50, 70),))
    once = curve_values(lines.target, "jawOpen", frames)
    for _ in range(3):
        lines(50, 0.5, others=((90, 110),))
        lines(90, 0.9, "two", others=((50, 70),))
    assert curve_values(lines.target, "jawOpen", frames) == pytest.approx(once, abs=1e-6)


def test_a_line_that_was_moved_leaves_nothing_where_it_was(lines, curve_values):
    lines(50, 0.5)
    lines(200, 0.5)
    assert curve_values(lines.target, "jawOpen", np.arange(1, 190)) == pytest.approx(0)


def test_the_animators_curve_goes_on_before_and_after(lines, curve_values, load, blender):
    bag = load("bake.compat").assign(blender.data.actions.new("Mine"), lines.target.data.shape_keys)
    mine = bag.fcurves.new(load("bake.write").value_path("jawOpen"))
    for frame, value in ((1, 0.1), (40, 0.8), (180, 0.2), (220, 0.6)):
        mine.keyframe_points.insert(frame, value)
    frames = np.r_[1:95, 126:260]
    before = curve_values(lines.target, "jawOpen", frames)
    for _ in range(2):
        lines(100, 0.5)
        assert curve_values(lines.target, "jawOpen", frames) == pytest.approx(before, abs=1e-5)
        assert curve_values(lines.target, "jawOpen", [100, 120]) == pytest.approx([0.5, 0.5])


def test_keys_outside_of_the_frames_that_play_are_said(lines, blender):
    blender.context.scene.frame_start, blender.context.scene.frame_end = 1001, 1100
    assert any("1001 to 1100" in note for note in lines(1, 0.5).notes)
    assert not any("1001 to 1100" in note for note in lines(1010, 0.5).notes)


def test_a_line_inside_another_leaves_both_ends_to_it(lines, curve_values, load, blender):
    track = load("core.track").FaceTrack.captured(np.full((101, 52), 0.5, np.float32), 24.0)
    lines(50, 0.9, "short", others=((1, 101),))
    options = load("bake").BakeOptions(line="long", others=((50, 70),), over=((50, 70),))
    report = load("bake").bake(track, load("rigs").find_character(lines.target), blender.context.scene, 1, options)
    assert (report.first, report.last) == (1, 101)
    values = curve_values(lines.target, "jawOpen", [10, 40, 60, 80, 100])
    assert list(values) == pytest.approx([0.5, 0.5, 0.9, 0.5, 0.5], abs=0.005)
