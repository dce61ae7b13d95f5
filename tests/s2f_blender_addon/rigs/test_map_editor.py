"""The map in the user's hands."""

import json

import pytest


@pytest.fixture
def target(blender, face):
    """A face in small letters, chosen as the character."""
    target = face(["jawopen", "mouthsmile_l", "mouthsmile_r", "Hat_L", "Hat_R"])
    blender.context.scene.s2f.target = target
    blender.context.view_layer.objects.active = target
    return target


def lines(target):
    return {(entry.key, entry.source) for entry in target.s2f_map.entries}


def test_the_list_shows_what_names_say(blender, target):
    blender.ops.s2f.map_show()
    assert lines(target) == {
        ("jawopen", "jawOpen"),
        ("mouthsmile_l", "mouthSmileLeft"),
        ("mouthsmile_r", "mouthSmileRight"),
    }
    assert not target.s2f_map.edited


def test_a_line_whose_key_is_gone_says_so_until_the_list_is_made_anew(load, blender, target):
    blender.ops.s2f.map_show()
    line = next(entry for entry in target.s2f_map.entries if entry.key == "jawopen")
    icon = load("panels.keymap")._icon
    assert icon(line) == "CHECKMARK"
    target.data.shape_keys.key_blocks["jawopen"].name = "jaw_open_2"
    assert icon(line) == "ERROR"
    target.data.shape_keys.key_blocks["jaw_open_2"].name = "JawOpen"
    blender.ops.s2f.map_show()
    assert ("JawOpen", "jawOpen") in lines(target)
    assert {icon(entry) for entry in target.s2f_map.entries} == {"CHECKMARK"}


def test_a_changed_line_decides(load, blender, target):
    blender.ops.s2f.map_show()
    entry = next(e for e in target.s2f_map.entries if e.key == "jawopen")
    entry.weight = 0.5
    assert target.s2f_map.edited
    (mesh,) = load("rigs").find_character(target).meshes
    assert next(e for e in mesh.map.active if e.key == "jawopen").weight == 0.5


def test_a_line_is_added_for_a_free_key_and_removed(load, blender, target):
    blender.ops.s2f.map_show()
    blender.ops.s2f.map_add()
    saved = target.s2f_map
    assert saved.entries[saved.index].key == "Hat_L"
    saved.entries[saved.index].source = "browInnerUp"
    saved.entries[saved.index].on = True
    assert "browInnerUp" in load("rigs").find_character(target).channels
    blender.ops.s2f.map_remove()
    assert "browInnerUp" not in load("rigs").find_character(target).channels


def test_mirror_repeats_a_line_on_the_other_side(load, blender, target):
    load("rigs.stored").store_map(
        target, load("rigs").KeyMap((load("rigs").Entry("Hat_L", "browOuterUpLeft", 0.7),)), edited=True
    )
    blender.ops.s2f.map_mirror()
    assert ("Hat_R", "browOuterUpRight") in lines(target)
    assert target.s2f_map.entries[1].weight == pytest.approx(0.7)


def test_match_by_name_forgets_the_changes(blender, target):
    blender.ops.s2f.map_show()
    target.s2f_map.entries[0].on = False
    blender.ops.s2f.map_match()
    assert not target.s2f_map.edited
    assert all(entry.on for entry in target.s2f_map.entries)


def test_a_preset_goes_to_another_mesh(load, blender, target, face, tmp_path):
    blender.ops.s2f.map_show()
    target.s2f_map.entries[0].weight = 0.25
    path = str(tmp_path / "Größe.json")
    blender.ops.s2f.map_save(filepath=path)
    other = face(["jawopen"], "Other")
    blender.context.scene.s2f.target = other
    blender.context.view_layer.objects.active = other
    blender.ops.s2f.map_load(filepath=path)
    assert [(e.key, e.weight) for e in other.s2f_map.entries] == [("jawopen", 0.25)]


HEAD = '{"format": "s2f.map", "version": 1'


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("no json", "is no JSON"),
        ("{}", "is no Speech2Face map"),
        ('{"format": "s2f.map", "version": 9}', "newer Speech2Face"),
        (HEAD + "}", "has no list"),
        (HEAD + ', "entries": [{"key": "a", "source": "nose"}]}', "which is no channel"),
        (HEAD + ', "entries": [{"key": "x", "source": "jawOpen"}]}', "No key of"),
        (
            HEAD + ', "entries": [{"key": "a", "source": "jawOpen", "weight": NaN}]}',
            "weight",
        ),
    ],
)
def test_bad_presets_get_their_sentence(blender, target, tmp_path, content, sentence):
    path = tmp_path / "preset.json"
    path.write_text(content)
    with pytest.raises(RuntimeError, match=sentence):
        blender.ops.s2f.map_load(filepath=str(path))


def test_the_map_is_kept_in_the_file(load, blender, target, tmp_path):
    blender.ops.s2f.map_show()
    target.s2f_map.entries[0].weight = 0.3
    path = str(tmp_path / "Szene.blend")
    blender.ops.wm.save_as_mainfile(filepath=path)
    blender.ops.wm.open_mainfile(filepath=path)
    again = blender.context.scene.s2f.target
    assert again.s2f_map.edited
    assert again.s2f_map.entries[0].weight == pytest.approx(0.3)


def test_a_bake_lists_the_map_for_the_editor(load, blender, target, tmp_path):
    import numpy as np

    path = tmp_path / "take.s2f"
    load("core.formats").write(path, load("core.track").FaceTrack.captured(np.ones((9, 52), np.float32), 24.0))
    blender.ops.s2f.import_track(filepath=str(path))
    assert len(target.s2f_map.entries) == 3
    assert not target.s2f_map.edited


def test_wiggle_moves_the_key_and_brings_it_back(load, blender, target):
    blender.ops.s2f.wiggle(source="jawOpen")
    wiggle = load("wiggle")
    block = target.data.shape_keys.key_blocks["jawopen"]
    wiggle.step(wiggle.SECONDS / 2)
    assert block.value == pytest.approx(1.0)
    assert wiggle.step(wiggle.SECONDS)
    assert block.value == 0


def test_maps_travel_as_json(load, addon):
    KeyMap, Entry = load("rigs").KeyMap, load("rigs").Entry
    keymap = KeyMap((Entry("ü", "jawOpen", 0.5, 0.7, "why", "own", False), Entry("A", "visemes:vowels/A")))
    assert KeyMap.from_json(json.loads(json.dumps(keymap.to_json())), "x.json") == keymap
