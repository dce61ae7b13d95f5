"""VRM files say themselves which keys make a vowel or a blink: imported by us, and by the VRM add-on."""

import json
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from model_server.in_blender import gltf_file
from model_server.in_blender.rig import _import_gltf
from s2f_blender_addon.core import glb

from .heads import KISS, MID, OPEN, ROUND, SPREAD, head_with

VOWELS = {"aa": OPEN, "ih": SPREAD, "ou": KISS, "ee": MID, "oh": ROUND}
BLINKS = {"blinkLeft": {"eyeBlinkLeft": 1.0}, "blinkRight": {"eyeBlinkRight": 1.0}}
NAMES_0 = {"aa": "a", "ih": "i", "ou": "u", "ee": "e", "oh": "o", "blinkLeft": "blink_l", "blinkRight": "blink_r"}


@pytest.fixture
def vrm(blender, tmp_path):
    """``vrm(shapes, table, version)``: the path of a head whose keys are named m00 …, with its table of expressions."""

    def make(shapes, table, version, on_primitives=False):
        head = head_with(blender, {f"m{i:02d}": pose for i, pose in enumerate(shapes)})
        path = tmp_path / "head.glb"
        blender.ops.export_scene.gltf(filepath=str(path), export_format="GLB", export_morph_normal=False)
        blender.data.objects.remove(head)
        document = gltf_file.read(str(path))
        number = next(i for i, node in enumerate(document["nodes"]) if "mesh" in node)
        mesh = document["nodes"][number]["mesh"]
        if version == 1:
            listed = {
                name: {"morphTargetBinds": [{"node": number, "index": i, "weight": w} for i, w in binds]}
                for name, binds in table.items()
            }
            document["extensions"] = {"VRMC_vrm": {"specVersion": "1.0", "expressions": {"preset": listed}}}
        else:
            listed = [
                {
                    "name": name.upper(), "presetName": NAMES_0.get(name, "unknown"),
                    "binds": [{"mesh": mesh, "index": i, "weight": w * 100} for i, w in binds],
                }
                for name, binds in table.items()
            ]  # fmt: skip
            document["extensions"] = {"VRM": {"blendShapeMaster": {"blendShapeGroups": listed}}}
        if on_primitives:
            names = document["meshes"][mesh].pop("extras", {}).get("targetNames", [])
            for primitive in document["meshes"][mesh]["primitives"]:
                primitive["extras"] = {"targetNames": [f"old_{name}" for name in names]}
        path.write_bytes(glb.joined(document, glb.split(path.read_bytes())[1]))
        return path

    return make


@pytest.mark.parametrize("version", [0, 1])
def test_a_head_speaks_by_the_table_of_its_file(load, blender, vrm, version):
    table = {name: [(i, 1.0)] for i, name in enumerate((*VOWELS, *BLINKS))}
    _import_gltf(str(vrm([*VOWELS.values(), *BLINKS.values()], table, version)))
    (head,) = (o for o in blender.data.objects if o.type == "MESH")
    character = load("rigs").find_character(head)
    found = {e.key: e.source for e in character.meshes[0].map.active}
    assert [found[f"m{i:02d}"] for i in range(5)] == [f"visemes:vowels/{v}" for v in "AIUEO"]
    assert (found["m05"], found["m06"]) == ("eyeBlinkLeft", "eyeBlinkRight")
    assert character.notes == ()
    assert gltf_file.NODE not in head


