"""Key arrays are what Blender makes of them."""

import numpy as np
import pytest


@pytest.fixture
def keyed(load, blender):
    return load("bake.keyed")


@pytest.fixture
def curve(blender, load, face):
    """A curve with handles of all types and pieces of all plain kinds."""
    bag = load("bake.compat").assign(blender.data.actions.new("A"), face().data.shape_keys)
    made = bag.fcurves.new('key_blocks["jawOpen"].value')
    rng = np.random.default_rng(4)
    for frame in (-20, 3, 17, 20, 48, 90, 91, 150):
        key = made.keyframe_points.insert(frame, rng.random())
        key.interpolation = ("BEZIER", "BEZIER", "LINEAR", "CONSTANT")[frame % 4]
        key.handle_left_type = key.handle_right_type = ("FREE", "AUTO", "AUTO_CLAMPED", "VECTOR", "ALIGNED")[frame % 5]
    for key in made.keyframe_points:
        if key.handle_left_type == "FREE":
            key.handle_left = key.co.x - 30 * rng.random(), rng.random()
            key.handle_right = key.co.x + 60 * rng.random(), rng.random()
    made.update()
    return made


FRAMES = np.arange(-30, 160, 0.35)


def test_a_curve_is_evaluated_as_blender_does(keyed, curve, load):
    keys = load("bake.compat").read_keys(curve)
    assert np.abs(keyed.evaluate(keys, FRAMES) - [curve.evaluate(frame) for frame in FRAMES]).max() < 1e-5


@pytest.mark.parametrize("frame", [-7.5, 10, 30, 60, 120, 17, -50, 400])
def test_a_split_leaves_the_shape(keyed, curve, load, frame):
    compat = load("bake.compat")
    before = [curve.evaluate(f) for f in FRAMES]
    count = len(curve.keyframe_points)
    compat.write_keys(curve, keyed.split(compat.read_keys(curve), frame))
    assert np.abs(np.array(before) - [curve.evaluate(f) for f in FRAMES]).max() < 1e-5
    assert len(curve.keyframe_points) == count + (frame not in (17, -50, 400))


def test_the_later_of_two_keys_at_one_place_stays(keyed):
    one = keyed.linear(np.array([(1, 0.0), (5, 0.5)], np.float32))
    two = keyed.linear(np.array([(5, 0.75), (9, 1.0)], np.float32))
    both = keyed.joined(one, two)
    assert both["co"].tolist() == [[1, 0], [5, 0.75], [9, 1]]
