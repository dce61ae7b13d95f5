"""Curves and strips of the NLA editor are read as Blender plays them, whatever they are made of."""

import numpy as np
import pytest

FRAMES = np.arange(-20, 140, 0.7)


@pytest.fixture
def curve(blender, face, load):
    """Keys of every kind of handle, on the location of an object that nothing else animates."""
    target = face()
    bag = load("bake.compat").assign(blender.data.actions.new("Any"), target)
    curve = bag.fcurves.new("location", index=0)
    for frame, value, handles in ((1, 0, "AUTO_CLAMPED"), (30, 1, "AUTO"), (50, 0.2, "VECTOR"), (90, 0.9, "FREE")):
        key = curve.keyframe_points.insert(frame, value)
        key.handle_left_type = key.handle_right_type = handles
    curve.keyframe_points[3].handle_left = (41, 1.7)
    curve.update()
    return curve


def mended(curve, how):
    if how in ("LINEAR", "CONSTANT", "BOUNCE", "SINE"):
        curve.keyframe_points[1].interpolation = how
    elif how == "extrapolated":
        curve.extrapolation = "LINEAR"
    elif how in ("NOISE", "CYCLES"):
        curve.modifiers.new(how)
    curve.update()


@pytest.mark.parametrize("how", ["", "LINEAR", "CONSTANT", "BOUNCE", "SINE", "extrapolated", "NOISE", "CYCLES"])
def test_a_curve_says_what_blender_says(curve, load, how):
    mended(curve, how)
    read = load("bake.curve_values").curve_values(curve, FRAMES)
    assert np.abs(read - [curve.evaluate(frame) for frame in FRAMES]).max() < 1e-5


WAYS = ({}, {"scale": 1.5}, {"repeat": 1.6}, {"repeat": 2.0}, {"use_reverse": True}, {"extrapolation": "NOTHING"})


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_strip_says_what_is_played(blender, curve, load, way):
    target = blender.context.scene.objects[0]
    action, slot = target.animation_data.action, getattr(target.animation_data, "action_slot", None)
    strip = target.animation_data.nla_tracks.new().strips.new("Any", 10, action)
    load("bake.compat").set_strip_slot(strip, slot)
    target.animation_data.action = None
    for name, value in way.items():
        setattr(strip, name, value)
    read = load("emotion.nla").strip_curve(target, "location", 0.0).values(np.arange(1.0, 200))
    seen = []
    for frame in range(1, 200):
        target.location.x = 0.0
        blender.context.scene.frame_set(frame)
        seen.append(target.location.x)
    assert np.abs(read - seen).max() < 1e-4
