"""Rigs that have mouth shapes instead of keys really speak."""

import numpy as np
import pytest

pytestmark = pytest.mark.one_blender


@pytest.fixture
def speech(load, blender):
    """(T, 52) half a second of 'mama': the jaw swings, the lips meet twice."""
    index = load("core.channels").INDEX
    time = np.arange(60) / 60
    values = np.zeros((60, 52), np.float32)
    values[:, index["jawOpen"]] = 0.25 + 0.2 * np.sin(2 * np.pi * 2 * time)
    for shut in (slice(18, 24), slice(48, 54)):
        values[shut, index["mouthClose"]] = values[shut, index["jawOpen"]]
    values[:, index["mouthPucker"]] = np.linspace(0, 0.6, 60)
    return values


@pytest.mark.parametrize("name", ["oculus", "vowels", "rhubarb", "preston_blair", "character_creator", "sapi", "mpeg4"])
def test_the_lips_part_and_meet_as_they_should(load, speech, name):
    visemes, blend = load("core.naming.visemes"), load("core.blend")
    shapes = [pose for pose in visemes.SETS[name].poses.values() if pose]
    weights, shown = visemes.weights_of(speech, shapes, np.array([], int))
    assert weights.min() >= 0
    assert weights.sum(axis=1).max() <= 1 + 1e-5
    wanted, got = blend.lip_gap(speech), blend.lip_gap(shown)
    assert np.corrcoef(wanted, got)[0, 1] > 0.95
    assert got[19:23].max() < 1.5
    assert got.max() > 0.7 * wanted.max()


def test_rounded_and_spread_lips_choose_different_shapes(load, speech):
    visemes, index = load("core.naming.visemes"), load("core.channels").INDEX
    pose = np.zeros((2, 52), np.float32)
    pose[0, [index["mouthPucker"], index["mouthFunnel"], index["jawOpen"]]] = 0.6, 0.3, 0.15
    pose[1, [index["mouthStretchLeft"], index["mouthStretchRight"], index["jawOpen"]]] = 0.3, 0.3, 0.15
    shapes = [visemes.SETS["vowels"].poses[name] for name in "AIUEO"]
    weights, _ = visemes.weights_of(pose, shapes, np.array([], int))
    assert weights[0].argmax() == 2
    assert weights[1].argmax() in (1, 3)


def test_a_rig_with_five_vowels_alone_is_baked(load, face, blender, curve_values, speech):
    target = face([f"Fcl_MTH_{v}" for v in "AIUEO"])
    character = load("rigs").find_character(target)
    assert character.coverage.endswith("; 5 mouth shapes")
    track = load("core.track").FaceTrack.captured(speech, 60.0)
    blender.context.scene.render.fps = 60
    load("bake").bake(track, character, blender.context.scene, 1)
    values = np.stack([curve_values(target, f"Fcl_MTH_{v}", np.arange(1, 61)) for v in "AIUEO"])
    assert values.max() > 0.2
    assert values[:, 20].sum() < 0.3 * values.sum(axis=0).max(), "nearly still while the lips are shut"


def test_a_face_that_has_keys_needs_no_mouth_shapes(load, face):
    names = load("core.channels").CHANNELS
    target = face([*names, *(f"viseme_{v}" for v in ("PP", "FF", "aa", "E", "O", "U"))])
    (mesh,) = load("rigs").find_character(target).meshes
    assert set(mesh.map.keys()) == set(names)
    assert all("not needed" in e.reason for e in mesh.map.entries if not e.on)


def test_a_jaw_key_beside_mouth_shapes_is_not_driven_twice(load, face, speech):
    target = face(["jawOpen", *(f"viseme_{v}" for v in ("PP", "FF", "aa", "E", "O", "U"))])
    (mesh,) = load("rigs").find_character(target).meshes
    names, values = mesh.map.values(speech)
    visemes, index = load("core.naming.visemes"), load("core.channels").INDEX
    jaw = values[:, names.index("jawOpen")].copy()
    for name, column in zip(names, values.T, strict=True):
        pose = visemes.SETS["oculus"].poses.get(name.removeprefix("viseme_"), {})
        jaw += column * pose.get("jawOpen", 0.0)
    assert np.abs(jaw - speech[:, index["jawOpen"]]).max() < 0.12