@pytest.mark.parametrize("version", [0, 1])
def test_several_binds_with_weights_make_one_expression(load, blender, vrm, version):
    half = {name: value * 2 for name, value in OPEN.items()}  # sculpted twice as far, used by half
    shapes = [half, {"mouthPucker": 1.0}, {"mouthSmileLeft": 0.6}, {"mouthSmileRight": 0.6}, MID, {"jawOpen": 0.2}]
    table = {
        "aa": [(0, 0.5)], "ou": [(1, 0.9), (5, 0.6)], "ih": [(2, 0.8), (3, 0.8), (5, 1.0)], "ee": [(4, 1.0)],
        "oh": [(0, 0.3), (1, 0.5)],
    }  # fmt: skip
    _import_gltf(str(vrm(shapes, table, version)))
    (head,) = (o for o in blender.data.objects if o.type == "MESH")
    weights = {(e.key, e.source[-1]): e.weight for e in load("rigs").find_character(head).meshes[0].map.active}
    wanted = {(f"m{i:02d}", v): w for v, name in zip("AUIEO", table, strict=True) for i, w in table[name]}
    assert weights == pytest.approx(wanted)


def test_names_on_primitives_are_the_names_of_the_keys(load, blender, vrm):
    table = {name: [(i, 1.0)] for i, name in enumerate(VOWELS)}
    _import_gltf(str(vrm(list(VOWELS.values()), table, 0, on_primitives=True)))
    (head,) = (o for o in blender.data.objects if o.type == "MESH")
    assert head.data.shape_keys.key_blocks[1].name == "old_m00"
    assert "5 mouth shapes" in load("rigs").find_character(head).coverage


@pytest.mark.parametrize("damage", [{"VRM": 3}, {"VRMC_vrm": {"expressions": []}}, {"VRM": {"blendShapeMaster": None}}])
def test_a_damaged_table_is_no_table(damage):
    assert gltf_file.expressions({"extensions": damage, "nodes": []}) == {}


TABLE = {"aa": 0, "ih": 1, "ou": 2, "ee": 3, "oh": 4}


def document_of(version, full, **changes):
    """A file with one mesh at node 1; ``changes``: fields of the bind of "oh"."""
    binds = {name: {"node": 1, "mesh": 0, "index": i, "weight": full} for name, i in TABLE.items()}
    binds["oh"].update(changes)
    nodes = [{"name": "root"}, {"name": "head", "mesh": 0}]
    if version == 1:
        listed = {name: {"isBinary": True, "overrideMouth": "block", "morphTargetBinds": [bind]}
                  for name, bind in binds.items()}  # fmt: skip
        return {"extensions": {"VRMC_vrm": {"expressions": {"preset": listed}}}, "nodes": nodes}
    groups = [{"name": name, "presetName": NAMES_0[name], "binds": [bind]} for name, bind in binds.items()]
    return {"extensions": {"VRM": {"blendShapeMaster": {"blendShapeGroups": groups}}}, "nodes": nodes}


def head_of(count):
    blocks = [SimpleNamespace(name=name) for name in ("Basis", *(f"m{i:02d}" for i in range(count)))]
    return {1: SimpleNamespace(name="Head", data=SimpleNamespace(shape_keys=SimpleNamespace(key_blocks=blocks)))}


@pytest.mark.parametrize(
    ("version", "weight", "told"), [(1, 1.0, ""), (1, 100, "of 100"), (0, 100, ""), (0, 1, "of 1,")]
)
def test_weights_of_the_other_version_are_taken_for_what_they_are_and_said(version, weight, told):
    document, heads = document_of(version, weight), head_of(5)
    assert {w for listed in gltf_file.expressions(document).values() for _, _, w in listed} == {1.0}
    notes = gltf_file.doubts(document, heads)
    assert (told in notes[0]) if told else notes == ()


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize(
    ("change", "said"),
    [({"index": 9}, "keys that no mesh has"), ({"index": None}, "Damaged"), ({"weight": "much"}, "Damaged"),
     ({"index": -3}, "keys that no mesh has"), ({"mesh": 7, "node": 7}, "keys that no mesh has")],
)  # fmt: skip
def test_of_a_table_that_is_damaged_in_part_the_rest_is_used_and_the_part_is_named(version, change, said):
    document, heads = document_of(version, 1.0 if version else 100, **change), head_of(5)
    found = gltf_file.binds(gltf_file.expressions(document), heads)
    assert len(found) == 4
    (note,) = gltf_file.doubts(document, heads)
    assert said in note
    assert note.endswith("oh.") or note.endswith("o.")


