"""Two heads without parents whose boxes overlap are two characters; a beard in the same place belongs to its head."""

import pytest

from s2f_blender_addon.core.channels import CHANNELS

from .heads import FACE, KEYS, head_with

pytestmark = pytest.mark.one_blender

SHAPES = {name: {name: 1.0} for name in CHANNELS if name in KEYS}


def beside(blender, share):
    """Two heads, the second to the left of the first by ``share`` of its width."""
    one, other = head_with(blender, SHAPES, "Ann"), head_with(blender, SHAPES, "Bob")
    other.location.x = share * (FACE.vertices[:, 0].max() - FACE.vertices[:, 0].min()) / 1000
    blender.context.view_layer.update()
    return one, other


def test_two_heads_that_overlap_are_two_characters(blender, load):
    one, other = beside(blender, 0.6)
    family = load("rigs.face_objects").family
    assert family(one) == [one] and family(other) == [other]


def test_two_meshes_that_move_at_one_place_are_one(blender, load):
    one, other = beside(blender, 0.02)
    other.scale = (1.0, 1.0, 0.8)
    blender.context.view_layer.update()
    assert set(load("rigs.face_objects").family(one)) == {one, other}


def test_gums_on_which_an_exporter_has_left_a_trace_of_every_key_belong_to_their_head(blender, load):
    head = head_with(blender, SHAPES, "Skin")
    places = (FACE.vertices[FACE.mouth[-1]] + [0.0, 10.0, 0.0]) / 1000
    mesh = blender.data.meshes.new("Gums")
    mesh.from_pydata(places.tolist(), [], [])
    gums = blender.data.objects.new("Gums", mesh)
    blender.context.scene.collection.objects.link(gums)
    gums.shape_key_add(name="Basis")
    for name in SHAPES:
        if not name.startswith("mouthSmile"):
            moved = places - [0.0, 0.0, 0.02 if name == "jawOpen" else 0.00002]
            gums.shape_key_add(name=name).data.foreach_set("co", moved.astype("f").ravel())
    blender.context.view_layer.update()
    assert set(load("rigs.face_objects").family(head)) == {head, gums}
