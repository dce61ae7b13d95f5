"""One set of curves moves a face and its teeth; keys that move nothing have none."""

import numpy as np
import pytest


@pytest.fixture
def bake(load, blender):
    def run(target, **options):
        values = np.random.default_rng(1).random((30, 52)).astype(np.float32)
        track = load("core.track").FaceTrack.captured(values, 24.0)
        character = load("rigs").find_character(target)
        return load("bake").bake(track, character, blender.context.scene, 1, load("bake").BakeOptions(**options))

    return run


def still(mesh, *names):
    """Keys ``names`` of ``mesh`` move no vertex any more."""
    basis = mesh.data.shape_keys.reference_key
    for name in names:
        for point, rest in zip(mesh.data.shape_keys.key_blocks[name].data, basis.data, strict=True):
            point.co = rest.co


def test_a_correction_of_the_jaw_reaches_the_teeth(blender, face, bake, load):
    head, teeth = face(name="Ann_Head"), face(["jawOpen", "mouthClose"], "Ann_Teeth")
    bake(head)
    compat, path = load("bake.compat"), load("bake.write").value_path("jawOpen")
    assert compat.same_curves(head.data.shape_keys, teeth.data.shape_keys)
    curve = compat.bag_of(head.data.shape_keys).fcurves.find(path)
    for point in curve.keyframe_points:
        point.co.y = point.handle_left.y = point.handle_right.y = 0.123
    blender.context.scene.frame_set(10)
    for mesh in (head, teeth):
        assert mesh.data.shape_keys.key_blocks["jawOpen"].value == pytest.approx(0.123)


def test_keys_that_move_nothing_on_any_mesh_of_theirs_have_no_curves(face, bake, load):
    head, teeth = face(name="Ann_Head"), face(name="Ann_Teeth")
    still(head, "tongueOut", "cheekPuff")
    still(teeth, *(name for name in load("core.channels").CHANNELS if name not in ("jawOpen", "tongueOut")))
    bake(head)
    curves = load("bake.compat").bag_of(head.data.shape_keys).fcurves
    path = load("bake.write").value_path
    assert curves.find(path("tongueOut")) is not None, "it moves the teeth"
    assert curves.find(path("cheekPuff")) is not None, "something else may follow the only one"
    assert len(curves) == 52


def test_a_mesh_with_other_keys_of_its_own_has_its_own_curves(face, bake, load):
    head, teeth = face([*load("core.channels").CHANNELS, "gap"], "Ann_Head"), face(["jawOpen", "gap"], "Ann_Teeth")
    gap = head.data.shape_keys.key_blocks["gap"]
    gap.keyframe_insert("value", frame=1)
    bake(head)
    assert not load("bake.compat").same_curves(head.data.shape_keys, teeth.data.shape_keys)


def test_what_a_mesh_had_of_its_own_is_not_lost(face, bake, load, curve_values):
    head, teeth = face(name="Ann_Head"), face(["jawOpen", "hat"], "Ann_Teeth")
    teeth.data.shape_keys.key_blocks["hat"].value = 0.6
    teeth.data.shape_keys.key_blocks["hat"].keyframe_insert("value", frame=1)
    bake(head)
    assert curve_values(teeth, "hat", [1])[0] == pytest.approx(0.6)
    assert curve_values(teeth, "jawOpen", [10])[0] == pytest.approx(curve_values(head, "jawOpen", [10])[0], abs=0.01)


def test_siblings_speak_in_the_file_and_where_they_are_appended(blender, face, bake, tmp_path):
    head, teeth = face(name="Ann_Head"), face(["jawOpen"], "Ann_Teeth")
    teeth.parent = head
    bake(head)
    blender.context.scene.frame_set(10)
    jaw = head.data.shape_keys.key_blocks["jawOpen"].value
    path = str(tmp_path / "Ann.blend")
    blender.ops.wm.save_as_mainfile(filepath=path)
    blender.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with blender.data.libraries.load(path) as (_, into):
        into.objects = ["Ann_Head", "Ann_Teeth"]
    for thing in into.objects:
        blender.context.scene.collection.objects.link(thing)
    blender.context.scene.frame_set(11)
    blender.context.scene.frame_set(10)
    for thing in into.objects:
        assert thing.data.shape_keys.key_blocks["jawOpen"].value == pytest.approx(jaw, abs=1e-6)
