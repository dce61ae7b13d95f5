"""A mouth whose keys are larger or smaller than the demo head's opens as far, and its lips meet."""

import numpy as np
import pytest

from .heads import head_with
from .test_families import ARKIT

pytestmark = pytest.mark.one_blender

MOUTHS = {
    "opens too far": (1.5, 1.5), "opens too little": (0.75, 0.75), "closes too much": (1.0, 1.4),
    "closes too little": (1.0, 0.75),
}  # fmt: skip


@pytest.mark.parametrize("mouth", MOUTHS)
def test_lips_part_and_meet_as_on_the_demo_head(blender, speak, mouth):
    jaw, close = MOUTHS[mouth]
    shapes = {name: {name: {"jawOpen": jaw, "mouthClose": close}.get(name, 1.0)} for name in ARKIT}
    spoken = speak(head_with(blender, shapes))
    assert spoken.size == pytest.approx(1.0, abs=0.1)
    assert spoken.likeness >= 0.97
    assert spoken.stands_open == 0
    sized = {e.source: e.reason for e in spoken.character.meshes[0].map.active if "size of this mouth" in e.reason}
    assert sized.keys() == ({"jawOpen", "mouthClose"} if jaw != 1.0 else {"mouthClose"}), "and the key map says so"


def test_the_demo_head_is_left_as_it_is(load, blender):
    character = load("rigs").find_character(head_with(blender, {name: {name: 1.0} for name in ARKIT}))
    assert all(entry.weight == 1.0 for entry in character.meshes[0].map.active)


def test_a_jaw_bone_does_what_the_key_leaves(load, blender, speak):
    """The key opens 15 %, the bone the rest, whatever it is called: together they open as far as the demo head."""
    from .heads import FACE, KEYS
    from .test_character import armature

    for name in ("CC_Base_JawRoot", "Unterkiefer", "bone_017"):
        blender.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        shapes = {key: {key: 0.15 if key == "jawOpen" else 1.0} for key in ARKIT}
        head = head_with(blender, shapes)
        rig = armature(blender, ("head", name))
        blender.context.view_layer.objects.active = rig
        blender.ops.object.mode_set(mode="EDIT")
        for bone, at in (("head", (0, 0, -0.1)), (name, (0, 0.02, -0.02))):
            rig.data.edit_bones[bone].head, rig.data.edit_bones[bone].tail = at, (at[0], at[1], at[2] + 0.05)
        rig.data.edit_bones[name].parent = rig.data.edit_bones["head"]
        blender.ops.object.mode_set(mode="OBJECT")
        share = np.clip(np.linalg.norm(KEYS["jawOpen"], axis=1) / 25, 0, 1)
        for bone, weights in (("head", 1 - share), (name, share)):
            group = head.vertex_groups.new(name=bone)
            for i in range(len(FACE.vertices)):
                group.add([i], float(weights[i]), "REPLACE")
        head.modifiers.new("Armature", "ARMATURE").object = rig
        spoken = speak(head)
        assert spoken.character.bones.names["jaw"] == name
        assert spoken.size == pytest.approx(1.0, abs=0.2)
        assert spoken.likeness >= 0.97
        assert spoken.stands_open == 0


def test_a_lower_lip_is_told_by_how_far_it_drops_however_few_points_lie_on_it(load, blender):
    """A template that lies a little too high meets the lower lip in two points: those are too few to be measured."""
    sizes, demo = load("rigs.sizes"), load("rigs.surface").template()
    jaw = demo.fields[load("core.channels").INDEX["jawOpen"]].copy()
    _, lower = sizes._lips(jaw)
    jaw[lower[2:], 2] = -0.4
    assert len(sizes._lips(jaw)[1]) == 2
