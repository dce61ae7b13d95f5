"""The add-on as a script drives it: settings on the scene, operators, and ``poll()`` for want of an event loop."""

import os
import signal
import time
import wave
from pathlib import Path

import numpy as np
import pytest

from tests.own_time import own_seconds


class Settings:
    """scene.s2f, looked up at each use: undo and loading a file replace it, and Blender does not forgive old ones."""

    def __getattr__(self, name):
        import bpy

        return getattr(bpy.context.scene.s2f, name)

    def __setattr__(self, name, value):
        import bpy

        setattr(bpy.context.scene.s2f, name, value)


@pytest.fixture
def settings(blender, face, addon):
    """A face, the sample recording, and undo switched on as in a window."""
    settings = Settings()
    settings.target = face()
    settings.audio_path = str(Path(addon.__file__).parent / "model_server/sample/hello.wav")
    blender.ops.ed.undo_push(message="start")
    return settings


@pytest.fixture
def wait(addon, load):
    """``wait()`` polls until nothing is left to do; returns the longest that one poll took, in seconds."""

    def until_done(seconds=60.0):
        limit, longest = time.monotonic() + seconds, 0.0
        while True:
            began = own_seconds()
            done = addon.poll()
            longest = max(longest, own_seconds() - began)
            if done:
                return longest
            assert time.monotonic() < limit, load("session").current.jobs.job.doing
            time.sleep(0.005)

    return until_done


def target_key(blender):
    """Looked up anew, since undo replaces objects."""
    return blender.context.scene.s2f.target.data.shape_keys


def test_bake_makes_the_face_speak(cold, blender, settings, wait, load):
    blender.ops.s2f.bake("EXEC_DEFAULT")
    wait()
    assert load("session").current.shown.outcome.error == ""
    bag = load("bake.compat").bag_of(target_key(blender))
    moving = [c for c in bag.fcurves if np.ptp([p.co.y for p in c.keyframe_points]) > 0.01]
    assert len(moving) >= 20
    assert any("jawOpen" in curve.data_path for curve in moving)


@pytest.mark.one_blender
def test_polling_is_cheap_while_the_model_works(cold, blender, settings, wait, load):
    settings.audio_path = str(Path(settings.audio_path))
    blender.ops.s2f.bake()
    assert wait() < 0.5, "the write of the keys included; some 50 ms on a machine of its own"


def test_one_undo_takes_the_bake_back_and_redo_brings_it_again(blender, settings, wait):
    blender.ops.s2f.bake()
    wait()
    made = [action.name for action in blender.data.actions]
    assert made
    blender.ops.ed.undo()
    assert not blender.data.actions
    assert target_key(blender).animation_data is None or target_key(blender).animation_data.action is None
    blender.ops.ed.redo()
    assert [action.name for action in blender.data.actions] == made


def test_the_redo_panel_mixes_anew_without_the_model(blender, settings, wait, load, curve_values):
    settings.emotion_happy = 1.0
    blender.ops.s2f.bake()
    wait()
    load("session").stop()
    values = {}
    for intensity in (0.0, 0.5, 1.5):
        blender.ops.ed.undo()
        began = own_seconds()
        blender.ops.s2f.apply("EXEC_DEFAULT", True, intensity=intensity)
        assert own_seconds() - began < 1.0, "0.1 s on a machine of its own"
        target = blender.context.scene.s2f.target
        values[intensity] = np.mean(curve_values(target, "mouthSmileLeft", np.arange(1, 100)))
        assert len(blender.data.actions) == 1 if load("bake.compat").has_slots(blender.data.actions[0]) else True
    assert values[0.0] < values[0.5] < values[1.5]
    assert load("session").current.link.connection is None


def test_options_that_the_redo_panel_is_not_told_are_those_of_the_scene(blender, settings, wait, load, curve_values):
    settings.mouth = 0.0
    blender.ops.s2f.bake()
    wait()
    assert np.abs(curve_values(settings.target, "jawOpen", np.arange(1, 50))).max() == 0


