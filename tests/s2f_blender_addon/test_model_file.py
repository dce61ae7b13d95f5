"""A checkpoint of others as the model file of the panel: what can be chosen of it, and what comes of it."""

import importlib.util

import pytest

from .lines.shot import Shot

pytestmark = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="only Blender in .venv has torch")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    import torch

    from tests.model_server.foreign.published import v0002_shapes, weights

    path = tmp_path_factory.mktemp("checkpoint") / "emotalk_finetuned.pth"
    tensors = weights(v0002_shapes())
    tensors["linear.bias"] = torch.full((52,), 0.4)
    torch.save(tensors, path)
    return path


@pytest.fixture
def shot(blender, addon, load, face, tmp_path):
    shot = Shot(blender, addon, load, face, tmp_path)
    shot.settings.sound_end, shot.settings.put_sound = 1.0, False
    return shot


def chosen(shot, path):
    shot.bpy.ops.s2f.choose_model(filepath=str(path))
    shot.wait()


def test_levels_and_persons_are_shown_with_their_meaning(shot, checkpoint, load):
    chosen(shot, checkpoint)
    settings = shot.settings
    assert settings.model_path == str(checkpoint)
    known = load("properties.model").facts(settings)
    assert known["levels"][4] == "angry" and known["emotions"] and known["slow"]
    assert known["persons"][2] == "Actor 2 of RAVDESS, a woman"
    assert (known["title"], known["licence_track"]) == ("EmoTalk_v0002", "research")
    assert settings.model_level == "0"
    settings.model_level, settings.model_person = "4", "2"
    acting = load("properties.model").acting(settings)
    assert (acting.level, acting.person, acting.closures) == (4, 2, True)


def test_the_bake_is_the_networks_and_says_that_it_is_research(shot, checkpoint, load):
    chosen(shot, checkpoint)
    shot.settings.model_level = "3"
    shot.bake()
    assumed = load("session").current.shown.outcome.assumed
    assert "EmoTalk_v0002, sad, person 0: research, not for commercial use" in assumed
    action = shot.settings.target.data.shape_keys.animation_data.action
    assert action["s2f_licence_track"] == "research"


def test_ours_speaks_again_and_a_line_remembers_its_own_model(shot, checkpoint):
    chosen(shot, checkpoint)
    shot.settings.model_level = "5"
    shot.bake(start_frame=1)
    shot.bpy.ops.s2f.line_add()
    shot.settings.audio_path = shot.sounds[1]
    shot.bpy.ops.s2f.own_model()
    assert shot.settings.model_path == ""
    shot.character.line_index = 0
    assert (shot.settings.model_path, shot.settings.model_level) == (str(checkpoint), "5")
    shot.character.line_index = 1
    assert shot.settings.model_path == ""


def test_a_file_that_is_no_model_is_refused_and_ours_stays(shot, tmp_path, load):
    path = tmp_path / "other.pth"
    path.write_bytes(b"no checkpoint at all")
    shot.bpy.ops.s2f.choose_model(filepath=str(path))
    while not shot.addon.poll():
        pass
    assert "other.pth" in load("session").current.shown.outcome.error
    assert shot.settings.model_path == ""
