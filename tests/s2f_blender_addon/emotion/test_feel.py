"""The voice fills the sliders' keys: few, in one undo step, without destroying the user's."""

import numpy as np
import pytest

TEXT = "I am so happy, this is wonderful! I hate this."


@pytest.fixture
def felt(blender, scene, wait, load):
    """``felt(text)`` presses From the Voice and waits."""

    def press(text=TEXT):
        scene.s2f.words_line = text
        blender.ops.s2f.feel()
        wait()
        assert load("session").current.shown.outcome.error == ""

    return press


def curve(scene, load, name):
    return load("emotion.curves").slider_curve(scene.owner, name)


def test_the_sliders_get_few_keys_that_say_what_was_felt(blender, scene, felt, load):
    felt()
    happy = curve(scene, load, "happy")
    assert happy is not None
    total = sum(len(c.keyframe_points) for name in load("core.channels").EMOTIONS if (c := curve(scene, load, name)))
    assert 4 <= total <= 80, "of 8 x 193 frames"
    assert {point.type for point in happy.keyframe_points} == {"BREAKDOWN"}
    sliders = load("session").current.memory.feeling.felt.sliders
    fps = load("session").current.memory.feeling.felt.fps
    frames = np.arange(1, 190)
    wanted = np.interp((frames - 1) / 24, np.arange(len(sliders)) / fps, sliders[:, 0])
    assert np.abs(np.array([happy.evaluate(f) for f in frames]) - wanted).max() < 0.1


def test_a_bake_follows_them(blender, scene, felt, baked):
    scene.s2f.feel_amount = 1.5
    felt("I am so happy, this is wonderful, I love it!")
    assert baked("mouthSmileLeft", np.arange(30, 150)).mean() > 0.15


def test_the_panel_knows_which_sentence_gave_what(blender, scene, felt):
    felt()
    told = [(item.text, item.gave) for item in scene.character.sentences]
    assert [text for text, _ in told] == ["I am so happy, this is wonderful!", "I hate this."]
    assert "happy" in told[0][1]
    assert "angry" in told[1][1] or "disgust" in told[1][1]
    assert scene.character.sentences[1].frame > scene.character.sentences[0].frame >= 1
    blender.ops.s2f.go_to(frame=scene.character.sentences[1].frame)
    assert blender.context.scene.frame_current == round(scene.character.sentences[1].frame)


def test_one_undo_takes_them_back(blender, scene, felt, load):
    blender.ops.ed.undo_push(message="start")
    felt()
    assert curve(scene, load, "happy") is not None
    blender.ops.ed.undo()
    assert curve(scene, load, "happy") is None
    assert not scene.character.sentences


def test_own_keys_outside_stay_and_those_inside_are_kept_in_a_copy(blender, scene, felt, load):
    for frame, value in ((-20, 0.3), (50, 0.7), (500, 0.6)):
        scene.character.emotion_happy = value
        scene.owner.keyframe_insert("s2f_character.emotion_happy", frame=frame)
    action = scene.owner.animation_data.action.name
    felt()
    points = {round(p.co.x): round(p.co.y, 2) for p in curve(scene, load, "happy").keyframe_points}
    assert (points[-20], points[500]) == (0.3, 0.6)
    assert points.get(50) != 0.7
    assert scene.owner.animation_data.action.name == action
    copy = blender.data.actions[f"{action} before voice"]
    assert copy.use_fake_user
    assert "kept in the action" in load("session").current.shown.outcome.notice
    felt()
    assert len([a for a in blender.data.actions if "before voice" in a.name]) == 1, "ours are no loss"


def test_clips_lie_on_top_and_go_away_again(blender, scene, felt, load):
    blender.context.scene.frame_set(60)
    blender.ops.s2f.clip_add(emotion="sad")
    felt()
    sad = curve(scene, load, "sad")
    assert sad.evaluate(80) == pytest.approx(1.0, abs=1e-3)
    blender.ops.s2f.clip_remove()
    assert curve(scene, load, "sad") is None or curve(scene, load, "sad").evaluate(80) < 0.7


def test_the_redo_panel_keys_anew(blender, scene, felt, load):
    felt()
    few = len(curve(scene, load, "happy").keyframe_points)
    blender.ops.s2f.write_felt(error=0.005)
    assert len(curve(scene, load, "happy").keyframe_points) > few


def test_it_can_be_cancelled(blender, scene, wait, load):
    blender.ops.s2f.feel()
    blender.ops.s2f.cancel()
    wait()
    assert not blender.data.actions
    assert load("session").current.shown.outcome.error == ""


def test_the_amount_is_the_scenes(blender, scene, felt, load):
    scene.s2f.feel_amount = 0.0
    felt()
    assert not blender.data.actions or curve(scene, load, "happy") is None
    assert "neutral throughout" in load("session").current.shown.outcome.notice


def test_bad_sound_gets_a_sentence(blender, scene, wait, load):
    scene.s2f.audio_path = "/nowhere/voice.wav"
    with pytest.raises(RuntimeError, match="voice.wav"):
        blender.ops.s2f.feel()
    scene.s2f.audio_path = ""
    with pytest.raises(RuntimeError, match="Choose a sound first"):
        blender.ops.s2f.feel()
    with pytest.raises(RuntimeError, match="From the Voice first"):
        blender.ops.s2f.write_felt()


def test_a_bake_says_what_it_reads_as(blender, scene, wait, load):
    scene.character.emotion_angry = 1.0
    blender.ops.s2f.bake()
    wait()
    shares = load("session").current.shown.outcome.reads
    assert max(shares, key=shares.__getitem__) == "angry"
    blender.ops.s2f.apply(intensity=0.0)
    wait()
    shares = load("session").current.shown.outcome.reads
    assert max(shares, key=shares.__getitem__) == "neutral"


def test_an_imported_track_says_what_it_reads_as(blender, scene, wait, load, tmp_path):
    scene.character.emotion_disgust = 1.0
    blender.ops.s2f.bake()
    wait()
    path = str(tmp_path / "take.csv")
    blender.ops.s2f.export_track(filepath=path)
    load("session").stop()
    scene.character.emotion_disgust = 0.0
    blender.ops.s2f.import_track(filepath=path)
    wait()
    shares = load("session").current.shown.outcome.reads
    assert max(shares, key=shares.__getitem__) == "disgust"
