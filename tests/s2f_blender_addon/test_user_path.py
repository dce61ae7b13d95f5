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


@pytest.mark.parametrize(
    ("path", "far"),
    [
        (r"\\nas\takes\one.wav", True), ("//nas/takes/one.wav", True), (r"\\?\UNC\nas\takes\one.wav", True),
        (r"C:\takes\one.wav", False), ("takes/one.wav", False),
    ],
)  # fmt: skip
def test_a_share_of_the_network_is_known_by_its_name_on_windows(addon, load, path, far):
    assert load("user_path").is_far(path, windows=True) is far
    assert not load("user_path").is_far(path, windows=False)


def test_a_share_is_not_asked_while_drawing_nor_listened_to_before_bake(cold, blender, addon, load, monkeypatch):
    """As on Windows, where asking for a file of a share by its name logs in there."""
    user_path, listen, current = load("user_path"), load("operators.listen"), load("session").current
    asked = []
    monkeypatch.setattr(os.path, "isfile", lambda path: asked.append(path) or False)
    monkeypatch.setattr(user_path, "is_far", lambda path: path.startswith("//"))
    monkeypatch.setattr(listen, "is_far", lambda path: True)
    assert user_path.is_there("//nas/takes/one.wav") and not asked
    assert not user_path.is_there("/takes/one.wav") and asked == ["/takes/one.wav"]
    _settings(blender, "/takes/one.wav")
    listen.listen(blender.context.scene)
    assert not current.link.alive and not current.jobs.busy


def _settings(blender, path):
    settings = blender.context.scene.s2f
    settings.audio_path = path
    return settings
