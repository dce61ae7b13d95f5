"""Paths as people give them: relative ones are the .blend's, and a name that is no text is still a file."""

import os
import shutil
from pathlib import Path

import pytest


@pytest.fixture
def hello(addon):
    return Path(addon.__file__).parent / "model_server/sample/hello.wav"


@pytest.mark.parametrize("given", ["voice.wav", "//voice.wav", "sounds/../voice.wav"])
def test_a_relative_sound_is_the_blend_files_wherever_blender_was_started(
    blender, addon, load, hello, tmp_path, monkeypatch, given
):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    shutil.copy(hello, tmp_path / "voice.wav")
    blender.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert load("user_path").absolute(given) == str(tmp_path / "voice.wav")
    assert load("operators.listen").sound_path(_settings(blender, given)) == str(tmp_path / "voice.wav")


def test_a_relative_sound_that_is_not_there_is_named_in_full(blender, addon, load, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (tmp_path / "elsewhere/voice.wav").write_bytes(b"another shot's")
    blender.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    with pytest.raises(load("core.errors").UserError, match=str(tmp_path / "voice.wav")):
        load("operators.listen").sound_path(_settings(blender, "voice.wav"))


def test_a_name_that_is_no_text_is_a_sentence(blender, load):
    """The file browser hands such names over; no property takes them from Python."""
    with pytest.raises(load("core.errors").UserError, match=r"stimme\?.wav is not in UTF-8.*rename the file"):
        load("user_path").absolute(os.fsdecode(b"/takes/stimme\xff.wav"))


def _settings(blender, path):
    settings = blender.context.scene.s2f
    settings.audio_path = path
    return settings
