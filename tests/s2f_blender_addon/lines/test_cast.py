"""Several people: in one recording, each with turns of their own; in the sequencer, each with strips of their own."""

import wave

import numpy as np
import pytest

VTT = """WEBVTT

00:00.000 --> 00:01.400
<v Anna>Hello, my name is

00:01.500 --> 00:02.900
<v Bert>Poppy
"""


@pytest.fixture
def two(shot, face):
    """The target, and another character."""
    other = face(name="Other")
    other.location.x = 5
    shot.bpy.context.view_layer.update()
    return shot.settings.target, other


def stereo(shot, path):
    """The first sound: half of it louder left, half louder right."""
    with wave.open(shot.sounds[0]) as sound:
        rate, samples = sound.getframerate(), np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    left = samples.astype(float)
    left[len(left) // 2 :] *= 0.05
    right = samples.astype(float)
    right[: len(right) // 2] *= 0.05
    with wave.open(str(path), "wb") as out:
        out.setparams((2, 2, rate, 0, "NONE", ""))
        out.writeframes(np.stack([left, right], axis=1).astype("<i2").tobytes())
    return str(path)


def mouth(shot, target, first, last):
    return np.abs(shot.values(np.arange(first, last), "jawOpen", target)).max()


def test_a_line_speaks_its_own_turns_alone(shot):
    shot.bake(start_frame=1, turns="0-1.5")
    assert mouth(shot, None, 5, 36) > 0.1
    assert mouth(shot, None, 45, 72) < 0.03


def test_turns_that_make_no_sense_are_one_sentence(shot):
    shot.settings.turns = "morning"
    with pytest.raises(RuntimeError, match="morning.*no stretch of the sound"):
        shot.bpy.ops.s2f.bake("EXEC_DEFAULT")


def test_names_in_the_words_are_speakers(shot, two, tmp_path):
    (tmp_path / "words.vtt").write_text(VTT)
    shot.settings.words_from, shot.settings.words_file = "FILE", str(tmp_path / "words.vtt")
    shot.bpy.ops.s2f.find_speakers()
    assert [(v.name, v.turns) for v in shot.settings.voices] == [("Anna", "0-1.4"), ("Bert", "1.5-2.9")]


def test_two_channels_are_two_characters_with_one_strip(shot, two, tmp_path):
    pytest.importorskip("aud", reason="the bpy module of 4.2.0 was built without sound")
    shot.settings.audio_path = stereo(shot, tmp_path / "Gespräch.wav")
    shot.settings.start_frame = 1
    shot.bpy.ops.s2f.find_speakers()
    shot.wait()
    assert [voice.name for voice in shot.settings.voices] == ["Left", "Right"]
    for voice, who in zip(shot.settings.voices, two, strict=True):
        voice.speaker = who
    shot.bpy.ops.s2f.voices_to_lines()
    shot.bpy.ops.s2f.bake_all("EXEC_DEFAULT")
    shot.wait()
    assert mouth(shot, two[0], 5, 33) > 0.1 and mouth(shot, two[0], 48, 72) < 0.03
    assert mouth(shot, two[1], 5, 28) < 0.03 and mouth(shot, two[1], 40, 70) > 0.1
    assert len(shot.strips()) == 1, "one sound, heard once"
    two[1].s2f_character.line_index = 0
    shot.settings.target = two[1]
    shot.bpy.ops.s2f.line_remove()
    assert len(shot.strips()) == 1, "the other one still speaks in it"
    shot.settings.target = two[0]
    shot.bpy.ops.s2f.line_remove()
    assert shot.strips() == []


def test_making_lines_again_makes_no_second_ones(shot, two):
    voice = shot.settings.voices.add()
    voice.name, voice.turns, voice.speaker = "A", "0-1", two[0]
    for turns in ("0-1", "1-2"):
        shot.settings.voices[0].turns = turns
        shot.bpy.ops.s2f.voices_to_lines()
    assert [line.name for line in two[0].s2f_character.lines] == ["one"]
    assert shot.settings.turns == "1-2"


class TestStrips:
    @pytest.fixture(autouse=True)
    def with_sound(self, shot):
        pytest.importorskip("aud", reason="the bpy module of 4.2.0 was built without sound")
        make = shot.load("bake.compat").new_sound_strip
        self.strips = [make(shot.scene, f"S{k}", shot.sounds[k], k + 1, frame) for k, frame in enumerate((30, 120))]

    def test_strips_become_lines_of_their_characters(self, shot, two):
        for strip, who in zip(self.strips, two, strict=True):
            strip.s2f_speaker = who
        shot.bpy.ops.s2f.strips_to_lines()
        for who, name, frame in zip(two, ("one", "two"), (30, 120), strict=True):
            (line,) = who.s2f_character.lines
            assert (line.name, line.start_frame) == (name, frame)
        shot.bpy.ops.s2f.bake_all("EXEC_DEFAULT")
        shot.wait()
        assert mouth(shot, two[0], 30, 100) > 0.1 and mouth(shot, two[0], 115, 190) < 1e-6
        assert mouth(shot, two[1], 125, 190) > 0.1
        assert len(shot.strips()) == 2

    def test_a_sound_begins_where_its_chosen_strip_does(self, shot):
        shot.scene.sequence_editor.active_strip = self.strips[1]
        shot.settings.audio_path = shot.sounds[1]
        assert shot.bake().first == 120
        assert shot.character.lines[0].start_frame == 120

    def test_the_chosen_strip_is_the_one_that_is_used(self, shot):
        shot.scene.sequence_editor.active_strip = self.strips[1]
        shot.bpy.ops.s2f.use_strip()
        assert shot.settings.start_frame == 120


def test_a_chosen_range_is_baked_anew_and_the_rest_stays(shot):
    shot.bake(start_frame=1)
    frames = np.arange(1, 76)
    before = {key: shot.values(frames, key) for key in ("jawOpen", "browInnerUp")}
    shot.bake(frame_range="FRAMES", range_first=30, range_last=45, emotion_sad=1.0, mouth=0.3)
    after = {key: shot.values(frames, key) for key in before}
    rest = (frames < 29) | (frames > 46)
    for key in before:
        assert np.abs(after[key] - before[key])[rest].max() < 1e-6
    assert np.abs(after["browInnerUp"] - before["browInnerUp"]).max() > 0.1
    shot.bpy.ops.s2f.tune()
    assert np.abs(shot.values(frames, "jawOpen") - before["jawOpen"])[rest].max() < 1e-6