@pytest.mark.one_blender
def test_the_second_bake_is_warm(cold, blender, settings, wait, load):
    blender.ops.s2f.bake()
    wait()
    pid = load("session").current.link.connection.pid
    began = own_seconds()
    blender.ops.s2f.bake()
    wait()
    assert own_seconds() - began < 2.0, "0.1 s on a machine of its own"
    assert load("session").current.link.connection.pid == pid


@pytest.mark.one_blender
def test_cancel_writes_nothing(cold, blender, settings, wait, load):
    blender.ops.s2f.bake()
    assert load("session").current.jobs.busy
    blender.ops.s2f.cancel()
    assert not load("session").current.jobs.busy
    wait()
    assert not blender.data.actions
    blender.ops.s2f.bake()
    wait()
    assert blender.data.actions


@pytest.mark.one_blender
def test_a_child_that_dies_gives_a_sentence_and_the_next_bake_works(cold, blender, settings, wait, load):
    session = load("session")
    blender.ops.s2f.bake()
    os.kill(session.current.link.connection.pid, signal.SIGTERM)
    wait()
    assert "ended unexpectedly" in session.current.shown.outcome.error
    assert not blender.data.actions
    blender.ops.s2f.bake()
    wait()
    assert session.current.shown.outcome.error == ""
    assert blender.data.actions


def test_buttons_say_why_they_are_disabled(blender, settings):
    settings.audio_path = ""
    with pytest.raises(RuntimeError, match="Choose a sound first"):
        blender.ops.s2f.bake()
    settings.audio_path = "//a.wav"
    settings.target = None
    with pytest.raises(RuntimeError, match="Choose a character"):
        blender.ops.s2f.bake()
    with pytest.raises(RuntimeError, match="No bake is running"):
        blender.ops.s2f.cancel()
    with pytest.raises(RuntimeError, match="Nothing is baked yet"):
        blender.ops.s2f.apply()
    with pytest.raises(RuntimeError, match="There is no sound in the sequencer"):
        blender.ops.s2f.use_strip()
    with pytest.raises(RuntimeError, match="Nothing went wrong"):
        blender.ops.s2f.copy_report()


def test_the_active_mesh_is_the_character_when_none_is_chosen(blender, settings, wait):
    candidate = settings.target
    settings.target = None
    blender.context.view_layer.objects.active = candidate
    blender.ops.s2f.bake()
    wait()
    assert settings.target == candidate
    assert blender.data.actions


@pytest.mark.one_blender
@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("nothing.wav", None, "does not exist"),
        ("empty.wav", b"", "empty"),
        ("noise.wav", bytes(range(256)) * 40, "cannot be read|no sound file"),
        ("text.wav", b"this is text, no sound", "cannot be read|no sound file"),
    ],
)
def test_bad_sound_gives_one_sentence_that_names_it(blender, settings, wait, load, tmp_path, name, content, sentence):
    path = tmp_path / "Ordner ü" / name
    path.parent.mkdir()
    if content is not None:
        path.write_bytes(content)
    settings.audio_path = str(path)
    try:
        blender.ops.s2f.bake()
    except RuntimeError as error:
        assert name in str(error)
    wait()
    import re

    assert re.search(sentence, load("session").current.shown.outcome.error)
    assert name in load("session").current.shown.outcome.error
    assert "\n" not in load("session").current.shown.outcome.error
    assert not blender.data.actions


def test_the_target_may_disappear_while_the_model_works(blender, settings, wait, load):
    blender.ops.s2f.bake()
    blender.data.objects.remove(settings.target)
    wait()
    assert "no longer there" in load("session").current.shown.outcome.error


@pytest.mark.one_blender
def test_the_report_names_versions_and_the_failure(blender, settings, wait, load):
    settings.audio_path = "/nowhere/voice.wav"
    with pytest.raises(RuntimeError):
        blender.ops.s2f.bake()
    report = load("operators.report").report_text()
    assert "voice.wav" in report
    assert blender.app.version_string in report


