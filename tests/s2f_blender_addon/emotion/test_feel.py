"""The voice fills the sliders' keys: few, in one undo step, without destroying the user's."""

import numpy as np
import pytest

TEXT = "I am so happy, this is wonderful! I hate this."


@pytest.fixture
def felt(blender, scene, wait, load):
    """``felt(text)`` presses From the Voice and waits."""

    def press(text=TEXT, **options):
        scene.s2f.words_line = text
        blender.ops.s2f.feel(**options)
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


@pytest.mark.one_blender
def test_a_bake_follows_them(blender, scene, felt, baked):
    scene.s2f.feel_amount = 1.5
    felt("I am so happy, this is wonderful, I love it!")
    assert baked("mouthSmileLeft", np.arange(30, 150)).mean() > 0.15


@pytest.mark.one_blender
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


def keyed(scene, keys):
    for frame, value in keys:
        scene.character.emotion_happy = value
        scene.owner.keyframe_insert("s2f_character.emotion_happy", frame=frame)


def points(scene, load, name="happy"):
    return {round(p.co.x): round(p.co.y, 2) for p in curve(scene, load, name).keyframe_points}


def test_own_keys_stay_and_nothing_comes_between_them(blender, scene, felt, load):
    keyed(scene, ((-20, 0.3), (50, 0.7), (90, 0.2), (500, 0.6)))
    felt()
    found = points(scene, load)
    assert [found[frame] for frame in (-20, 50, 90, 500)] == [0.3, 0.7, 0.2, 0.6]
    assert not [frame for frame in found if 50 < frame < 90]
    assert [frame for frame in found if 0 < frame < 50], "the voice speaks beside them"
    assert "own keys of happy stay" in load("session").current.shown.outcome.notice
    assert not [a for a in blender.data.actions if "before voice" in a.name]


def test_on_request_they_give_way_and_are_kept_in_a_copy(blender, scene, felt, load):
    keyed(scene, ((-20, 0.3), (50, 0.7), (500, 0.6)))
    action = scene.owner.animation_data.action.name
    felt(hand="REPLACE")
    found = points(scene, load)
    assert (found[-20], found[500]) == (0.3, 0.6)
    assert found.get(50) != 0.7
    assert scene.owner.animation_data.action.name == action
    assert blender.data.actions[f"{action} before voice"].use_fake_user
    assert "kept in the action" in load("session").current.shown.outcome.notice
    felt(hand="REPLACE")
    assert len([a for a in blender.data.actions if "before voice" in a.name]) == 1, "ours are no loss"


@pytest.mark.one_blender
def test_a_shorter_recording_leaves_nothing_of_the_longer_one(blender, scene, felt, load):
    felt()
    longest = max(max(points(scene, load, n)) for n in load("core.channels").EMOTIONS if curve(scene, load, n))
    scene.s2f.sound_end = 3.0
    felt("I am so happy, this is wonderful!")
    now = max(max(points(scene, load, n)) for n in load("core.channels").EMOTIONS if curve(scene, load, n))
    assert now <= 1 + 3 * 24 + 2 < longest


@pytest.mark.one_blender
def test_outside_of_the_recording_sliders_are_at_rest(blender, scene, felt, load):
    scene.s2f.start_frame = 100
    felt()
    happy = curve(scene, load, "happy")
    assert happy.evaluate(50) == pytest.approx(0, abs=1e-6) and happy.evaluate(500) == pytest.approx(0, abs=1e-6)


def test_a_shared_action_is_made_single_unless_all_are_meant(blender, scene, felt, load, face):
    felt()
    other = face(name="Other")
    load("bake.compat").follow(other, scene.owner)
    before = points(scene, load)
    felt("I hate this.")
    assert other.animation_data.action != scene.owner.animation_data.action
    happy = load("bake.compat").bag_of(other).fcurves.find("s2f_character.emotion_happy")
    assert {round(p.co.x): round(p.co.y, 2) for p in happy.keyframe_points} == before


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


@pytest.mark.one_blender
def test_it_can_be_cancelled(blender, scene, wait, load):
    blender.ops.s2f.feel()
    blender.ops.s2f.cancel()
    wait()
    assert not blender.data.actions
    assert load("session").current.shown.outcome.error == ""


@pytest.mark.one_blender
def test_the_amount_is_the_scenes(blender, scene, felt, load):
    scene.s2f.feel_amount = 0.0
    felt()
    assert not blender.data.actions or curve(scene, load, "happy") is None
    assert "neutral throughout" in load("session").current.shown.outcome.notice


@pytest.mark.one_blender
def test_bad_sound_gets_a_sentence(blender, scene, wait, load):
    scene.s2f.audio_path = "/nowhere/voice.wav"
    with pytest.raises(RuntimeError, match="voice.wav"):
        blender.ops.s2f.feel()
    scene.s2f.audio_path = ""
    with pytest.raises(RuntimeError, match="Choose a sound first"):
        blender.ops.s2f.feel()
    with pytest.raises(RuntimeError, match="From the Voice first"):
        blender.ops.s2f.write_felt()


@pytest.mark.one_blender
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


@pytest.mark.one_blender
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
