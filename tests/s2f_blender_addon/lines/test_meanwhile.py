"""What changes while a bake runs, or between two: another line is chosen, one is gone, a scene, a sound."""

from pathlib import Path

import numpy as np
import pytest

FRAMES = np.arange(1, 76)


def told(shot):
    return [(line.name, line.start_frame, line.baked) for line in shot.character.lines]


def ended(shot):
    """Everything that runs has ended; returns what the panel says."""
    while not shot.addon.poll() and shot.session.jobs.busy:
        pass
    return shot.session.shown.outcome


def second(shot):
    """A second line that was never baked."""
    shot.bpy.ops.s2f.line_add()
    shot.settings.audio_path = shot.sounds[1]
    shot.settings.start_frame = 100


@pytest.fixture
def two_lines(shot):
    shot.bake(start_frame=1)
    second(shot)
    return shot


class TestWhileItRuns:
    def test_another_line_may_be_chosen(self, two_lines):
        two_lines.bpy.ops.s2f.bake("EXEC_DEFAULT")
        two_lines.character.line_index = 0
        assert ended(two_lines).error == ""
        assert told(two_lines) == [("one", 1, True), ("two", 100, True)]
        assert (two_lines.settings.start_frame, Path(two_lines.settings.audio_path).stem) == (1, "one")
        assert [Path(line.audio_path).stem for line in two_lines.character.lines] == ["one", "two"]

    def test_the_first_line_is_the_one_that_was_asked_for_though_another_was_added(self, shot):
        shot.settings.start_frame = 1
        shot.bpy.ops.s2f.bake("EXEC_DEFAULT")
        second(shot)
        assert ended(shot).error == ""
        assert len(shot.character.lines) == 2
        assert [one for one in told(shot) if one[2]] == [("one", 1, True)]

    def test_a_line_that_was_removed_does_not_come_back(self, two_lines):
        two_lines.bpy.ops.s2f.bake("EXEC_DEFAULT")
        two_lines.bpy.ops.s2f.line_remove()
        assert ended(two_lines).error.startswith("The line of “two” was removed meanwhile")
        assert told(two_lines) == [("one", 1, True)]

    def test_of_all_lines_the_others_are_written(self, two_lines):
        two_lines.bpy.ops.s2f.bake_all("EXEC_DEFAULT")
        two_lines.bpy.ops.s2f.line_remove()
        outcome = ended(two_lines)
        assert outcome.error == "" and "“two” was removed" in outcome.notice
        assert told(two_lines) == [("one", 1, True)]

    def test_undo_takes_nothing_but_what_was_there(self, shot):
        shot.bpy.ops.ed.undo_push(message="start")
        shot.bake(start_frame=1)
        shot.bpy.ops.ed.undo_push(message="first")
        second(shot)
        shot.bpy.ops.ed.undo_push(message="second")
        shot.bpy.ops.s2f.bake_all("EXEC_DEFAULT")
        shot.bpy.ops.ed.undo()
        shot.bpy.ops.ed.undo()
        ended(shot)
        assert told(shot) == [("one", 1, True)]

    def test_a_scene_that_is_gone_is_named(self, shot):
        shot.bpy.ops.s2f.bake("EXEC_DEFAULT")
        old = shot.scene
        shot.bpy.context.window.scene = shot.bpy.data.scenes.new("Other")
        shot.bpy.data.scenes.remove(old)
        assert ended(shot).error.startswith("The scene Scene is no longer there")


def test_two_scenes_show_the_same_line_of_one_character(shot):
    shot.bake(start_frame=1)
    first, face = shot.scene, shot.settings.target
    other = shot.bpy.data.scenes.new("Other")
    other.collection.objects.link(face)
    shot.bpy.context.window.scene = other
    other.s2f.target = face
    shot.bake(audio_path=shot.sounds[1], start_frame=200)
    shot.bpy.context.window.scene = first
    assert first.s2f.start_frame == 200
    shot.bpy.ops.s2f.bake_all("EXEC_DEFAULT")
    shot.wait()
    assert told(shot) == [("one", 1, True), ("two", 200, True)]


def test_another_rate_is_no_edit(shot):
    shot.bake(start_frame=1)
    shot.bake(audio_path=shot.sounds[1], start_frame=100)
    shot.scene.render.fps = 48
    shot.bpy.ops.s2f.bake_all("EXEC_DEFAULT")
    shot.wait()
    shot.bpy.ops.s2f.bake_all("EXEC_DEFAULT")
    assert not any("edits" in note for note in shot.wait().notes)
    assert [(line.first, line.last) for line in shot.character.lines] == [(1, 145), (100, 244)]


class TestSound:
    @pytest.fixture(autouse=True)
    def with_sound(self):
        pytest.importorskip("aud", reason="the bpy module of 4.2.0 was built without sound")

    def test_a_packed_one_is_heard_without_its_file_and_has_one_strip(self, shot, tmp_path):
        shot.bake(start_frame=1)
        before = shot.values(FRAMES)
        shot.bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "packed.blend"))
        shot.bpy.ops.file.pack_all()
        Path(shot.sounds[0]).unlink()
        shot.settings.mouth = 0.5
        shot.bake(mouth=1.0, seed=3)
        assert shot.values(FRAMES) == pytest.approx(before, abs=0.02)
        assert [Path(strip.sound.filepath).name for strip in shot.strips()] == ["one.wav"]

    @pytest.mark.parametrize("how", ["strip", "channel"])
    def test_a_muted_strip_is_no_sound_and_that_is_said(self, shot, how):
        strip = shot.load("bake.compat").new_sound_strip(shot.scene, "mine", shot.sounds[0], 1, 1)
        (strip if how == "strip" else shot.scene.sequence_editor.channels[1]).mute = True
        assert "“mine” in the sequencer plays the sound, but is muted." in shot.bake(start_frame=1).notes
