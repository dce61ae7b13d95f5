"""Clips write keys on top of the sliders' own, and taking them away gives those back."""

import numpy as np
import pytest


@pytest.fixture
def values(scene, load):
    """``values('happy', frames)`` is what the slider's F-curve says; zeros where it has none."""

    def read(name, frames):
        curve = load("emotion.curves").slider_curve(scene.owner, name)
        frames = np.atleast_1d(frames)
        return np.zeros(len(frames)) if curve is None else np.array([curve.evaluate(f) for f in frames])

    return read


def add(blender, scene, at=10, **fields):
    blender.context.scene.frame_set(at)
    blender.ops.s2f.clip_add()
    clip = scene.character.clips[-1]
    for name, value in fields.items():
        setattr(clip, name, value)
    return clip


def keys_of(scene, load, name):
    curve = load("emotion.curves").slider_curve(scene.owner, name)
    return [] if curve is None else [(round(p.co.x, 2), round(p.co.y, 3), p.type) for p in curve.keyframe_points]


def test_a_clip_begins_at_the_playhead_and_fades_in_and_out(blender, scene, values):
    add(blender, scene, 20, emotion="angry", strength=0.8, end=70.0, fade_in=10.0, fade_out=20.0)
    assert values("angry", [10, 20, 30, 40, 50, 70, 90]) == pytest.approx([0, 0, 0.8, 0.8, 0.8, 0, 0], abs=1e-5)
    assert 0.2 < values("angry", 25)[0] < 0.6
    assert not values("happy", [25]).any()


def test_its_keys_have_a_type_of_their_own(blender, scene, load):
    add(blender, scene)
    assert {kind for *_, kind in keys_of(scene, load, "happy")} == {"EXTREME"}


def test_an_own_curve_stays_outside_and_wins_where_it_is_higher(blender, scene, values, load):
    for frame, value in ((1, 0.2), (30, 0.9), (60, 0.2)):
        scene.character.emotion_happy = value
        scene.owner.keyframe_insert("s2f_character.emotion_happy", frame=frame)
    before = values("happy", np.arange(1, 100))
    add(blender, scene, 20, strength=0.5, end=50.0, fade_in=0.0, fade_out=0.0)
    during = values("happy", np.arange(1, 100))
    assert during[29] == pytest.approx(0.9, abs=1e-4)
    assert during[20:49].min() >= 0.5 - 1e-4
    assert during[60:] == pytest.approx(before[60:], abs=1e-4)
    blender.ops.s2f.clip_remove()
    assert values("happy", np.arange(1, 100)) == pytest.approx(before, abs=1e-5)
    assert [key[:2] for key in keys_of(scene, load, "happy")] == [(1, 0.2), (30, 0.9), (60, 0.2)]


def test_editing_a_clip_rewrites_only_what_clips_own(blender, scene, load, values):
    scene.character.emotion_sad = 0.3
    scene.owner.keyframe_insert("s2f_character.emotion_sad", frame=5)
    sad = keys_of(scene, load, "sad")
    clip = add(blender, scene, 20, end=40.0)
    clip.start, clip.end = 60.0, 90.0
    assert not values("happy", np.arange(1, 59)).any()
    assert values("happy", 75)[0] == pytest.approx(1)
    clip.emotion = "sad"
    assert keys_of(scene, load, "happy") == []
    assert values("sad", [5, 75]) == pytest.approx([0.3, 1.0], abs=1e-4)
    clip.on = False
    assert keys_of(scene, load, "sad") == sad


def test_a_slider_that_stood_still_stands_there_again(blender, scene, load, values):
    scene.character.emotion_calm = 0.4
    add(blender, scene, 20, emotion="calm", end=40.0)
    assert values("calm", [1, 28, 60]) == pytest.approx([0.4, 1.0, 0.4], abs=1e-4)
    blender.ops.s2f.clip_remove()
    assert keys_of(scene, load, "calm") == []
    assert scene.character.emotion_calm == pytest.approx(0.4)


def test_clips_of_one_emotion_overlap_as_the_larger(blender, scene, values):
    add(blender, scene, 10, strength=0.5, end=50.0, fade_in=0.0, fade_out=20.0)
    add(blender, scene, 40, strength=1.0, end=80.0, fade_in=20.0, fade_out=0.0)
    assert values("happy", [20, 40, 60, 79]) == pytest.approx([0.5, 0.25, 1, 1], abs=0.03)
    assert values("happy", np.arange(10, 80)).min() > 0.15


def test_the_list_is_duplicated_and_moved(blender, scene):
    add(blender, scene, 10, end=30.0)
    blender.ops.s2f.clip_duplicate()
    assert [(c.start, c.end) for c in scene.character.clips] == [(10, 30), (30, 50)]
    blender.ops.s2f.clip_move(to="LATER")
    blender.context.scene.frame_set(100)
    assert scene.character.clips[1].start == 31
    blender.ops.s2f.clip_move(to="PLAYHEAD")
    assert [(c.start, c.end) for c in scene.character.clips] == [(10, 30), (100, 120)]
    blender.ops.s2f.clip_remove()
    assert len(scene.character.clips) == 1


def test_what_cannot_be_done_says_why(blender, scene):
    with pytest.raises(RuntimeError, match="There is no emotion strip"):
        blender.ops.s2f.clip_remove()
    scene.s2f.target = None
    with pytest.raises(RuntimeError, match="Choose a character"):
        blender.ops.s2f.clip_add()


def test_undo_takes_a_clip_back(blender, scene, load):
    blender.ops.ed.undo_push(message="before")
    add(blender, scene, 20)
    blender.ops.ed.undo_push(message="after")
    blender.ops.ed.undo()
    assert not scene.character.clips
    assert keys_of(scene, load, "happy") == []


def test_a_bake_follows_the_clips(blender, scene, baked):
    add(blender, scene, 100, emotion="angry", end=190.0)
    values = baked("browDownLeft", np.arange(1, 180))
    assert values[120:170].mean() > values[:60].mean() + 0.2


def test_a_file_that_is_saved_and_loaded_can_still_take_its_clips_away(blender, scene, load, tmp_path):
    scene.character.emotion_happy = 0.3
    scene.owner.keyframe_insert("s2f_character.emotion_happy", frame=30)
    add(blender, scene, 20, end=40.0)
    path = str(tmp_path / "clips.blend")
    blender.ops.wm.save_as_mainfile(filepath=path)
    blender.ops.wm.open_mainfile(filepath=path)
    blender.ops.s2f.clip_remove()
    assert keys_of(scene, load, "happy") == [(30, 0.3, "KEYFRAME")]
