"""A shot of several lines, through the operators: added, chosen, baked together, edited, muted and removed."""

import time
import wave
from pathlib import Path

import numpy as np
import pytest

from .shot import SECONDS

FRAMES = np.arange(1, 80)


def test_a_second_start_is_a_second_line_and_the_first_stays(shot):
    shot.bake(start_frame=1)
    before = shot.values(FRAMES)
    assert before.max() > 0.1
    shot.bake(audio_path=shot.sounds[1], start_frame=300)
    assert np.abs(shot.values(FRAMES) - before).max() < 1e-6
    assert shot.values(FRAMES + 299) == pytest.approx(before, abs=0.011)
    assert [line.name for line in shot.character.lines] == ["one", "two"]
    assert len(shot.bpy.data.actions) == 1


def test_another_sound_at_the_same_start_takes_the_lines_place(shot):
    shot.bake()
    shot.bake(audio_path=shot.sounds[1])
    assert [line.name for line in shot.character.lines] == ["two"]


def test_choosing_a_line_shows_its_settings(shot):
    shot.bake(start_frame=1, seed=4)
    shot.bpy.ops.s2f.line_add()
    assert shot.settings.audio_path == ""
    shot.bake(audio_path=shot.sounds[1], start_frame=300, seed=5)
    shot.character.line_index = 0
    assert (shot.settings.audio_path, shot.settings.start_frame, shot.settings.seed) == (shot.sounds[0], 1, 4)
    shot.character.line_index = 1
    assert (shot.settings.audio_path, shot.settings.start_frame, shot.settings.seed) == (shot.sounds[1], 300, 5)


def test_each_character_shows_its_own_line(shot, face):
    first = shot.settings.target
    shot.bake(start_frame=1)
    second = face(name="Face.002")
    shot.settings.target = second
    shot.bake(audio_path=shot.sounds[1], start_frame=50)
    shot.settings.target = first
    assert (shot.settings.audio_path, shot.settings.start_frame) == (shot.sounds[0], 1)
    shot.settings.target = second
    assert (shot.settings.audio_path, shot.settings.start_frame) == (shot.sounds[1], 50)


class TestDuplicate:
    def test_a_line_is_said_once_more_at_the_playhead_with_its_settings_and_blinks(self, shot):
        shot.bake(start_frame=1, emotion_happy=0.7, liveliness_blinks=0.0)
        shot.scene.frame_set(40)
        shot.bpy.ops.s2f.blink_add()
        keys = ("jawOpen", "mouthSmileLeft", "eyeBlinkLeft")
        before = [shot.values(FRAMES, key) for key in keys]
        shot.scene.frame_set(300)
        shot.bpy.ops.s2f.line_duplicate()
        assert [(line.name, line.start_frame, line.baked) for line in shot.character.lines] == [
            ("one", 1, True), ("one", 300, False),
        ]  # fmt: skip
        assert shot.settings.emotion_happy == pytest.approx(0.7)
        shot.bake()
        for key, values in zip(keys, before, strict=True):
            assert shot.values(FRAMES, key) == pytest.approx(values, abs=1e-6), "the first is as it was"
            assert shot.values(FRAMES + 299, key) == pytest.approx(values, abs=0.011)
        assert len({line.ident for line in shot.character.lines}) == 2

    def test_where_the_playhead_is_in_a_line_the_copy_follows_the_last(self, shot):
        shot.bake(start_frame=1)
        shot.scene.frame_set(20)
        shot.bpy.ops.s2f.line_duplicate()
        assert shot.settings.start_frame == int(shot.character.lines[0].last) + 1

    def test_without_a_line_there_is_nothing_to_say_again(self, shot):
        with pytest.raises(RuntimeError, match="no line yet"):
            shot.bpy.ops.s2f.line_duplicate()


def test_all_lines_are_baked_in_one_go_and_one_step(shot):
    shot.bake(start_frame=1)
    shot.bake(audio_path=shot.sounds[1], start_frame=300)
    frames = np.arange(1, 520)
    before = shot.values(frames)
    shot.bpy.ops.ed.undo_push(message="two lines")
    shot.settings.mouth = 0.5
    shot.bpy.ops.ed.undo_push(message="half")
    shot.bpy.ops.s2f.bake_all("EXEC_DEFAULT")
    shot.wait()
    half = shot.values(frames)
    assert half.max() == pytest.approx(before.max() / 2, abs=0.02)
    assert half[300:].max() == pytest.approx(before[300:].max() / 2, abs=0.02)
    assert len(shot.character.lines) == 2
    shot.bpy.ops.ed.undo()
    assert shot.values(frames) == pytest.approx(before, abs=1e-6)


