"""A bake writes what it wrote: the F-curves of five characters, from the settings of the panel (see tests.witness)."""

import time
from pathlib import Path

import numpy as np
import pytest
from mathutils import Vector

from tests.witness.stored import Witness, over_time

from .rigs.spellings import CHARACTERS

WITNESS = Witness("rigs.npz")
WORDS = "Hello! My name is Poppy. Give me a voice, and I move my lips."
BONES = {"head": (0, 0, 1.5), "jaw": (0, -0.03, 1.56), "eye.L": (0.03, -0.08, 1.66), "eye.R": (-0.03, -0.08, 1.66)}


@pytest.fixture
def bake(blender, addon, load):
    """``bake(target)`` presses Bake and waits; returns {object and path: (n, 1) values over the shot}."""

    def press(target, fps=24):
        scene = blender.context.scene
        scene.render.fps = fps
        scene.s2f.keys = "FRAMES"
        scene.s2f.target = target
        scene.s2f.audio_path = str(Path(addon.__file__).parent / "model_server/sample/hello.wav")
        blender.ops.s2f.bake("EXEC_DEFAULT")
        limit = time.monotonic() + 90
        while not addon.poll():
            assert time.monotonic() < limit
            time.sleep(0.005)
        assert load("session").current.shown.outcome.error == ""
        frames = np.linspace(1, 8 * fps, 96)
        found = {}
        for thing in blender.data.objects:
            for owner in (thing, getattr(thing.data, "shape_keys", None)):
                bag = load("bake.compat").bag_of(owner) if owner is not None else None
                for curve in bag.fcurves if bag is not None else ():
                    if not is_there(owner, curve.data_path):  # curves that several meshes follow
                        continue
                    name = f"{thing.name} {curve.data_path} {curve.array_index}"
                    found[name] = np.array([curve.evaluate(frame) for frame in frames.tolist()])
        return found

    return press


def is_there(owner, path):
    try:
        owner.path_resolve(path)
    except ValueError:
        return False
    return True


def compare(rig, curves):
    names = sorted(curves)
    assert len(names) > 3
    WITNESS.compare(rig, {"curves": over_time(np.stack([curves[name] for name in names], 1))}, "\n".join(names))


def test_the_demo_head_is_happy_and_afraid(blender, bake):
    blender.ops.s2f.add_demo_head()
    settings = blender.context.scene.s2f
    target = next(o for o in blender.data.objects if o.type == "MESH" and "face" in o.name.lower())
    settings.target = target
    settings.emotion_happy, settings.emotion_fear, settings.seed, settings.intensity = 0.6, 0.3, 3, 1.3
    compare("demo head", bake(target))


def test_a_head_of_character_creator_is_told_the_words(blender, face, bake):
    blender.context.scene.s2f.words_line = WORDS
    compare("Character Creator 4", bake(face(CHARACTERS["Character Creator 4"][0]), fps=30))


def test_a_head_of_facegood_shows_contempt_on_its_right(blender, face, bake, load):
    target, settings = face(CHARACTERS["FACEGOOD"][0]), blender.context.scene.s2f
    settings.target = target
    settings.emotion_contempt, settings.liveliness_blinks, settings.liveliness_brows = 0.8, 0.5, 1.6
    load("emotion.sliders").owner_of(target).s2f_character.side = "RIGHT"
    compare("FACEGOOD", bake(target))


def test_a_head_with_visemes_has_keyed_sliders(blender, face, bake):
    target = face(CHARACTERS["Oculus visemes"][0])
    blender.context.scene.s2f.target = target
    for frame, value in ((1, 0.0), (90, 1.0), (150, 0.2)):
        target.s2f_character.emotion_happy = value
        assert target.keyframe_insert("s2f_character.emotion_happy", frame=frame)
    compare("Oculus visemes", bake(target))


def test_a_head_with_bones_has_an_emotion_of_its_own(blender, face, bake, load):
    data = blender.data.armatures.new("Rig")
    rig = blender.data.objects.new("Rig", data)
    blender.context.scene.collection.objects.link(rig)
    blender.context.view_layer.objects.active = rig
    blender.ops.object.mode_set(mode="EDIT")
    for name, place in BONES.items():
        bone = data.edit_bones.new(name)
        bone.head, bone.tail = place, Vector(place) + (Vector((0, 0, 0.2)) if name == "head" else Vector((0, -0.05, 0)))
    blender.ops.object.mode_set(mode="OBJECT")
    target, settings = face(["mouthSmile", "browInnerUp", "mouthPucker"], parent=rig), blender.context.scene.s2f
    settings.target, settings.head, settings.liveliness_head = target, True, 1.5
    target.data.shape_keys.key_blocks["mouthSmile"].value = 0.8
    for path in load("emotion.own").folder().glob("*.json"):
        path.unlink()
    blender.ops.s2f.emotion_save(name="Grin")
    load("emotion.sliders").owner_of(target).s2f_character.own["Grin"].value = 0.7
    compare("bones", bake(target, fps=25))
