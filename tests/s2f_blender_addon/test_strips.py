"""Sound in the sequencer: the keys begin where Blender's own mixdown has it, whatever moves its strip in time."""

import wave

import numpy as np
import pytest

CLICK = 0.5
RATE = 48000


@pytest.fixture
def sound(blender, tmp_path):
    """Three seconds, silent but for a click after half a second."""
    pytest.importorskip("aud", reason="the bpy module of 4.2.0 was built without sound")
    samples = np.zeros(3 * RATE, "<i2")
    samples[int(CLICK * RATE) : int((CLICK + 0.01) * RATE)] = 20000
    path = tmp_path / "Stimme.wav"
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes(samples.tobytes())
    return str(path)


@pytest.fixture(autouse=True)
def nobody_listens(load, addon, monkeypatch):
    """Choosing a sound begins to hear it, which is nothing to these tests."""
    monkeypatch.setattr(load("operators.sound"), "listen", lambda scene: None)


@pytest.fixture
def scene(blender):
    scene = blender.context.scene
    scene.render.fps, scene.frame_start, scene.frame_end = 24, 1, 200
    return scene


def strips_of(holder):
    return holder.strips if hasattr(holder, "strips") else holder.sequences


def click_in_the_mixdown(blender, scene, tmp_path):
    """Scene frame, whole or not, of the click that Blender plays."""
    for strip in strips_of(scene.sequence_editor):
        strip.mute = not strip.mute  # else the player hears late of a content that was cut
        strip.mute = not strip.mute
    path = tmp_path / "mix.wav"
    blender.ops.sound.mixdown(filepath=str(path), check_existing=False, container="WAV", codec="PCM", format="S16")
    with wave.open(str(path)) as mixed:
        samples = np.frombuffer(mixed.readframes(mixed.getnframes()), "<i2").reshape(-1, mixed.getnchannels())
        at = np.flatnonzero(np.abs(samples[:, 0]) > 2000)[0] / mixed.getframerate()
    return scene.frame_start + at * scene.render.fps / scene.render.fps_base


def cut(strip, first=None, last=None):
    for edge, new, old in ((last, "right_handle", "frame_final_end"), (first, "left_handle", "frame_final_start")):
        if edge is not None:
            setattr(strip, new if hasattr(strip, new) else old, edge)


def shift(strip):
    strip.sound_offset = 0.123


def early(strip):
    strip.sound_offset = -0.2


def trim(strip):
    cut(strip, 30, 80)


def cut_for_good(strip):
    setattr(strip, "content_trim_start" if hasattr(strip, "content_trim_start") else "animation_offset_start", 6)


def everything(strip):
    cut_for_good(strip)
    shift(strip)
    cut(strip, 30)


def nothing(strip):
    pass


@pytest.mark.parametrize("rate", [(24, 1.0), (30, 1.001), (25, 1.0), (60, 1.0)])
@pytest.mark.parametrize("moved", [nothing, shift, early, trim, cut_for_good, everything])
def test_second_0_is_where_the_mixdown_has_it(blender, scene, sound, load, tmp_path, moved, rate):
    if moved is cut_for_good and rate == (30, 1.001):
        pytest.skip("Blender's own player is off by frames where content was cut at such rates, each time by others")
    scene.render.fps, scene.render.fps_base = rate
    strip = load("bake.compat").new_sound_strip(scene, "Stimme", sound, 2, 25)
    moved(strip)
    agrees(blender, scene, load, tmp_path)


def test_and_in_a_meta_strip_that_was_moved_and_cut(blender, scene, sound, load, tmp_path):
    meta = strips_of(scene.sequence_editor_create()).new_meta("Szene", 3, 20)
    inner = strips_of(meta).new_sound("Stimme", sound, 1, 40)
    inner.sound_offset = 0.1
    cut(meta, 45, 90)
    if hasattr(meta, "content_start"):
        meta.content_start += 7
    else:
        meta.frame_start += 7
    agrees(blender, scene, load, tmp_path)
    settings = scene.s2f
    zero = settings.start_frame + settings.start_shift * 24
    assert settings.sound_start == pytest.approx((52 - zero) / 24, abs=1e-4)
    assert settings.sound_end == pytest.approx((97 - zero) / 24, abs=1e-4)


