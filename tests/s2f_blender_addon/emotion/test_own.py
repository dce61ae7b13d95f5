"""A pose becomes a named emotion with a slider: on the character, in a file, for all files."""

import json

import numpy as np
import pytest

SMIRK = {"mouthSmileLeft": 0.9, "browOuterUpRight": 0.5}


@pytest.fixture
def posed(blender, scene, load):
    """A face that smirks, and no emotion saved yet."""
    for path in load("emotion.own").folder().glob("*.json"):
        path.unlink()
    blocks = scene.owner.data.shape_keys.key_blocks
    for name, value in SMIRK.items():
        blocks[name].value = value
    return scene


def test_the_pose_is_read_through_the_key_map(posed, blender, load):
    blender.ops.s2f.emotion_save(name="Smirk")
    assert json.loads(posed.character.own["Smirk"].pose) == pytest.approx(SMIRK, abs=1e-3)
    assert load("emotion.own").saved()["Smirk"].is_file()


def test_keys_that_do_not_follow_one_channel_each_are_solved(blender, scene, load):
    Entry, KeyMap, store_map = load("rigs").Entry, load("rigs").KeyMap, load("rigs.stored").store_map
    entries = (
        Entry("mouthSmileLeft", "mouthSmileLeft", 0.5),
        Entry("jawOpen", "jawOpen"),
        Entry("jawOpen", "tongueOut", 0.2),
    )
    store_map(scene.owner, KeyMap(entries), edited=True)
    blocks = scene.owner.data.shape_keys.key_blocks
    blocks["mouthSmileLeft"].value, blocks["jawOpen"].value = 0.4, 0.6
    pose = load("emotion.own").pose_on(load("rigs").find_character(scene.owner))
    assert pose["mouthSmileLeft"] == pytest.approx(0.8, abs=1e-3)
    assert pose["jawOpen"] + 0.2 * pose.get("tongueOut", 0.0) == pytest.approx(0.6, abs=1e-3)


def test_its_slider_is_baked_and_its_keys_are_followed(posed, blender, baked):
    blender.ops.s2f.emotion_save(name="Smirk")
    posed.character.own["Smirk"].value = 1.0
    assert baked("mouthSmileLeft", np.arange(30, 170)).mean() > 0.5
    for frame, value in ((90, 0.0), (110, 1.0)):
        posed.character.own["Smirk"].value = value
        assert posed.owner.keyframe_insert("s2f_character.own[0].value", frame=frame)
    values = baked("browOuterUpRight", np.arange(1, 180))
    assert values[120:170].mean() > values[:60].mean() + 0.2


def test_it_can_be_a_clip(posed, blender, load):
    blender.ops.s2f.emotion_save(name="Smirk")
    blender.context.scene.frame_set(10)
    blender.ops.s2f.clip_add(emotion="Smirk")
    assert load("emotion.curves").slider_curve(posed.owner, "Smirk").evaluate(30) == pytest.approx(1.0)


def test_another_file_has_it_too(posed, blender, face):
    blender.ops.s2f.emotion_save(name="Smirk")
    blender.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    blender.context.scene.s2f.target = face()
    blender.ops.s2f.emotion_add(name="Smirk")
    assert [own.name for own in posed.character.own] == ["Smirk"]
    with pytest.raises(RuntimeError, match="no saved emotion Frown"):
        blender.ops.s2f.emotion_add(name="Frown")


def test_it_goes_out_to_a_file_and_comes_in_again(posed, blender, load, tmp_path):
    blender.ops.s2f.emotion_save(name="Smirk ü")
    path = str(tmp_path / "smirk.json")
    blender.ops.s2f.emotion_export(filepath=path)
    blender.ops.s2f.emotion_remove()
    blender.ops.s2f.emotion_delete(name="Smirk ü")
    assert not load("emotion.own").saved()
    blender.ops.s2f.emotion_import(filepath=path)
    assert json.loads(posed.character.own["Smirk ü"].pose) == pytest.approx(SMIRK, abs=1e-3)
    assert "Smirk ü" in load("emotion.own").saved()


def test_taking_one_off_takes_its_keys_and_leaves_the_others_theirs(posed, blender, load):
    for i, name in enumerate(("One", "Two", "Three")):
        blender.ops.s2f.emotion_save(name=name)
        posed.character.own[name].value = 0.1 * (i + 1)
        posed.owner.keyframe_insert(f"s2f_character.own[{i}].value", frame=1)
    posed.character.own_index = 1
    blender.ops.s2f.emotion_remove()
    values = {
        own.name: load("emotion.curves").slider_curve(posed.owner, own.name).evaluate(1) for own in posed.character.own
    }
    assert values == pytest.approx({"One": 0.1, "Three": 0.3})
    bag = load("bake.compat").bag_of(posed.owner)
    assert len([c for c in bag.fcurves if "own[" in c.data_path]) == 2


def test_a_new_pose_under_an_old_name_takes_its_place(posed, blender, load):
    blender.ops.s2f.emotion_save(name="Smirk")
    posed.owner.data.shape_keys.key_blocks["jawOpen"].value = 0.4
    blender.ops.s2f.emotion_save(name="Smirk")
    assert len(posed.character.own) == 1
    assert json.loads(posed.character.own["Smirk"].pose)["jawOpen"] == pytest.approx(0.4, abs=1e-3)
    assert len(load("emotion.own").saved()) == 1


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("happy", "already"), ("Intensity", "already"), ("  ", "needs a name"), ('a"b', "no good name")],
)
def test_a_name_that_will_not_do_gets_a_sentence(posed, blender, name, sentence):
    with pytest.raises(RuntimeError, match=sentence):
        blender.ops.s2f.emotion_save(name=name)
    assert not posed.character.own


def test_a_face_at_rest_is_no_emotion(blender, scene):
    with pytest.raises(RuntimeError, match="at rest"):
        blender.ops.s2f.emotion_save(name="Nothing")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("no json", "no JSON"),
        ("{}", "no emotion"),
        ('{"format": "s2f.emotion", "version": 2, "name": "A", "channels": {}}', "newer"),
        ('{"format": "s2f.emotion", "version": 1, "name": "A", "channels": {}}', "no pose"),
        ('{"format": "s2f.emotion", "version": 1, "name": "A", "channels": {"smile": 1}}', "no channel"),
        ('{"format": "s2f.emotion", "version": 1, "name": "A", "channels": {"jawOpen": 3}}', "from 0 to 1"),
        ('{"format": "s2f.emotion", "version": 1, "name": "sad", "channels": {"jawOpen": 1}}', "already"),
    ],
)
def test_a_file_that_is_none_gets_a_sentence(posed, blender, tmp_path, text, sentence):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(RuntimeError, match=sentence):
        blender.ops.s2f.emotion_import(filepath=str(path))
