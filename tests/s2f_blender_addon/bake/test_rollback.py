"""A bake that fails half-way leaves everything as it was, and says one sentence."""

from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def scene(blender, face, load, addon):
    """A face with an action of the animator's own, keys of an earlier bake, a strip and a marker."""
    scene = blender.context.scene
    target = face()
    teeth = face(["jawOpen"], "Face_Teeth")
    baked(load, blender, target)
    key = target.data.shape_keys
    key.key_blocks["jawOpen"].slider_max = 0.9
    bag = load("bake.compat").bag_of(key)
    curve = bag.fcurves.new('key_blocks["cheekPuff"].mute', index=0)
    curve.keyframe_points.insert(3, 1.0)
    track = key.animation_data.nla_tracks.new()
    track.strips.new("Take", 100, key.animation_data.action)
    scene.timeline_markers.new("mine", frame=7)
    sound = str(Path(addon.__file__).parent / "model_server/sample/hello.wav")
    load("bake.sound_strip").put_sound(scene, sound, 3, "a line")
    teeth.animation_data_clear()
    return scene


def baked(load, blender, target, **options):
    track = load("core.track").FaceTrack.captured(np.random.default_rng(0).random((40, 52), np.float32), 24.0)
    character = load("rigs").find_character(target)
    return load("bake").bake(track, character, blender.context.scene, 5, load("bake").BakeOptions(**options))


def everything(blender, load) -> dict:
    """What a bake may change, by value."""
    compat = load("bake.compat")

    def curves(owner):
        bag = compat.bag_of(owner)
        return {
            (curve.data_path, curve.array_index, curve.group.name if curve.group else ""): {
                name: values.tolist() for name, values in compat.read_keys(curve).items()
            }
            for curve in (bag.fcurves if bag is not None else ())
        }

    keys = [target.data.shape_keys for target in blender.data.objects if target.type == "MESH"]
    scene = blender.context.scene
    return {
        "actions": sorted((action.name, action.users, action.use_fake_user) for action in blender.data.actions),
        "curves": [curves(key) for key in keys],
        "animated": [key.animation_data is not None for key in keys],
        "action": [key.animation_data and key.animation_data.action and key.animation_data.action.name for key in keys],
        "strips": [
            [strip.action.name for track in key.animation_data.nla_tracks for strip in track.strips]
            for key in keys if key.animation_data
        ],
        "sliders": [[(b.slider_min, b.slider_max) for b in key.key_blocks] for key in keys],
        "frames": (scene.frame_start, scene.frame_end),
        "markers": [(m.name, m.frame) for m in scene.timeline_markers],
        "sounds": [
            (s.name, compat.strip_start(s), s.channel, s.get("s2f"), s.get("s2f_line"))
            for s in compat.sound_strips(scene)
        ],
    }  # fmt: skip


@pytest.mark.parametrize("error", [RuntimeError("Blender says no"), MemoryError(), KeyError("x"), KeyboardInterrupt()])
def test_what_was_changed_before_an_error_is_as_it_was(scene, blender, load, addon, error, tmp_path):
    other = tmp_path / "other.wav"
    other.write_bytes((Path(addon.__file__).parent / "model_server/sample/hello.wav").read_bytes())
    target = blender.data.objects["Face"]
    character = load("rigs").find_character(target)
    owners = [mesh.key for mesh in character.meshes]
    before = everything(blender, load)

    def half_a_bake():
        with load("bake.rollback").all_or_nothing(scene, owners):
            baked(load, blender, target, widen=True)
            scene.timeline_markers.new("ours", frame=9)
            scene.timeline_markers[0].frame = 8
            for curve in load("bake.compat").bag_of(owners[0]).fcurves:
                load("bake.compat").write_keys(curve, {
                    name: values[:1] for name, values in load("bake.compat").read_keys(curve).items()
                })
            scene.frame_end = 999
            for strip in list(load("bake.compat").sound_strips(scene)):
                load("bake.compat").remove_strip(scene, strip)
            load("bake.sound_strip").put_sound(scene, str(other), 9, "another line")
            raise error

    with pytest.raises(type(error)):
        half_a_bake()
    assert everything(blender, load) == before


def test_a_bake_that_works_leaves_no_copies(scene, blender, load):
    target = blender.data.objects["Face"]
    plain = len(blender.data.actions)
    baked(load, blender, target)
    made = len(blender.data.actions) - plain
    with load("bake.rollback").all_or_nothing(scene, [target.data.shape_keys]):
        baked(load, blender, target)
    assert len(blender.data.actions) == plain + 2 * made


def test_without_a_free_channel_the_keys_are_written_and_the_sound_is_spoken_of(scene, blender, load, addon):
    strips = load("bake.compat")._strips(scene.sequence_editor_create())
    for channel in range(1, 129):
        strips.new_effect("x", "COLOR", channel, 1, **_length(strips, 1000))
    sound = str(Path(addon.__file__).parent / "model_server/sample/hello.wav")
    report = baked(load, blender, blender.data.objects["Face"], sound=sound)
    assert report.keys and any("All 128 channels" in note for note in report.notes)


def _length(strips, frames: int) -> dict[str, int]:
    """The end, or from 5.0 on the length, of a new strip."""
    named = {p.identifier for p in strips.bl_rna.functions["new_effect"].parameters}
    return {"length": frames} if "length" in named else {"frame_end": 1 + frames}


def test_the_panel_gets_a_sentence_and_never_a_traceback(scene, blender, load, monkeypatch):
    """Whatever an operator meets."""
    base = load("operators.base")

    class Failing(base.Operator):
        bl_idname, bl_label = "s2f.failing", "Fail"

        def run(self, context):
            raise ZeroDivisionError("half-way")

        def report(self, kinds, text):
            self.said = text

    failing = Failing()
    assert failing.execute(None) == {"CANCELLED"}
    outcome = load("session").current.shown.outcome
    assert outcome.error == failing.said and "\n" not in outcome.error and "ZeroDivisionError" in outcome.error
    assert "half-way" in outcome.report
