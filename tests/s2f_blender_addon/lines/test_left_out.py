"""All lines in one go where some cannot be baked: the others are, and one sentence says which are not, and why."""

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from .shot import beginning

FRAMES = np.arange(1, 76)


def ended(shot, seconds=90):
    """Everything that runs has ended; returns what the panel says."""
    limit = time.monotonic() + seconds
    while not shot.addon.poll() and shot.session.jobs.busy:
        assert time.monotonic() < limit
        time.sleep(0.005)
    return shot.session.shown.outcome


def add(shot, sound, start, **settings):
    shot.bpy.ops.s2f.line_add()
    for name, value in {"audio_path": str(sound), "start_frame": start, **settings}.items():
        setattr(shot.settings, name, value)


def baked(shot, owner=None):
    return [line.name for line in (owner or shot.settings.target).s2f_character.lines if line.baked]


@pytest.fixture
def good(shot, tmp_path):
    """The first line, which can be baked, and the sounds of two more of the same kind."""
    shot.settings.start_frame = 1
    shot.load("lines").adopt(shot.settings, shot.settings.target)
    return [beginning(shot.sounds[0], tmp_path / name, 1.0) for name in ("three.wav", "four.wav")]


def test_what_is_wrong_before_and_what_is_wrong_with_the_sound_stop_nothing(shot, good, tmp_path):
    garbage, gone = tmp_path / "garbage.wav", tmp_path / "gone.wav"
    garbage.write_bytes(b"RIFF\x04\0\0\0WAVEnothing")
    add(shot, gone, 100)
    add(shot, garbage, 200)
    add(shot, good[0], 300)
    shot.bpy.ops.s2f.line_add()  # without a sound
    add(shot, good[1], 500, words_from="FILE", words_file=str(tmp_path / "no words.txt"))
    shot.character.line_index = 2
    shot.bpy.ops.s2f.bake_all("EXEC_DEFAULT")
    outcome = ended(shot)
    assert outcome.error == ""
    assert baked(shot) == ["one", "three"]
    assert outcome.notice.startswith("4 of 6 lines were left out: ")
    for name, why in (("gone", "gone.wav does not exist"), ("garbage", "garbage.wav"), ("New Line", "no sound yet"),
                      ("four", "no words.txt")):  # fmt: skip
        assert f"“{name}” (" in outcome.notice and why in outcome.notice, outcome.notice
    assert shot.values(FRAMES).max() > 0.1
    assert shot.character.line_index == 2


def test_a_character_that_lost_its_face_leaves_the_others(shot, good, face):
    first, other = shot.settings.target, face(name="Bare")
    shot.settings.target = other
    shot.settings.audio_path, shot.settings.start_frame = good[0], 1
    shot.load("lines").adopt(shot.settings, other)
    other.shape_key_clear()
    shot.settings.target = first
    shot.bpy.ops.s2f.bake_all("EXEC_DEFAULT")
    outcome = ended(shot)
    assert (baked(shot, first), baked(shot, other)) == (["one"], [])
    assert "1 of 2 lines was left out: " in outcome.notice and "three" in outcome.notice
    assert shot.settings.target == first


def test_where_none_can_be_baked_that_is_the_failure_and_the_face_stays(shot, tmp_path):
    shot.settings.audio_path = str(tmp_path / "gone.wav")
    shot.load("lines").adopt(shot.settings, shot.settings.target)
    add(shot, tmp_path / "gone too.wav", 50)
    with pytest.raises(RuntimeError, match=r"2 of 2 lines were left out: .*gone\.wav.*gone too\.wav"):
        shot.bpy.ops.s2f.bake_all("EXEC_DEFAULT")
    for path in ("gone.wav", "gone too.wav"):
        (tmp_path / path).write_bytes(b"no sound at all")
    shot.bpy.ops.s2f.bake_all("EXEC_DEFAULT")
    outcome = ended(shot)
    assert outcome.error.startswith("2 of 2 lines were left out: ")
    assert shot.settings.target.data.shape_keys.animation_data is None


@pytest.mark.skipif(sys.platform == "win32", reason="ends the model with a POSIX signal")
def test_a_model_that_dies_of_one_line_speaks_the_next(shot, good):
    add(shot, good[0], 300)
    shot.bpy.ops.s2f.bake_all("EXEC_DEFAULT")
    while shot.session.link.hello is None:
        shot.addon.poll()
    os.kill(shot.session.link.connection.pid, signal.SIGKILL)
    outcome = ended(shot)
    assert outcome.error == ""
    assert baked(shot) == ["three"]
    assert outcome.notice.startswith("1 of 2 lines was left out: “one” (")


def test_a_voice_is_learned_from_the_recordings_that_can_be_heard(shot, tmp_path):
    (tmp_path / "noise.wav").write_bytes(b"no sound")
    files = [{"name": Path(path).name} for path in (tmp_path / "gone.wav", tmp_path / "noise.wav", shot.sounds[0])]
    shot.bpy.ops.s2f.voice_file("EXEC_DEFAULT", directory=str(tmp_path), files=files)
    outcome = ended(shot)
    assert outcome.error == ""
    assert shot.character.voice_of.startswith("one.wav")
    assert "2 of 3 recordings were left out: “gone.wav” (" in outcome.notice and "“noise.wav” (" in outcome.notice
