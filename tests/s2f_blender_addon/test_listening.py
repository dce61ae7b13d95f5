"""A sound that was chosen is heard ahead of Bake, which goes on where that has come to."""

import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.one_blender


@pytest.fixture
def hello(addon):
    return str(Path(addon.__file__).parent / "model_server/sample/hello.wav")


def wait(addon, seconds=60.0):
    limit = time.monotonic() + seconds
    while not addon.poll():
        assert time.monotonic() < limit
        time.sleep(0.005)


def test_choosing_a_sound_begins_to_listen_and_bake_goes_on_with_that(cold, blender, addon, face, load, hello):
    settings, current = blender.context.scene.s2f, load("session").current
    settings.target = face()
    blender.ops.s2f.choose_sound(filepath=hello)
    assert settings.audio_path == hello and current.link.alive and not current.jobs.busy
    addon.poll()
    blender.ops.s2f.bake()
    ahead = current.jobs.job
    assert ahead.order.request.emotion == {} and not ahead.over and current.link.connection.settled
    wait(addon)
    assert current.shown.outcome.error == "" and current.shown.outcome.baked.keys > 1000
    assert blender.data.actions


def test_listening_to_another_sound_gives_way(cold, blender, addon, face, load, hello, tmp_path):
    settings, current = blender.context.scene.s2f, load("session").current
    settings.target = face()
    blender.ops.s2f.choose_sound(filepath=hello)
    addon.poll()
    settings.seed = 3
    blender.ops.s2f.bake()
    assert current.jobs.job.order.request.seed == 3
    wait(addon)
    assert current.shown.outcome.error == "" and current.memory.recall().track.provenance.seed == 3


def test_a_sound_that_cannot_be_heard_is_a_matter_of_bake(blender, addon, face, load, tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF no sound")
    settings, current = blender.context.scene.s2f, load("session").current
    settings.target = face()
    blender.ops.s2f.choose_sound(filepath=str(broken))
    wait(addon)
    assert current.shown.outcome.error == ""
    blender.ops.s2f.bake()
    wait(addon)
    assert "broken.wav" in current.shown.outcome.error


def test_a_sound_is_chosen_relative_to_the_file_and_from_its_beginning(blender, addon, load, hello, tmp_path):
    blender.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    settings = blender.context.scene.s2f
    settings.sound_start, settings.sound_end = 1.0, 2.0
    sound = tmp_path / "takes" / "one.wav"
    sound.parent.mkdir()
    sound.write_bytes(Path(hello).read_bytes())
    blender.ops.s2f.choose_sound(filepath=str(sound))
    assert settings.audio_path.replace("\\", "/") == "//takes/one.wav"
    assert (settings.sound_start, settings.sound_end) == (0.0, 0.0)
    load("session").stop()


def test_nothing_is_sent_to_another_machine_before_bake(blender, load, hello):
    chosen = load("identity").saved_preferences()
    chosen.place, chosen.address, chosen.token = "SERVER", "10.0.0.5", "not-a-token-at-all"
    try:
        blender.ops.s2f.choose_sound(filepath=hello)
        assert load("session").current.link.connection is None
    finally:
        chosen.place, chosen.address, chosen.token = "HERE", "", ""
