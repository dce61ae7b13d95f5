"""How lively a face is: sliders of the scene that reach the model process, and a recording that keeps its name."""

from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.one_blender


@pytest.fixture
def bake(addon, load, blender, face, curve_values):
    """``bake(blinks=0.5)`` bakes the sample recording with these strengths; returns {channel: values}."""
    target = face()

    def run(**strengths):
        settings = blender.context.scene.s2f
        settings.target = target
        settings.audio_path = str(Path(addon.__file__).parent / "model_server/sample/hello.wav")
        for part, strength in strengths.items():
            setattr(settings, f"liveliness_{part}", strength)
        blender.ops.s2f.bake("EXEC_DEFAULT")
        while not addon.poll():
            pass
        assert load("session").current.shown.outcome.error == ""
        return {name: curve_values(target, name, np.arange(1, 180)) for name in load("core.channels").CHANNELS}

    return run


def test_a_face_that_shall_not_blink_does_not(bake):
    plain, staring = bake(), bake(blinks=0.0)
    assert plain["eyeBlinkLeft"].max() > 0.8
    assert staring["eyeBlinkLeft"].max() < 0.3
    np.testing.assert_array_equal(plain["browInnerUp"], staring["browInnerUp"])
    np.testing.assert_array_equal(plain["jawOpen"], staring["jawOpen"])


def test_the_default_face_blinks_within_the_sample_recording(bake):
    """A newcomer bakes eight seconds with the settings as they come."""
    assert bake()["eyeBlinkLeft"].max() > 0.8


def test_the_sliders_are_what_is_asked_for(load, blender):
    settings = blender.context.scene.s2f
    liveliness = load("properties.liveliness").liveliness
    assert liveliness(settings) == load("core.liveliness").HUMAN
    settings.liveliness_gaze, settings.liveliness_head = 0.5, 2.0
    assert liveliness(settings) == load("core.liveliness").Liveliness(gaze=0.5, head=2.0)


def test_a_script_of_the_version_before_sets_what_it_means(load, blender):
    settings = blender.context.scene.s2f
    with pytest.warns(FutureWarning, match="liveliness_breath"):
        settings.life_flesh = 0.5
    assert load("properties.liveliness").liveliness(settings) == load("core.liveliness").Liveliness(breath=0.5)


def test_a_file_of_the_version_before_keeps_its_strengths_and_says_so(load, blender, tmp_path):
    adopt, settings = load("properties.liveliness").adopt_former_words, blender.context.scene.s2f
    with pytest.warns(FutureWarning):
        settings.life_flesh, settings.life_gaze = 0.5, 1.5
    for name in load("core.liveliness").PARTS:  # as the older version leaves them: never set
        settings.property_unset(f"liveliness_{name}")
    blender.ops.wm.save_as_mainfile(filepath=str(tmp_path / "old.blend"))
    blender.ops.wm.open_mainfile(filepath=str(tmp_path / "old.blend"))
    settings = blender.context.scene.s2f
    wanted = load("core.liveliness").Liveliness(gaze=1.5, breath=0.5)
    assert load("properties.liveliness").liveliness(settings) == wanted
    assert "save it" in load("session").current.shown.outcome.notice
    load("session").current.shown.forget()
    adopt()
    assert not load("session").current.shown.outcome.notice


def test_every_part_that_the_model_knows_has_a_slider(load, blender):
    from dataclasses import fields

    core = load("core.liveliness")
    for part in fields(core.Liveliness):
        prop = blender.context.scene.s2f.bl_rna.properties[f"liveliness_{part.name}"]
        assert (prop.hard_min, prop.hard_max, prop.default) == (0.0, core.STRONGEST, 1.0)
        assert (prop.name, prop.description.split(";")[0]) == (
            core.PARTS[part.name].title, core.PARTS[part.name].about.split(";")[0],
        )  # fmt: skip


def test_the_model_process_hears_what_the_recording_is_called(addon, load, blender, face, tmp_path):
    """Samples that Blender decodes have no name, and a sentence about them needs one."""
    take = tmp_path / "Zoë's take.flac"
    take.write_bytes(b"")
    settings = blender.context.scene.s2f
    settings.target, settings.audio_path = face(), str(take)
    blender.ops.s2f.bake("EXEC_DEFAULT")
    assert load("session").current.jobs.job.order.request.name == take.name
    while not addon.poll():
        pass
    assert take.name in load("session").current.shown.outcome.error
