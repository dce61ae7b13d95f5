"""Keys for a bare head, as a user makes them: find or place landmarks, add the keys, bake, undo."""

import bpy
import numpy as np
import pytest


@pytest.fixture
def bare(blender):
    """The demo head without its keys, active."""
    blender.ops.s2f.add_demo_head()
    face = blender.context.active_object
    for member in (face, *face.children):
        member.shape_key_clear()
    blender.context.scene.s2f.target = None
    return face


def names(candidate):
    shapes = candidate.data.shape_keys
    return [] if shapes is None else [block.name for block in shapes.key_blocks[1:]]


def moved(candidate, name):
    """(V, 3) what a key moves."""
    shapes = candidate.data.shape_keys
    points = np.empty((2, 3 * len(candidate.data.vertices)), np.float32)
    shapes.key_blocks[name].data.foreach_get("co", points[0])
    shapes.reference_key.data.foreach_get("co", points[1])
    return (points[0] - points[1]).reshape(-1, 3)


def test_one_press_makes_all_52_keys_on_every_part_and_the_head_becomes_the_character(blender, bare, load):
    assert blender.ops.s2f.add_keys() == {"FINISHED"}
    assert tuple(names(bare)) == load("core.channels").CHANNELS
    parts = {child.name.split()[-1].split(".")[0]: child for child in bare.children}
    assert set(names(parts["teeth"])) == {"jawOpen", "jawForward", "jawLeft", "jawRight", "tongueOut"}
    assert {"eyeLookUpLeft", "eyeLookInRight"} <= set(names(parts["eyes"]))
    assert {"eyeBlinkLeft"} <= set(names(parts["lashes"]))
    assert {"browInnerUp"} <= set(names(parts["brows"]))
    assert names(parts["bust"]) == []
    assert not bare.data.shape_keys.key_blocks["jawOpen"].value
    assert blender.context.scene.s2f.target == bare
    character = load("rigs").find_character(bare)
    assert character.coverage == "52 of 52 channels"
    assert all(np.abs(moved(bare, name)).max() > 1e-4 for name in names(bare))


def test_an_undo_takes_all_of_it_back_in_one_step(blender, bare):
    name = bare.name
    blender.ops.ed.undo_push(message="before")
    blender.ops.s2f.add_keys("EXEC_DEFAULT", True)
    assert names(blender.data.objects[name])
    blender.ops.ed.undo()
    assert not any(names(candidate) for candidate in blender.data.objects if candidate.type == "MESH")


def test_landmarks_are_found_shown_moved_snapped_mirrored_and_used(blender, bare, load):
    placed = load("carry.placed")
    assert blender.ops.s2f.propose_landmarks() == {"FINISHED"}
    shown = {empty[placed.MARK]: empty for empty in placed.empties(bare)}
    assert len(shown) > 25
    before = placed.places_of(bare)
    shown["mouth_corner_left"].location.x += 0.012
    blender.context.view_layer.update()
    blender.ops.s2f.snap_landmarks()
    left, right = (placed.places_of(bare)[f"mouth_corner_{side}"] for side in ("left", "right"))
    assert left[0] == pytest.approx(-right[0], abs=1e-4)
    assert placed.snapped(bare, left) == pytest.approx(left, abs=1e-5)
    assert left[0] > before["mouth_corner_left"][0] + 0.003
    blender.ops.s2f.propose_landmarks()
    assert placed.places_of(bare)["mouth_corner_left"] == pytest.approx(left, abs=1e-5)  # what is placed by hand stays
    blender.ops.s2f.show_landmarks()
    assert not placed.empties(bare)
    assert placed.places_of(bare)["mouth_corner_left"] == pytest.approx(left, abs=1e-5)
    blender.ops.s2f.forget_landmarks()
    assert not placed.places_of(bare)