def test_each_line_of_two_characters_is_baked_anew_as_it_was(shot, face):
    first = shot.settings.target
    shot.bake(start_frame=1, emotion_happy=0.9, intensity=1.0)
    shot.bake(audio_path=shot.sounds[1], start_frame=300, emotion_happy=0.9, intensity=0.2)
    second = face(name="Face.002")
    shot.settings.target = second
    shot.bake(audio_path=shot.sounds[0], start_frame=20, emotion_happy=0.0)
    shot.bake(audio_path=shot.sounds[1], start_frame=330, emotion_angry=1.0)
    second.s2f_character.line_index = 0
    frames = np.arange(1, 530)
    keys = ("mouthSmileLeft", "browDownLeft", "jawOpen")
    before = [shot.values(frames, key, who) for who in (first, second) for key in keys]
    shot.bpy.ops.s2f.bake_all("EXEC_DEFAULT")
    shot.wait()
    after = [shot.values(frames, key, who) for who in (first, second) for key in keys]
    assert np.abs(np.array(after) - before).max() < 0.021
    assert shot.settings.target == second
    assert (shot.settings.start_frame, second.s2f_character.line_index) == (20, 0)
    assert [line.start_frame for line in second.s2f_character.lines] == [20, 330]


def test_a_muted_line_is_at_rest_and_a_removed_one_is_gone(shot):
    shot.bake(start_frame=1)
    before = shot.values(FRAMES)
    shot.bake(audio_path=shot.sounds[1], start_frame=300)
    shot.character.lines[1].mute = True
    assert np.abs(shot.values(np.arange(310, 490))).max() < 1e-6
    assert np.abs(shot.values(FRAMES) - before).max() < 1e-6
    shot.bake()
    assert not shot.character.lines[1].mute
    assert shot.values(np.arange(310, 490)).max() > 0.1
    shot.bpy.ops.s2f.line_remove()
    assert [line.name for line in shot.character.lines] == ["one"]
    assert np.abs(shot.values(FRAMES) - before).max() < 1e-6
    assert np.abs(shot.values(np.arange(310, 490))).max() < 1e-6


@pytest.mark.parametrize("way", ["OFFSET", "REPLACE"])
def test_an_edit_survives_a_bake_with_other_sliders_and_goes_on_request(shot, way):
    shot.settings.edits = way
    shot.bake()
    key = next(point for point in shot.curve().keyframe_points if point.co.x > 40)
    frame, baked = key.co.x, key.co.y
    key.co.y = baked + 0.25
    shot.curve().update()
    report = shot.bake(emotion_angry=1.0, seed=2)
    assert any("edits on 1 curve" in note for note in report.notes)
    edited = shot.values([frame])[0]
    shot.bpy.ops.s2f.edits_drop()
    plain = shot.values([frame])[0]
    assert edited == pytest.approx(plain + 0.25 if way == "OFFSET" else baked + 0.25, abs=1e-4)


def test_only_the_mouth_over_hand_animation(shot):
    brow = shot.settings.target.data.shape_keys.key_blocks["browInnerUp"]
    for frame, value in ((1, 0.2), (100, 0.7)):
        brow.value = value
        brow.keyframe_insert("value", frame=frame)
    before = shot.values(FRAMES, "browInnerUp")
    shot.bake(region="MOUTH")
    assert shot.values(FRAMES, "browInnerUp") == pytest.approx(before, abs=1e-6)
    assert shot.curve("eyeBlinkLeft") is None
    assert shot.values(FRAMES).max() > 0.1


@pytest.mark.parametrize("preview", [False, True])
def test_a_line_begins_where_the_scene_does(shot, preview):
    scene = shot.bpy.context.scene
    scene.frame_start, scene.frame_end = 1001, 1400
    if preview:
        scene.use_preview_range, scene.frame_preview_start, scene.frame_preview_end = True, 1100, 1300
    report = shot.bake()
    assert report.first == (1100 if preview else 1001)


def test_lines_are_in_the_file_with_their_speech(shot, tmp_path):
    shot.bake(emotion_happy=0.7)
    before = shot.values(FRAMES, "mouthSmileLeft")
    path = str(tmp_path / "Szene ü.blend")
    shot.bpy.ops.wm.save_as_mainfile(filepath=path)
    Path(shot.sounds[0]).unlink()
    shot.load("session").stop()
    shot.bpy.ops.wm.open_mainfile(filepath=path)
    line = shot.character.lines[0]
    kept = sum(len(text) for text in (line.track, line.drive, line.words, line.settings))
    assert kept < SECONDS / 60 * 1e6, "bytes: a megabyte a minute"
    key = next(point for point in shot.curve("mouthSmileLeft").keyframe_points if point.co.x > 40)
    key.co.y += 0.3
    shot.bpy.ops.s2f.edits_drop()
    assert shot.values(FRAMES, "mouthSmileLeft") == pytest.approx(before, abs=0.011)


