"""Takes of a line, through the operators: baked together, compared in a list, chosen without the model, undone."""

import numpy as np
import pytest

from .shot import Shot

FRAMES = np.arange(1, 80)


@pytest.fixture
def shot(blender, addon, load, face, tmp_path):
    shot = Shot(blender, addon, load, face, tmp_path)
    shot.bake(start_frame=1, sound_end=1.5, takes=3, put_sound=False)
    return shot


def line_of(shot):
    return shot.character.lines[shot.character.line_index]


def test_a_bake_makes_as_many_takes_as_are_asked_for_and_shows_the_plain_one(shot):
    line = line_of(shot)
    assert [take.name for take in line.takes] == ["Plain", "Held back", "To the last row"]
    assert line.take == 0
    found = shot.load("lines.takes").difference(line)
    assert min(found.values()) >= 0.15


def test_each_choice_shows_at_once_without_the_model_and_comes_back_the_same(shot):
    plain = shot.values(FRAMES)
    shot.load("session").current.link.stop()
    seen = [plain]
    for take in (1, 2):
        assert shot.bpy.ops.s2f.take_choose(take=take) == {"FINISHED"}
        assert line_of(shot).take == take
        seen.append(shot.values(FRAMES))
    assert np.abs(seen[1] - plain).max() > 0.02
    assert np.abs(seen[2] - seen[1]).max() > 0.02
    shot.bpy.ops.s2f.take_choose(take=0)
    assert np.allclose(shot.values(FRAMES), plain, atol=0.006)  # twice the error that curves may have
    assert not shot.load("session").current.link.alive


def test_the_take_that_was_chosen_stays_when_the_line_is_baked_again(shot):
    shot.bpy.ops.s2f.take_choose(take=1)
    before = shot.values(FRAMES)
    shot.bake()
    assert line_of(shot).take == 1
    assert np.allclose(shot.values(FRAMES), before, atol=0.006)


def test_one_take_forgets_the_others_and_says_that_there_is_no_choice(shot):
    shot.bake(takes=1)
    assert len(line_of(shot).takes) == 0
    with pytest.raises(RuntimeError, match="a single take"):
        shot.bpy.ops.s2f.take_choose(take=1)


def test_a_take_that_is_not_there_changes_nothing(shot):
    before = shot.values(FRAMES)
    with pytest.raises(RuntimeError, match="no take 9"):
        shot.bpy.ops.s2f.take_choose(take=8)
    assert line_of(shot).take == 0
    assert np.array_equal(shot.values(FRAMES), before)


def test_bake_all_makes_the_takes_of_every_line(shot):
    shot.bpy.ops.s2f.line_add()
    shot.settings.audio_path, shot.settings.sound_end, shot.settings.takes = shot.sounds[1], 1.0, 2
    shot.bpy.ops.s2f.bake_all()
    shot.wait()
    assert [len(line.takes) for line in shot.character.lines] == [3, 2]


def test_a_choice_is_one_undo_step(shot):
    for step in ("start", "baked"):  # there is no undo without a step before
        shot.bpy.ops.ed.undo_push(message=step)
    plain = shot.values(FRAMES)
    shot.bpy.ops.s2f.take_choose(take=2)
    assert np.abs(shot.values(FRAMES) - plain).max() > 0.02
    shot.bpy.ops.ed.undo()
    assert line_of(shot).take == 0
    assert np.allclose(shot.values(FRAMES), plain, atol=1e-6)
