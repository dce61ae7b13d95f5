"""Where keys lie in time."""

import numpy as np
import pytest


def a_track(load, values, fps=60.0, start=0.0):
    return load("core.track").FaceTrack.captured(values.astype(np.float32), fps, start)


@pytest.mark.parametrize(("fps", "base"), [(24, 1.0), (24, 1.001), (30, 1.001), (25, 1.0), (60, 1.0), (12, 0.5)])
def test_the_second_t_of_the_sound_is_at_start_plus_t_times_the_scene_rate(load, blender, fps, base):
    scene = blender.context.scene
    scene.render.fps, scene.render.fps_base = fps, base
    frames = load("bake.frames")
    rate = frames.frame_rate(scene)
    assert rate == pytest.approx(fps / base, rel=1e-6)
    ramp = np.repeat(np.arange(601)[:, None] / 600, 52, axis=1)
    at, read = frames.on_scene_frames(a_track(load, ramp), rate, 11)
    assert at[0] == 11
    assert (np.diff(at) == 1).all()
    assert at[-1] >= 11 + 10 * rate - 1e-6
    wanted = np.clip((at - 11) / rate / 10, 0, 1)
    assert np.abs(read.talk[:, 0] - wanted).max() < 1e-4


def test_a_track_that_begins_later_begins_later_in_the_scene(load, blender):
    track = a_track(load, np.zeros((61, 52)), start=2.0)
    at, _ = load("bake.frames").on_scene_frames(track, 24.0, 1)
    assert at[0] == 49
    assert at[-1] == 49 + 24


def test_a_closure_between_two_scene_frames_lands_on_one(load, blender):
    index = load("core.channels").INDEX
    values = np.zeros((120, 52))
    values[:, index["jawOpen"]] = 0.3
    shut = slice(58, 61)  # 50 ms around 0.983 s: at 12 frames a second between two of them
    values[shut, index["mouthClose"]] = 0.3
    _, read = load("bake.frames").on_scene_frames(a_track(load, values), 12.5, 0)
    gap = load("core.blend").lip_gap(read.talk)
    nearest = round(59 / 60 * 12.5)
    assert gap[nearest] == pytest.approx(0, abs=1e-3)
    assert gap[nearest - 2] > 5


def test_one_frame_is_enough(load, blender):
    at, read = load("bake.frames").on_scene_frames(a_track(load, np.ones((1, 52))), 24.0, 5)
    assert list(at) == [5]
    assert read.talk.shape == (1, 52)