def test_a_click_places_a_landmark_on_the_surface_and_its_mirror_image(blender, bare, load):
    placed = load("carry.placed")
    load("operators.landmarks").put(bare, "eye_outer_left", (0.06, -0.2, 0.23))
    left, right = (placed.places_of(bare)[f"eye_outer_{side}"] for side in ("left", "right"))
    assert left[0] == pytest.approx(-right[0], abs=1e-4)
    bare.s2f_landmarks.mirror = False
    load("operators.landmarks").put(bare, "eye_outer_left", (0.05, -0.2, 0.23))
    assert placed.places_of(bare)["eye_outer_right"] == pytest.approx(right)


def test_landmarks_come_from_a_file_as_places_or_vertices(blender, bare, load, tmp_path):
    file = tmp_path / "marks.json"
    file.write_text('{"nose_tip": [0.0, -0.12, 0.19], "chin": 7}', "utf-8")
    blender.ops.s2f.load_landmarks(filepath=str(file))
    places = load("carry.placed").places_of(bare)
    assert places["nose_tip"] == pytest.approx((0.0, -0.12, 0.19))
    assert places["chin"] == pytest.approx(tuple(bare.matrix_world @ bare.data.vertices[7].co))
    for text, said in (("[]", "no landmarks"), ("{", "no JSON"), ('{"ear": 1}', "no landmark ear"),
                       ('{"chin": 99999999}', "vertices"), ('{"chin": [1, 2]}', "three numbers")):  # fmt: skip
        file.write_text(text, "utf-8")
        with pytest.raises(RuntimeError, match=said):
            blender.ops.s2f.load_landmarks(filepath=str(file))


def test_a_face_with_keys_gets_only_the_missing_ones_and_only_when_asked(blender, load):
    blender.ops.s2f.add_demo_head()
    face = blender.context.active_object
    with pytest.raises(RuntimeError, match="nothing to add"):
        blender.ops.s2f.add_keys()
    own = moved(face, "jawOpen")
    for name in ("mouthPucker", "eyeBlinkLeft"):
        face.shape_key_remove(face.data.shape_keys.key_blocks[name])
    with pytest.raises(RuntimeError, match="Add Missing Keys"):
        blender.ops.s2f.add_keys()
    assert blender.ops.s2f.add_keys(missing_only=True) == {"FINISHED"}
    assert names(face)[-2:] == ["eyeBlinkLeft", "mouthPucker"]  # in the order of the channels
    assert (moved(face, "jawOpen") == own).all()


def test_what_keys_cannot_be_added_to_says_why(blender, bare):
    bare.modifiers.new("Half", "MIRROR")
    with pytest.raises(RuntimeError, match="Half"):
        blender.ops.s2f.add_keys()
    bare.modifiers.clear()
    blender.ops.object.empty_add()
    with pytest.raises(RuntimeError, match="Select the mesh"):
        blender.ops.s2f.add_keys()


def test_eyes_that_share_a_mesh_get_meshes_of_their_own(blender, load):
    objects = load("carry.objects")
    mesh = bpy.data.meshes.new("Eye")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 0, 1)], [], [(0, 1, 2)])
    eyes = [bpy.data.objects.new(name, mesh) for name in ("Left", "Right")]
    for eye in eyes:
        blender.context.scene.collection.objects.link(eye)
    head = objects.gathered(eyes)
    fields = {name: np.zeros((6, 3), np.float32) for name in load("core.channels").CHANNELS}
    fields["eyeLookUpLeft"][:3], fields["eyeLookUpRight"][3:] = (0, 0, 1), (0, 0, 1)
    added, notes = objects.write(head, eyes[0], fields)
    assert added == {"Left": 52, "Right": 1}
    assert any("shared its mesh" in note for note in notes)
    assert names(eyes[1]) == ["eyeLookUpRight"]


def test_making_can_be_left_at_any_step(blender, bare, load):
    add_keys = load("operators.add_keys")
    steps = load("carry").carrying(*_arrays(bare, load), {})
    making = add_keys.Making(bare, None, (), steps)
    assert not making.go_on(0.0)
    assert not names(bare)
    steps.close()


def _arrays(bare, load):
    head = load("carry.objects").gathered([bare, *bare.children])
    return head.points, head.triangles, load("carry.propose").propose(head.points, head.triangles).landmarks