@pytest.mark.parametrize("suffix", [".csv", ".json", ".s2f"])
def test_a_track_goes_out_and_comes_back_the_same(blender, settings, wait, load, curve_values, tmp_path, suffix):
    settings.emotion_angry = 0.5
    blender.ops.s2f.bake()
    wait()
    frames = np.arange(1, 150)
    before = curve_values(settings.target, "jawOpen", frames)
    path = tmp_path / f"Aufnahme ü{suffix}"
    blender.ops.s2f.export_track(filepath=str(path))
    blender.ops.s2f.import_track(filepath=str(path))
    assert np.abs(curve_values(settings.target, "jawOpen", frames) - before).max() < 0.01


@pytest.mark.one_blender
def test_what_was_assumed_about_a_track_is_said_and_its_rate_can_be_given(blender, settings, load, tmp_path):
    path = tmp_path / "tracker.csv"
    path.write_text("jawOpen,mouthClose\n" + "".join(f"{n / 60:.4f},0\n" for n in range(61)))
    blender.ops.s2f.import_track(filepath=str(path))
    report = load("session").current.shown.outcome.baked
    assert any("30 frames a second were taken" in note for note in report.notes)
    rate = blender.context.scene.render.fps
    assert report.last - report.first == pytest.approx(2 * rate, abs=1)
    blender.ops.s2f.import_track(filepath=str(path), rate=60)
    report = load("session").current.shown.outcome.baked
    assert not any("frames a second" in note for note in report.notes)
    assert report.last - report.first == pytest.approx(rate, abs=1)


@pytest.mark.one_blender
def test_a_file_that_is_no_track_gets_its_sentence(blender, settings, load, tmp_path):
    path = tmp_path / "broken.csv"
    path.write_text("no,track,at,all")
    with pytest.raises(RuntimeError, match="broken.csv"):
        blender.ops.s2f.import_track(filepath=str(path))


def test_the_demo_head_stands_at_the_cursor_and_is_the_character(blender):
    scene = blender.context.scene
    scene.cursor.location = (1.0, 2.0, 3.0)
    blender.ops.s2f.add_demo_head()
    blender.context.view_layer.update()
    assert scene.s2f.target is not None
    assert blender.context.active_object == scene.s2f.target
    assert tuple(scene.s2f.target.matrix_world.translation) == pytest.approx((1, 2, 3), abs=0.5)


def test_a_demo_head_is_baked_with_all_channels_and_lives(blender, settings, wait, load):
    blender.ops.s2f.add_demo_head()
    blender.ops.s2f.bake()
    wait()
    report = load("session").current.shown.outcome.baked
    assert report.missing == ()
    assert len(report.meshes) >= 4
    moving = set()
    for name in {mesh.mesh for mesh in report.meshes}:
        bag = load("bake.compat").bag_of(blender.data.objects[name].data.shape_keys)
        moving |= {c.data_path for c in bag.fcurves if np.ptp([p.co.y for p in c.keyframe_points]) > 0.01}
    assert len(moving) >= 38


def test_a_bake_does_not_reach_into_another_file(blender, settings, wait, load, face, tmp_path):
    """The next file may have a scene and a face of the same names."""
    blender.ops.s2f.bake()
    blender.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    face()
    wait()
    assert not blender.data.actions
    assert load("session").current.shown.outcome.error == ""
    with pytest.raises(RuntimeError, match="Nothing is baked yet"):
        blender.ops.s2f.apply()


def test_settings_survive_saving_and_loading(blender, settings, tmp_path):
    settings.emotion_fear, settings.seed = 0.25, 7
    path = str(tmp_path / "Szene ü.blend")
    blender.ops.wm.save_as_mainfile(filepath=path)
    blender.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    blender.ops.wm.open_mainfile(filepath=path)
    again = blender.context.scene.s2f
    assert (again.emotion_fear, again.seed, again.target.name) == (0.25, 7, "Face")


def test_every_slider_can_be_animated(blender, settings):
    from_emotions = [name for name in settings.bl_rna.properties.keys() if name.startswith("emotion_")]
    assert len(from_emotions) == 8
    for name in [*from_emotions, "intensity"]:
        assert settings.keyframe_insert(name, frame=1)