class TestStrips:
    """One strip a line."""

    @pytest.fixture
    def strips(self, shot):
        pytest.importorskip("aud", reason="the bpy module of 4.2.0 was built without sound")
        return lambda: list(shot.load("bake.compat").sound_strips(shot.bpy.context.scene))

    def test_another_sound_takes_the_place_of_the_strip(self, shot, strips):
        shot.bake()
        shot.bake(audio_path=shot.sounds[1])
        (strip,) = strips()
        assert strip.sound.filepath.endswith("two.wav")

    def test_two_lines_have_two_strips_and_the_strip_leads_its_line(self, shot, strips):
        compat = shot.load("bake.compat")
        shot.bake(start_frame=1)
        shot.bake(audio_path=shot.sounds[1], start_frame=300)
        assert sorted(round(compat.strip_start(strip)) for strip in strips()) == [1, 300]
        compat.shift_strip(next(s for s in strips() if round(compat.strip_start(s)) == 300), 250)
        report = shot.bake()
        assert report.first == 550
        assert len(shot.character.lines) == 2
        assert np.abs(shot.values(np.arange(310, 490))).max() < 1e-6

    def test_a_file_that_has_changed_is_read_again(self, shot, strips):
        shot.bake()
        length = strips()[0].frame_final_duration if not hasattr(strips()[0], "duration") else strips()[0].duration
        with wave.open(shot.sounds[0]) as sound:
            form, half = sound.getparams(), sound.readframes(sound.getnframes() // 2)
        with wave.open(shot.sounds[0], "wb") as sound:
            sound.setparams(form)
            sound.writeframes(half)
        shot.bake()
        (strip,) = strips()
        now = strip.frame_final_duration if not hasattr(strip, "duration") else strip.duration
        assert now == pytest.approx(length / 2, abs=2)


class TestSliders:
    """Emotion at once, after a bake."""

    def test_intensity_shows_on_the_frame_in_view_and_on_the_whole_line_once_let_go(self, shot):
        scene = shot.bpy.context.scene
        shot.bake(emotion_happy=0.8)
        baked = shot.values(FRAMES, "mouthSmileLeft")
        frame = int(FRAMES[baked.argmax()])
        scene.frame_set(frame)
        key = shot.settings.target.data.shape_keys.key_blocks["mouthSmileLeft"]
        shown = key.value
        began = time.process_time()
        shot.settings.intensity = 0.25
        assert time.process_time() - began < 0.05
        assert key.value < shown / 2
        began = time.process_time()
        shot.bpy.ops.s2f.tune()
        assert time.process_time() - began < 0.3, "0.15 s on a machine of its own"
        assert np.mean(shot.values(FRAMES, "mouthSmileLeft")) < np.mean(baked) / 2
        scene.frame_set(frame)
        assert key.value == pytest.approx(shot.values([frame], "mouthSmileLeft")[0], abs=1e-5)

    def test_another_emotion_comes_from_the_model_without_listening_again(self, shot):
        shot.bake(emotion_happy=0.8)
        shot.settings.emotion_happy, shot.settings.emotion_angry = 0.0, 1.0
        shot.bpy.ops.s2f.tune()
        shot.wait()
        assert np.mean(shot.values(FRAMES, "browDownLeft")) > 0.2

    def test_without_the_sound_the_model_adds_another_emotion_to_what_the_line_keeps(self, shot):
        shot.bake(emotion_happy=0.8, words_line="")
        talk = shot.values(FRAMES, "eyeBlinkLeft")
        Path(shot.sounds[0]).unlink()
        shot.settings.emotion_happy, shot.settings.emotion_angry = 0.0, 1.0
        shot.bpy.ops.s2f.tune()
        shot.wait()
        assert np.mean(shot.values(FRAMES, "browDownLeft")) > 0.2
        assert np.mean(shot.values(FRAMES, "mouthSmileLeft")) < 0.1
        assert np.corrcoef(shot.values(FRAMES, "eyeBlinkLeft"), talk)[0, 1] > 0.8
        assert shot.session.shown.outcome.notice == ""

    def test_without_the_model_and_the_sound_the_mood_is_scaled_and_that_is_said(self, shot, tmp_path):
        shot.bake(emotion_happy=0.8)
        path = str(tmp_path / "Szene ü.blend")
        shot.bpy.ops.wm.save_as_mainfile(filepath=path)
        Path(shot.sounds[0]).unlink()
        shot.load("session").stop()
        shot.bpy.ops.wm.open_mainfile(filepath=path)
        baked = np.mean(shot.values(FRAMES, "mouthSmileLeft"))
        shot.settings.emotion_happy = 0.4
        shot.bpy.ops.s2f.tune()
        assert np.mean(shot.values(FRAMES, "mouthSmileLeft")) == pytest.approx(baked / 2, rel=0.25)
        assert "scaled" in shot.load("session").current.shown.outcome.notice
        shot.settings.emotion_happy = 0.8
        shot.bpy.ops.s2f.tune()
        assert np.mean(shot.values(FRAMES, "mouthSmileLeft")) == pytest.approx(baked, rel=0.02)