def test_an_empty_table_of_the_new_version_leaves_the_old_one():
    document = document_of(0, 100)
    document["extensions"]["VRMC_vrm"] = {"specVersion": "1.0", "expressions": {}}
    assert len(gltf_file.expressions(document)) == 5


def test_what_was_assumed_of_the_file_is_a_note_of_its_character(load, blender, vrm):
    path = vrm([*VOWELS.values()], {name: [(i, 100.0)] for i, name in enumerate(VOWELS)}, 1)
    (said,) = _import_gltf(str(path))
    (head,) = (o for o in blender.data.objects if o.type == "MESH")
    character = load("rigs").find_character(head)
    assert "parts of 100, not of 1" in said
    assert {entry.weight for entry in character.meshes[0].map.active} == {1.0}
    assert replace(character, assumed=(said,)).notes[0] == said


def test_what_a_file_needs_and_blender_lacks_is_named():
    needs = ["EXT_meshopt_compression", "KHR_materials_unlit", "KHR_mesh_quantization"]
    assert gltf_file.unreadable({"extensionsRequired": needs}) == ["EXT_meshopt_compression"]
    assert gltf_file.unreadable(json.loads("{}")) == []
    packed = {"bufferViews": [{"buffer": 0}, {"extensions": {"EXT_meshopt_compression": {}}}] * 2}
    assert gltf_file.unreadable(packed) == ["EXT_meshopt_compression"], "whatever the file says that it requires"
    packed = {"buffer": 1, "extensions": {"EXT_meshopt_compression": {"buffer": 0}}}
    files = [{"uri": "head.bin"}, {"uri": "head.fallback.bin"}]
    assert gltf_file.unreadable({"buffers": files, "bufferViews": [packed]}) == [], "the data stand there unpacked, too"
    assert gltf_file.unreadable({"buffers": [{"uri": "head.bin"}, {}], "bufferViews": [packed]}) == [
        "EXT_meshopt_compression"
    ]


def test_numbers_without_end_in_a_table_are_damage():
    binds = [{"node": math.inf, "index": 0}, {"node": 0, "index": math.inf}, {"node": 0, "index": 0, "weight": 10**400}]
    table = {"extensions": {"VRMC_vrm": {"expressions": {"preset": {"aa": {"morphTargetBinds": binds}}}}}}
    assert gltf_file.expressions(table) == {"aa": []}


def test_the_table_that_the_vrm_add_on_keeps_is_used(load, addon):
    """As property groups, which its add-on registers, and as the plain data that is left without it."""
    expressions = load("rigs.expressions")
    bind = SimpleNamespace(node=SimpleNamespace(mesh_object_name="Face"), index="m03", weight=0.7)
    preset = SimpleNamespace(aa=SimpleNamespace(morph_target_binds=[bind]))
    custom = [SimpleNamespace(custom_name="jawOpen", morph_target_binds=[bind])]
    vrm1 = SimpleNamespace(expressions=SimpleNamespace(preset=preset, custom=custom))
    armature = SimpleNamespace(data=SimpleNamespace(vrm_addon_extension=SimpleNamespace(vrm1=vrm1)))
    made = expressions.Bind("Face", "m03", 0.7)
    assert expressions.table_of(armature) == {"aa": [made], "jawOpen": [made]}
    group = {
        "preset_name": "blink_l",
        "binds": [{"mesh": {"mesh_object_name": "Face"}, "index": "m03", "weight": 0.7}],
    }  # fmt: skip
    plain = {"vrm_addon_extension": {"vrm0": {"blend_shape_master": {"blend_shape_groups": [group]}}}}
    assert expressions.table_of(SimpleNamespace(data=plain)) == {"blink_l": [made]}
    entry = expressions.maps_of({"blink_l": [made]})["Face"].active[0]
    assert (entry.key, entry.source, round(entry.weight, 3)) == ("m03", "eyeBlinkLeft", 0.7)
    assert np.isfinite(entry.score)