def test_keyed_sliders_are_followed_over_the_shot(blender, settings, wait, load, curve_values):
    """Neutral, then angry from frame 100 on."""
    scene = blender.context.scene
    for frame, value in ((90, 0.0), (110, 1.0)):
        scene.s2f.emotion_angry = value
        scene.s2f.keyframe_insert("emotion_angry", frame=frame)
    blender.ops.s2f.bake()
    wait()
    assert load("session").current.shown.outcome.error == ""
    calm = curve_values(scene.s2f.target, "browDownLeft", np.arange(1, 60)).mean()
    angry = curve_values(scene.s2f.target, "browDownLeft", np.arange(120, 180)).mean()
    assert angry > calm + 0.2


def test_keyed_intensity_is_followed_over_the_shot(blender, settings, wait, load, curve_values):
    scene = blender.context.scene
    scene.s2f.emotion_happy = 1.0
    for frame, value in ((90, 0.0), (110, 1.5)):
        scene.s2f.intensity = value
        scene.s2f.keyframe_insert("intensity", frame=frame)
    blender.ops.s2f.bake()
    wait()
    early = curve_values(scene.s2f.target, "cheekSquintLeft", np.arange(1, 80)).mean()
    late = curve_values(scene.s2f.target, "cheekSquintLeft", np.arange(115, 180)).mean()
    assert early < 0.05
    assert late > early + 0.15


def test_switching_off_ends_the_model_process(blender, settings, wait, load, addon):
    blender.ops.s2f.bake()
    wait()
    process = load("session").current.link.connection
    child = process._child
    blender.ops.preferences.addon_disable(module=addon.__name__)
    assert child.wait(timeout=5) is not None
    assert not hasattr(blender.types.Scene, "s2f")
    blender.ops.preferences.addon_enable(module=addon.__name__)
    assert blender.context.scene.s2f is not None


class TestStrip:
    """Sound that is already in the sequencer."""

    @pytest.fixture
    def strip(self, blender, settings, load, tmp_path):
        pytest.importorskip("aud", reason="the bpy module of 4.2.0 was built without sound")
        path = tmp_path / "Stimme.wav"
        with wave.open(str(path), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(16000)
            out.writeframes(bytes(2 * 16000 * 4))
        settings.audio_path = ""
        load("bake.compat").new_sound_strip(blender.context.scene, "Stimme", str(path), 3, 25)

    def test_its_file_and_frame_are_taken(self, blender, settings, strip):
        blender.ops.s2f.use_strip()
        assert settings.audio_path.endswith("Stimme.wav")
        assert settings.start_frame == 25
        assert (settings.sound_start, settings.sound_end) == (0, 0)

    def test_a_trimmed_strip_speaks_only_what_is_heard(self, blender, settings, strip, load, wait):
        (strip,) = load("bake.compat").sound_strips(blender.context.scene)
        if hasattr(strip, "left_handle"):
            strip.left_handle, strip.right_handle = 49, 97
        else:
            strip.frame_final_start, strip.frame_final_end = 49, 97
        blender.ops.s2f.use_strip()
        assert settings.start_frame == 25
        assert (settings.sound_start, settings.sound_end) == pytest.approx((1.0, 3.0))
        blender.ops.s2f.bake()
        wait()
        report = load("session").current.shown.outcome.baked
        assert (report.first, report.last) == (49, 97)

    def test_a_bake_adds_no_second_strip(self, blender, settings, strip, load, wait):
        blender.ops.s2f.use_strip()
        blender.ops.s2f.bake()
        wait()
        assert len(list(load("bake.compat").sound_strips(blender.context.scene))) == 1

    def test_a_bake_adds_the_sound_once_and_moves_it_along(self, blender, settings, load, wait, addon):
        pytest.importorskip("aud", reason="the bpy module of 4.2.0 was built without sound")
        compat = load("bake.compat")
        settings.audio_path = str(Path(addon.__file__).parent / "model_server/sample/hello.wav")
        for start in (10, 10, 40):
            settings.start_frame = start
            blender.ops.s2f.bake()
            wait()
            (strip,) = compat.sound_strips(blender.context.scene)
            assert compat.strip_start(strip) == start
