"""The voice fills the sliders' keys: few, in one undo step, without destroying the user's."""

import json
import wave

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


@pytest.mark.one_blender
def test_words_that_nobody_knows_leave_the_voice_alone_and_the_panel_says_so(blender, scene, felt, load):
    felt("")
    alone = load("session").current.memory.feeling.felt.sliders
    felt("Ich bin so glücklich, das ist wunderbar! Non sono triste.")
    assert np.array_equal(load("session").current.memory.feeling.felt.sliders, alone)
    assert [item.gave for item in scene.character.sentences] == ["words not known"] * 2
    assert "not known (2 of 2 sentences)" in load("session").current.shown.outcome.notice


@pytest.mark.one_blender
def test_the_amount_scales_what_voice_and_words_say(blender, scene, felt, load):
    def happy(amount):
        scene.s2f.feel_amount = amount
        felt("I am so happy, this is wonderful, I love it!")
        return load("session").current.memory.feeling.felt.sliders[:, 0]

    whole = happy(1.0)
    assert 0.3 < whole.max() <= 0.95
    assert happy(0.5) == pytest.approx(0.5 * whole, abs=1e-5)
    assert not happy(0.0).any()


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
    assert "edits of happy stay" in load("session").current.shown.outcome.notice
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
def test_what_the_listener_noted_is_told(blender, scene, felt, load, tmp_path):
    """A buzz is no voice."""
    buzz = tmp_path / "buzz.wav"
    with wave.open(str(buzz), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes((9000 * np.sign(np.sin(np.arange(32000) / 20))).astype("<i2").tobytes())
    scene.s2f.audio_path = str(buzz)
    felt()
    assert "sounds like a voice, so no emotion" in load("session").current.shown.outcome.notice


@pytest.mark.one_blender
def test_a_voice_reference_of_another_listener_is_named(blender, scene, felt, wait, load):
    blender.ops.s2f.voice_file("EXEC_DEFAULT", filepath=scene.s2f.audio_path)
    wait()
    felt()
    assert "learn it again" not in load("session").current.shown.outcome.notice
    (known,) = json.loads(scene.character.voice_references)
    older = json.dumps({**json.loads(known), "features_of": "voice emotion 3"})
    scene.character.voice_references = json.dumps([older])
    felt()
    assert "learn it again" in load("session").current.shown.outcome.notice


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


def heard(scene, load, columns, events=(), first=1.0, replace=False, frames=97, line=""):
    """What the voice says of the character is written: ``columns``, {name: value or (T,)}, on so many frames."""
    names, messages = load("core.channels").EMOTIONS, load("core.messages")
    sliders = np.zeros((frames, len(names)), np.float32)
    for name, values in columns.items():
        sliders[:, names.index(name)] = values
    told = messages.Felt(1, 24.0, 0.0, (), "who", "product", sliders,
                         tuple(load("core.vocal_events").VocalEvent(*event) for event in events))  # fmt: skip
    import bpy

    return load("emotion.felt").fill(scene.owner, bpy.context.scene, told, first, 0.05, line, replace)


UP = np.interp(np.arange(97), [0, 20, 40, 60, 96], [0.1, 0.8, 0.3, 0.9, 0.2])
DOWN = 1 - UP


def point(scene, load, frame, name="happy"):
    return min(curve(scene, load, name).keyframe_points, key=lambda p: abs(p.co.x - frame))


def values(scene, load, frames, name="happy"):
    return np.array([curve(scene, load, name).evaluate(frame) for frame in frames])


@pytest.mark.parametrize("edit", ["moved", "raised", "deleted", "bent", "added"])
def test_a_second_press_changes_only_what_no_hand_has_touched(scene, load, edit):
    """UP has keys at 1, 21, 41, 61, 97; what is done to that at 41 reaches from 21 to 61, a key that is added from 41,
    but for the automatic handles there, which turn with what is beside them."""
    heard(scene, load, {"happy": UP})
    key = point(scene, load, 41)
    if edit == "moved":
        key.co.x = 45
    elif edit == "raised":
        key.co.y = 0.6
    elif edit == "deleted":
        curve(scene, load, "happy").keyframe_points.remove(key)
    elif edit == "bent":
        key.handle_right_type = key.handle_left_type = "FREE"
        key.handle_right.y += 0.2
    else:
        curve(scene, load, "happy").keyframe_points.insert(50, 0.1)
    curve(scene, load, "happy").update()
    frames = np.arange(41 if edit == "added" else 21, 62)
    mine = values(scene, load, frames)
    assert heard(scene, load, {"happy": DOWN}).by_hand == ("happy",)
    assert values(scene, load, frames) == pytest.approx(mine, abs=0.06)
    ends = [frames[0], frames[-1]]
    assert values(scene, load, ends) == pytest.approx(mine[[0, -1]], abs=1e-4)
    assert values(scene, load, [1, 97]) == pytest.approx([0.9, 0.8], abs=0.01), "beside it all is heard anew"
    heard(scene, load, {"happy": UP})
    heard(scene, load, {"happy": DOWN})
    assert values(scene, load, frames) == pytest.approx(mine, abs=0.06), "for good"
    assert values(scene, load, [-50, 300]) == pytest.approx([0, 0], abs=1e-4)
    assert not heard(scene, load, {"happy": UP}, replace=True).by_hand
    assert values(scene, load, [1, 21, 41, 61, 97]) == pytest.approx(UP[[0, 20, 40, 60, 96]]), "unless it is asked to"


def test_between_two_edits_it_is_heard_anew(scene, load):
    heard(scene, load, {"happy": np.tile([0.1, 0.8, 0.9, 0.2], 25)[:97]})
    for frame, height in ((5, 0.5), (90, 0.5)):
        point(scene, load, frame).co.y = height
    heard(scene, load, {"happy": 0.33})
    assert values(scene, load, [5, 90]) == pytest.approx([0.5, 0.5], abs=1e-3)
    assert values(scene, load, np.arange(20, 80)) == pytest.approx(0.33, abs=0.02)


def test_a_slider_whose_keys_were_all_deleted_stays_empty_and_so_does_one_that_is_muted(scene, load):
    heard(scene, load, {"happy": UP, "sad": UP, "angry": UP})
    bag = load("bake.compat").bag_of(scene.owner)
    bag.fcurves.remove(curve(scene, load, "happy"))
    curve(scene, load, "sad").mute = True
    assert load("emotion.felt").has_edits(scene.owner, 1.0)
    assert heard(scene, load, {"happy": DOWN, "sad": DOWN, "angry": DOWN}).by_hand == ("happy", "sad")
    assert curve(scene, load, "happy") is None and curve(scene, load, "sad") is None
    assert values(scene, load, [1], "angry") == pytest.approx(0.9, abs=0.01)
    bag.fcurves.find("s2f_character.emotion_sad").mute = False
    assert values(scene, load, [21], "sad") == pytest.approx(0.8, abs=0.01)


def test_an_action_that_is_taken_away_takes_all_edits_along(blender, scene, load):
    heard(scene, load, {"happy": UP})
    point(scene, load, 41).co.y = 0.6
    blender.data.actions.remove(scene.owner.animation_data.action)
    assert not load("emotion.felt").has_edits(scene.owner, 1.0)
    assert heard(scene, load, {"happy": DOWN}).by_hand == ()
    assert values(scene, load, [41]) == pytest.approx(0.7, abs=0.01)


def test_edits_are_known_when_the_keys_move_into_an_action_of_their_own(scene, load):
    """The animator animates the object, too: the sliders' keys go into the track of emotion."""
    heard(scene, load, {"happy": UP})
    scene.owner.keyframe_insert("location", frame=5)
    heard(scene, load, {"happy": DOWN})
    assert scene.owner.animation_data.nla_tracks
    assert values(scene, load, [1, 21]) == pytest.approx([0.9, 0.2], abs=0.01)


def test_what_the_strip_was_dragged_to_stays(scene, load):
    """Happy, then angry: the edge between them is dragged to frame 70, and the voice is heard again."""
    early = (np.arange(97) < 48).astype(float)
    heard(scene, load, {"happy": 0.8 * early, "angry": 0.7 * (1 - early)})
    strip = load("emotion.strip")
    held = strip.Held(scene.owner)
    held.retime((1.0, 48.0, 97.0), (1.0, 70.0, 97.0))
    held.release()
    heard(scene, load, {"happy": 0.8 * early, "angry": 0.7 * (1 - early)})
    (happy, angry) = strip.shot(strip.animated(scene.owner)).stretches
    assert (happy.name, angry.name) == ("happy", "angry") and happy.last == pytest.approx(70, abs=1)


def test_sounds_that_a_hand_moved_removed_or_switched_off_stay_so(blender, scene, load):
    five = [("laugh", 0.0, 0.5), ("sigh", 1.0, 1.5), ("gasp", 2.0, 2.2), ("sob", 3.0, 3.5), ("laugh", 3.7, 4.0)]
    heard(scene, load, {}, five)
    scene.character.events[0].last += 6
    scene.character.events[1].on = False
    blender.ops.s2f.sound_change(number=2, to="REMOVE")
    assert load("emotion.felt").has_edits(scene.owner, 1.0)
    filled = heard(scene, load, {}, [*five[:3], ("sob", 3.1, 3.6), five[4]])
    told = [(one.kind, round(one.first, 1), round(one.last, 1), one.acted) for one in
            load("emotion.told").sounds_of(scene.owner)]  # fmt: skip
    assert told == [("laugh", 1, 19, True), ("sigh", 25, 37, False), ("sob", 75.4, 87.4, True),
                    ("laugh", 89.8, 97, True)]  # fmt: skip
    assert filled.by_hand == ("gasp", "laugh", "sigh")
    heard(scene, load, {}, five, replace=True)
    assert len(scene.character.events) == 5 and all(event.on for event in scene.character.events)


def test_another_line_keeps_its_sounds_and_sentences(scene, load):
    events = [("laugh", 1.0, 2.0)]
    heard(scene, load, {"happy": UP}, events, line="one")
    item = scene.character.sentences.add()
    item.text, item.frame = "Of the first line.", 20.0
    heard(scene, load, {"happy": UP}, events, first=201.0, line="two")
    assert [round(event.first) for event in scene.character.events] == [25, 225]
    assert [one.text for one in scene.character.sentences] == ["Of the first line."]


def test_a_slider_that_stood_without_keys_is_named(blender, scene, felt, load):
    scene.character.emotion_contempt = 0.4
    felt()
    assert "contempt (40%) stood without keys" in load("session").current.shown.outcome.notice
