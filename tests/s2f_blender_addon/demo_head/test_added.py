"""Add Demo Head: where it stands, what it hangs on, and a neck that nods with the voice."""

import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import bpy
import numpy as np
import pytest
from mathutils import Euler


@pytest.fixture
def add(blender: ModuleType) -> Callable[[], bpy.types.Object]:
    """Press Add Demo Head; returns the face."""

    def press() -> bpy.types.Object:
        assert blender.ops.s2f.add_demo_head() == {"FINISHED"}
        return blender.context.scene.s2f.target

    return press


@pytest.fixture
def box(blender: ModuleType) -> Callable[..., bpy.types.Object]:
    def make(size: tuple[float, float, float], place: tuple[float, float, float]) -> bpy.types.Object:
        blender.ops.mesh.primitive_cube_add(size=1, location=place)
        made = blender.context.active_object
        made.scale = size
        return made

    return make


def room_of(*objects: bpy.types.Object) -> np.ndarray:  # type: ignore[type-arg]
    bpy.context.view_layer.update()
    corners = np.array([o.matrix_world @ type(o.location)(corner) for o in objects for corner in o.bound_box])
    return np.stack([corners.min(0), corners.max(0)])


def whole(face: bpy.types.Object) -> np.ndarray:  # type: ignore[type-arg]
    return room_of(face, *face.children)


def apart(one: np.ndarray, other: np.ndarray) -> bool:  # type: ignore[type-arg]
    return bool(np.any(np.minimum(one[1], other[1]) < np.maximum(one[0], other[0])))


def test_it_hangs_on_one_parent_in_a_collection_of_its_own(add, blender):
    face = add()
    armature = face.parent
    assert armature.type == "ARMATURE"
    assert armature.parent is None
    assert set(armature.children_recursive) == {face, *face.children}
    (collection,) = armature.users_collection
    assert set(collection.objects) == {armature, face, *face.children}
    assert blender.context.mode == "OBJECT"
    assert blender.context.active_object == face
    assert list(blender.context.selected_objects) == [face]


def test_it_stands_before_a_cube_that_stands_at_the_cursor_and_in_full_view(add, box):
    cube = box((2, 2, 2), (0, 0, 0))
    face = add()
    assert apart(whole(face), room_of(cube))
    assert whole(face)[1, 1] == pytest.approx(-1.06, abs=1e-3)
    assert np.ptp(whole(face)[:, 0]) > 0.2
    assert whole(face)[:, 0].mean() == pytest.approx(0, abs=1e-3)


def test_a_second_and_a_third_stand_beside_the_first_and_keep_to_themselves(add, load):
    faces = [add(), add(), add()]
    rooms = [whole(face) for face in faces]
    for left, right in ((0, 1), (1, 2)):
        assert rooms[right][0, 0] - rooms[left][1, 0] == pytest.approx(0.06, abs=1e-3)
        assert rooms[right][:, 1:] == pytest.approx(rooms[left][:, 1:], abs=1e-4)
    parents = {face.parent for face in faces}
    assert len(parents) == 3
    for face in faces:
        character = load("rigs").find_character(face)
        assert {mesh.object for mesh in character.meshes} <= {face, *face.children}
        assert character.bones.armature == face.parent


@pytest.mark.parametrize(
    ("size", "place"), [((20, 20, 0.001), (0, 0, 0)), ((30, 30, 30), (0, 0, 0)), ((1, 1, 0.1), (0, 0, -0.05))]
)
def test_a_ground_a_table_and_a_room_are_what_it_stands_on_and_in(add, box, size, place):
    box(size, place)
    assert tuple(add().parent.location) == pytest.approx((0, 0, 0))


def test_what_is_hidden_is_not_in_the_way(add, box):
    box((2, 2, 2), (0, 0, 0)).hide_set(True)
    assert tuple(add().parent.location) == pytest.approx((0, 0, 0))


def test_the_face_rides_on_the_head_and_the_collar_on_the_chest(add):
    face = add()
    armature, parts = face.parent, {child.name.split(".")[0]: child for child in face.children}
    before = {name: evaluated(part) for name, part in [("face", face), *parts.items()]}
    bone = armature.pose.bones["head"]
    turn, rest = Euler((0, 0, 0.3)).to_matrix(), bone.bone.matrix_local.to_3x3()
    bone.rotation_quaternion = (rest.inverted() @ turn @ rest).to_quaternion()
    after = {name: evaluated(part) for name, part in [("face", face), *parts.items()]}
    assert after["Demo bust"] == pytest.approx(before["Demo bust"], abs=1e-6)
    skin = before["face"]
    above, hidden = skin[:, 2] - 0.6 * skin[:, 1] > 0.14, skin[:, 2] < 0.065
    pivot = np.array(bone.bone.head_local)
    wanted = (before["face"] - pivot) @ np.array(turn).T + pivot
    assert after["face"][above] == pytest.approx(wanted[above], abs=1e-3)
    assert np.abs(after["face"] - skin)[hidden].max() < 0.004, "what the collar hides stays in it"
    for name in ("Demo eyes", "Demo teeth", "Demo hair", "Demo tongue", "Demo lashes", "Demo brows"):
        assert after[name] == pytest.approx((before[name] - pivot) @ np.array(turn).T + pivot, abs=1e-4), name


def evaluated(shown: bpy.types.Object) -> np.ndarray:  # type: ignore[type-arg]
    graph = bpy.context.evaluated_depsgraph_get()
    graph.update()
    points = np.empty(3 * len(shown.data.vertices), np.float32)
    shown.evaluated_get(graph).data.vertices.foreach_get("co", points)
    return points.reshape(-1, 3)


def test_the_head_nods_with_the_voice_and_the_chest_breathes_by_default(add, addon, load, blender):
    face = add()
    blender.context.scene.s2f.audio_path = str(Path(addon.__file__).parent / "model_server/sample/hello.wav")
    blender.ops.s2f.bake()
    limit = time.monotonic() + 60
    while not addon.poll():
        assert time.monotonic() < limit
        time.sleep(0.01)
    assert load("session").current.shown.outcome.baked.bones == ("head", "neck", "chest")
    nose = int(np.argmin(evaluated(face)[:, 1]))
    places = []
    for frame in range(1, 60, 6):
        blender.context.scene.frame_set(frame)
        places.append(evaluated(face)[nose])
    assert np.ptp(np.array(places), axis=0).max() > 0.001, "millimetres"
