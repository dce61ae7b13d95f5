"""The demo head as Blender objects, on whatever bpy runs the tests."""

from collections.abc import Callable
from types import ModuleType

import bpy
import numpy as np
import pytest
from mathutils import Vector
from mathutils.bvhtree import BVHTree

from s2f_blender_addon.core.channels import CHANNELS


@pytest.fixture
def face(blender: ModuleType, load: Callable[[str], ModuleType]) -> bpy.types.Object:
    """The head of the installed add-on in an empty file."""
    return load("demo_head").build(bpy.context)


def evaluated(shown: bpy.types.Object) -> bpy.types.Mesh:
    graph = bpy.context.evaluated_depsgraph_get()
    graph.update()
    return shown.evaluated_get(graph).data


def corners(shown: bpy.types.Object) -> np.ndarray:  # type: ignore[type-arg]
    mesh = evaluated(shown)
    points = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", points)
    return points.reshape(-1, 3)


def test_the_face_has_52_keys_all_at_rest(face: bpy.types.Object) -> None:
    blocks = face.data.shape_keys.key_blocks
    assert tuple(block.name for block in blocks[1:]) == CHANNELS
    assert all(block.value == 0 and (block.slider_min, block.slider_max) == (0, 1) for block in blocks[1:])


def test_each_part_is_an_object_with_its_share_of_the_keys(face: bpy.types.Object) -> None:
    keys = {
        child.name: {block.name for block in child.data.shape_keys.key_blocks[1:]}
        for child in face.children
        if child.data.shape_keys
    }
    assert set(keys) == {"Demo eyes", "Demo teeth", "Demo tongue", "Demo lashes", "Demo brows"}
    assert all(name.startswith("eyeLook") for name in keys["Demo eyes"])
    assert len(keys["Demo eyes"]) == 8
    assert keys["Demo teeth"] == keys["Demo tongue"] == {"jawOpen", "jawForward", "jawLeft", "jawRight", "tongueOut"}
    assert {"eyeBlinkLeft", "eyeBlinkRight"} < keys["Demo lashes"]
    assert set().union(*keys.values()) < set(CHANNELS)


def test_it_is_life_sized_stands_on_the_floor_and_looks_to_minus_y(face: bpy.types.Object) -> None:
    points = corners(face)
    skull = points[:, 2].max() - points[points[:, 1] < -0.05][:, 2].min()
    assert 0.2 < skull < 0.27
    everything = np.concatenate([corners(shown) for shown in (face, *face.children)])
    assert everything[:, 2].min() == pytest.approx(0, abs=0.002)
    nose = points[np.argmin(points[:, 1])]
    assert abs(nose[0]) < 1e-4
    eyes = corners(next(child for child in face.children if child.name == "Demo eyes"))
    assert eyes[:, 1].mean() < 0


@pytest.mark.parametrize("side", [1, -1])
def test_a_closed_lid_hides_the_eyeball(face: bpy.types.Object, side: int) -> None:
    name = "eyeBlinkLeft" if side == 1 else "eyeBlinkRight"
    ball = next(child for child in face.children if child.name == "Demo eyes")
    face.data.shape_keys.key_blocks[name].value = 1.0
    graph = bpy.context.evaluated_depsgraph_get()
    skin, eyes = BVHTree.FromObject(face, graph), BVHTree.FromObject(ball, graph)
    centre = corners(ball)
    centre = Vector(centre[centre[:, 0] * side > 0].mean(0))
    for camera in (Vector((0, -1, 0.2)), Vector((0.6 * side, -0.8, 0.25)), Vector((0.2 * side, -0.9, 0.0))):
        for dx in np.linspace(-0.024, 0.024, 13):
            for dz in np.linspace(-0.016, 0.016, 13):
                direction = centre + Vector((dx, 0, dz)) - camera
                white = eyes.ray_cast(camera, direction)
                lid = skin.ray_cast(camera, direction)
                assert white[3] is None or (lid[3] is not None and lid[3] < white[3])
    face.data.shape_keys.key_blocks[name].value = 0.0
    graph = bpy.context.evaluated_depsgraph_get()
    graph.update()
    opened = BVHTree.FromObject(face, graph).ray_cast(Vector((centre.x, -1, centre.z)), Vector((0, 1, 0)))
    assert opened[3] > eyes.ray_cast(Vector((centre.x, -1, centre.z)), Vector((0, 1, 0)))[3]


def test_a_second_head_shares_the_materials(face: bpy.types.Object, load: Callable[[str], ModuleType]) -> None:
    count = len(bpy.data.materials)
    load("demo_head").build(bpy.context)
    assert len(bpy.data.materials) == count


def test_the_stage_shows_a_face_on_a_plain_background(
    face: bpy.types.Object, tmp_path: object, load: Callable[[str], ModuleType]
) -> None:
    scene = bpy.context.scene
    load("demo_head.stage").stage(scene)
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising = 1, False
    scene.render.resolution_x = scene.render.resolution_y = 64
    scene.render.filepath = f"{tmp_path}/face.png"
    bpy.ops.render.render(write_still=True)
    picture = bpy.data.images.load(scene.render.filepath)
    pixels = np.array(picture.pixels[:]).reshape(64, 64, 4)
    middle, edge = pixels[24:40, 24:40, :3].mean((0, 1)), pixels[40:60, :4, :3].mean((0, 1))
    assert middle[0] > middle[2] + 0.1, "warm skin in the middle"
    assert edge[2] > edge[0], "cool background at the edge"
    assert picture.pixels[:] != []