def test_and_in_the_sequencer_of_a_scene_strip(blender, scene, sound, load, tmp_path):
    other = blender.data.scenes.new("Ton")
    other.render.fps, other.frame_start, other.frame_end = 24, 11, 150
    strips_of(other.sequence_editor_create()).new_sound("Stimme", sound, 1, 21)
    strip = strips_of(scene.sequence_editor_create()).new_scene("S", other, 2, 49)
    strip.scene_input = "SEQUENCER"
    agrees(blender, scene, load, tmp_path)


def agrees(blender, scene, load, tmp_path):
    blender.ops.s2f.use_strip()
    settings, rate = scene.s2f, scene.render.fps / scene.render.fps_base
    assert settings.audio_path.endswith("Stimme.wav")
    start = load("bake.frames").speech_start(scene)
    played = click_in_the_mixdown(blender, scene, tmp_path)
    assert (start + CLICK * rate - played) / rate == pytest.approx(0, abs=1e-3)


def test_keys_and_sound_stay_together_and_no_second_strip_is_made(blender, scene, sound, load, face, tmp_path):
    strip = load("bake.compat").new_sound_strip(scene, "Stimme", sound, 2, 25)
    strip.sound_offset = 0.123
    blender.ops.s2f.use_strip()
    put, start = load("bake.sound_strip").put_sound, load("bake.frames").speech_start(scene)
    assert put(scene, scene.s2f.audio_path, start) == ""
    assert len(load("bake.compat").strips_in(scene.sequence_editor)) == 1
    strips_of(scene.sequence_editor).remove(strip)
    put(scene, sound, start)
    played = click_in_the_mixdown(blender, scene, tmp_path)
    assert (played - start) / 24 == pytest.approx(CLICK, abs=1e-3)


def test_a_retimed_strip_is_refused_with_what_to_do(blender, scene, sound, load):
    if blender.app.version < (5, 2, 0):
        pytest.skip("these Blenders crash when a script adds retiming keys; their timeline does it")
    strip = load("bake.compat").new_sound_strip(scene, "Stimme", sound, 2, 25)
    strip.retiming_keys.add(timeline_frame=25)
    strip.retiming_keys.add(timeline_frame=97)
    blender.ops.s2f.use_strip()  # at its own pace still
    strip.retiming_keys[-1].timeline_frame = 61
    with pytest.raises(RuntimeError, match="retimed"):
        blender.ops.s2f.use_strip()


def two_strips(scene, sound, load):
    new = load("bake.compat").new_sound_strip
    return new(scene, "Musik", sound, 1, 25), new(scene, "Stimme", sound, 2, 60)


@pytest.mark.parametrize("how", ["strip", "channel", "volume"])
def test_of_several_strips_the_first_that_is_heard_is_taken(blender, scene, sound, load, how):
    first, _ = two_strips(scene, sound, load)
    if how == "strip":
        first.mute = True
    elif how == "channel":
        scene.sequence_editor.channels[1].mute = True
    else:
        first.volume = 0.0
    blender.ops.s2f.use_strip()
    assert scene.s2f.start_frame == 60


def test_a_muted_strip_that_is_chosen_is_taken_and_said(blender, scene, sound, load, capfd):
    first, _ = two_strips(scene, sound, load)
    first.mute = True
    blender.ops.s2f.use_strip(strip="Musik")
    assert scene.s2f.start_frame == 25
    assert "“Musik” is muted in the sequencer" in capfd.readouterr().out


def test_a_scene_strip_of_another_rate_says_so(blender, scene, sound, load):
    other = blender.data.scenes.new("Ton")
    other.render.fps = 30
    strips_of(other.sequence_editor_create()).new_sound("Stimme", sound, 1, 21)
    strips_of(scene.sequence_editor_create()).new_scene("Schnitt", other, 2, 49).scene_input = "SEQUENCER"
    with pytest.raises(RuntimeError, match="“Schnitt” has another frame rate"):
        blender.ops.s2f.use_strip()
