"""Exports of a character are read back: each line by its name, from frame 0 on, with the values that Blender plays."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import numpy as np
import pytest

from .conftest import empty_file

KEYS = ("jawOpen", "mouthClose", "eyeBlinkLeft", "eyeBlinkRight", "mouthSmileLeft", "mouthSmileRight")
FIRST, LAST, SECOND = 101, 125, 140


@pytest.fixture
def speaker(face: Callable[..., Any], load: Callable[[str], ModuleType]) -> Any:
    """A face and teeth on an armature that nods; the jaw opens in a first line and blinks come in a second."""
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = 24, 1.001
    armature = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))
    scene.collection.objects.link(armature)
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    bone = armature.data.edit_bones.new("head")
    bone.head, bone.tail = (0, 0, 0), (0, 0, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    skin = face(KEYS, "Zoë", armature)
    face(("jawOpen",), "Teeth", armature)
    nod = armature.pose.bones["head"]
    nod.rotation_mode = "XYZ"
    for frame, angle in ((FIRST, 0.0), (LAST, 0.5)):
        nod.rotation_euler.x = angle
        nod.keyframe_insert("rotation_euler", frame=frame)
    for name, start, curve in (("jawOpen", FIRST, np.hanning(25)), ("eyeBlinkLeft", SECOND, np.hanning(13) * 0.5)):
        for candidate in bpy.data.objects:
            block = candidate.data.shape_keys.key_blocks.get(name) if candidate.type == "MESH" else None
            for step, value in enumerate(curve if block else ()):
                block.value = value
                block.keyframe_insert("value", frame=start + step)
    return skin


@pytest.fixture
def export(speaker: Any, load: Callable[[str], ModuleType], tmp_path: Path) -> Callable[..., list[Path]]:
    """Export both lines, or as many as are told."""

    def run(suffix: str, lines: int = 2) -> list[Path]:
        clips = [load("export").ExportClip("Grüße", FIRST, LAST), load("export").ExportClip("two", SECOND, SECOND + 12)]
        character = load("rigs").find_character(speaker)
        paths, notes = load("export").write(tmp_path / f"hero{suffix}", character, bpy.context.scene, clips[:lines])
        run.notes = notes  # type: ignore[attr-defined]
        assert {path.name for path in tmp_path.iterdir()} == {path.name for path in paths}
        return list(paths)

    return run


JAW = np.interp(np.arange(25) * 23.976023976 / 24, np.arange(25), np.hanning(25))
"""The jaw at 24 whole frames a second, as Blender plays it at 23.976."""


def gltf(path: Path) -> tuple[dict[str, Any], Callable[[int], np.ndarray]]:
    """The JSON, and what reads an accessor of floats."""
    data = path.read_bytes()
    (length,) = struct.unpack_from("<I", data, 12)
    document = json.loads(data[20 : 20 + length])
    binary = data[28 + length :]

    def accessor(number: int) -> np.ndarray:
        found = document["accessors"][number]
        view = document["bufferViews"][found["bufferView"]]
        width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}[found["type"]]
        begin = view.get("byteOffset", 0) + found.get("byteOffset", 0)
        return np.frombuffer(binary, "<f4", found["count"] * width, begin).reshape(found["count"], width)

    return document, accessor


def weights(path: Path, clip: str, node: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """(times, name of the key -> values) of a glTF animation."""
    document, accessor = gltf(path)
    animation = next(a for a in document["animations"] if a["name"] == clip)
    number = next(i for i, n in enumerate(document["nodes"]) if n["name"] == node)
    channel = next(c for c in animation["channels"] if c["target"] == {"node": number, "path": "weights"})
    sampler = animation["samplers"][channel["sampler"]]
    names = document["meshes"][document["nodes"][number]["mesh"]]["extras"]["targetNames"]
    times = accessor(sampler["input"])[:, 0]
    return times, dict(zip(names, accessor(sampler["output"]).reshape(len(times), len(names)).T, strict=True))


def test_gltf_has_a_clip_a_line_with_names_times_and_values(export: Callable[..., list[Path]]) -> None:
    (path,) = export(".glb")
    document, accessor = gltf(path)
    assert [animation["name"] for animation in document["animations"]] == ["Grüße", "two"]
    for node in ("Zoë", "Teeth"):
        times, values = weights(path, "Grüße", node)
        np.testing.assert_allclose(times, np.arange(26) / 24, atol=1e-6)
        np.testing.assert_allclose(values["jawOpen"][:25], JAW, atol=2e-3)
    times, values = weights(path, "two", "Zoë")
    assert times[0] == 0 and times[-1] == pytest.approx(0.5, abs=0.05)
    assert values["eyeBlinkLeft"].max() == pytest.approx(0.5, abs=0.01)
    assert np.abs(values["jawOpen"]).max() < 1e-6
    nod = next(c for c in document["animations"][0]["channels"] if c["target"]["path"] == "rotation")
    assert document["nodes"][nod["target"]["node"]]["name"] == "head"
    turned = accessor(document["animations"][0]["samplers"][nod["sampler"]]["output"])
    assert 2 * np.arccos(abs(turned[0] @ turned[-1])) == pytest.approx(0.5, abs=0.01)


def test_a_skinned_mesh_hangs_on_its_armature_wherever_it_hung_before(
    speaker: Any, load: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    armature, teeth = speaker.parent, bpy.data.objects["Teeth"]
    armature.location = (1.0, 2.0, 3.0)
    teeth.parent, teeth.location = speaker, (0.0, 0.5, 0.0)
    for mesh in (speaker, teeth):
        mesh.modifiers.new("Armature", "ARMATURE").object = armature
        mesh.vertex_groups.new(name="head").add(range(len(mesh.data.vertices)), 1.0, "REPLACE")
    clip = load("export").ExportClip("one", FIRST, LAST)
    path = tmp_path / "hero.glb"
    load("export").write(path, load("rigs").find_character(speaker), bpy.context.scene, [clip])
    document, _ = gltf(path)
    nodes = {node["name"]: node for node in document["nodes"]}
    below = {document["nodes"][i]["name"] for i in nodes["Rig"]["children"]}
    assert {"Zoë", "Teeth"} <= below and "skin" in nodes["Teeth"]
    empty_file()
    bpy.ops.import_scene.gltf(filepath=str(path))
    rest = next(o for o in bpy.data.objects if o.type == "MESH" and o.name.startswith("Teeth"))
    corner = rest.matrix_world @ rest.data.vertices[1].co
    assert tuple(corner) == pytest.approx((1.01, 2.5, 3.0), abs=1e-4)


def test_fbx_is_a_file_a_line_with_the_lines_name(export: Callable[..., list[Path]]) -> None:
    first, second = export(".fbx")
    assert (first.name, second.name) == ("hero_Grüße.fbx", "hero_two.fbx")
    assert b"two" in second.read_bytes() and b"two" not in first.read_bytes()
    assert "Grüße".encode() in first.read_bytes()
    empty_file()
    bpy.context.scene.render.fps = 24
    bpy.ops.import_scene.fbx(filepath=str(first), anim_offset=0)
    played("Zoë", 0, JAW)


def test_usd_holds_the_keys_by_name(export: Callable[..., list[Path]]) -> None:
    for suffix in (".usda", ".usdc"):
        (path,) = export(suffix, 1)
        if suffix == ".usda":
            text = path.read_text("utf-8")
            assert "timeCodesPerSecond = 24" in text and "startTimeCode = 0" in text and '"jawOpen"' in text
            path.unlink()
    empty_file()
    bpy.ops.wm.usd_import(filepath=str(path))
    played(None, 0, JAW)


def played(name: str | None, first: int, jaw: np.ndarray) -> None:
    """What was imported opens its jaw as it should, from frame ``first`` on."""
    meshes = [o for o in bpy.data.objects if o.type == "MESH" and o.data.shape_keys]
    skin = next(o for o in meshes if (o.name == name if name else "mouthClose" in o.data.shape_keys.key_blocks))
    block = skin.data.shape_keys.key_blocks["jawOpen"]
    found = []
    for frame in range(len(jaw)):
        bpy.context.scene.frame_set(first + frame)
        found.append(block.value)
    np.testing.assert_allclose(found, jaw, atol=5e-3)


def test_a_vertex_sequence_is_the_face_as_it_deforms(export: Callable[..., list[Path]], speaker: Any) -> None:
    (path,) = export(".npy", 1)
    points = np.load(path, allow_pickle=False)
    assert points.shape == (26, len(KEYS), 3) and points.dtype == np.float32
    height = np.linalg.norm(points[:25, 0] - points[0, 0], axis=1)
    assert height.argmax() == pytest.approx(12, abs=1)
    np.testing.assert_allclose(height, 0.1 * JAW, atol=1e-3)
    assert any("24 frames a second" in note for note in export.notes)  # type: ignore[attr-defined]


def test_alembic_moves_as_the_face_does(export: Callable[..., list[Path]]) -> None:
    (path,) = export(".abc", 1)
    empty_file()
    bpy.context.scene.render.fps = 24
    bpy.ops.wm.alembic_import(filepath=str(path), as_background_job=False)
    skin = next(o for o in bpy.data.objects if o.type == "MESH" and "Zo" in o.name)
    rest, wide = [], []
    for frame, into in ((0, rest), (12, wide)):
        bpy.context.scene.frame_set(frame)
        into += [v.co.copy() for v in skin.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.vertices]
    assert (wide[0] - rest[0]).length == pytest.approx(0.1, abs=2e-3)


def test_vrm_binds_presets_and_all_channels_and_says_what_is_lost(
    export: Callable[..., list[Path]], load: Callable[[str], ModuleType]
) -> None:
    (path,) = export(".vrm")
    document, _ = gltf(path)
    vrm = document["extensions"]["VRMC_vrm"]
    names = {i: n["name"] for i, n in enumerate(document["nodes"])}
    assert vrm["specVersion"] == "1.0" and "VRMC_vrm" in document["extensionsUsed"]
    assert set(vrm["expressions"]["preset"]) >= {"aa", "ih", "ou", "ee", "oh", "happy", "blink", "lookUp"}
    jaw = vrm["expressions"]["custom"]["jawOpen"]["morphTargetBinds"]
    assert {(names[b["node"]], b["index"], b["weight"]) for b in jaw} == {("Zoë", 0, 1.0), ("Teeth", 0, 1.0)}
    assert set(vrm["expressions"]["custom"]) == set(KEYS)
    assert "head" in vrm["humanoid"]["humanBones"]
    assert any("licence" in note for note in export.notes)  # type: ignore[attr-defined]
    assert [animation["name"] for animation in document["animations"]] == ["Grüße", "two"]


def test_the_button_exports_the_lines_of_the_character(
    speaker: Any, load: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    assert not bpy.ops.s2f.export.poll()
    talk = np.zeros((25, 52), np.float32)
    talk[:, load("core.channels").INDEX["jawOpen"]] = np.hanning(25)
    load("core.formats").write(tmp_path / "take 7.s2f", load("core.track").FaceTrack(talk, talk * 0, 24.0))
    bpy.context.scene.s2f.target = speaker
    assert bpy.ops.s2f.import_track(filepath=str(tmp_path / "take 7.s2f")) == {"FINISHED"}
    assert bpy.ops.s2f.export(filepath=str(tmp_path / "hero.glb")) == {"FINISHED"}
    times, values = weights(tmp_path / "hero.glb", "take 7", "Zoë")
    assert times[0] == 0 and times[-1] == pytest.approx(1.0, abs=0.05)
    assert values["jawOpen"].max() == pytest.approx(1.0, abs=0.02)
    with pytest.raises(RuntimeError, match=r"ends in .glb"):
        bpy.ops.s2f.export(filepath=str(tmp_path / "hero.obj"))


def test_however_many_meshes_there_are_the_shot_is_played_once_and_once_more_for_the_bones(
    speaker: Any, face: Callable[..., Any], export: Callable[..., list[Path]]
) -> None:
    for name in ("Lashes", "Tongue", "Brows"):
        face(("jawOpen",), name, speaker.parent)
    played: list[int] = []

    def count(scene: Any, _: Any) -> None:
        played.append(scene.frame_current)

    bpy.app.handlers.frame_change_post.append(count)
    (path,) = export(".glb", 1)
    bpy.app.handlers.frame_change_post.remove(count)
    times, values = weights(path, "Grüße", "Zoë")
    assert len(played) <= 2 * len(times) + 10
    document, _ = gltf(path)
    mesh = next(m for m in document["meshes"] if len(m["extras"]["targetNames"]) > 1)
    assert mesh["weights"] == pytest.approx([values[name][0] for name in mesh["extras"]["targetNames"]])


def test_nothing_of_the_users_is_touched(speaker: Any, export: Callable[..., list[Path]]) -> None:
    kinds = ("scenes", "objects", "meshes", "armatures", "actions", "shape_keys", "collections")
    scene = bpy.context.scene
    scene.frame_set(107)
    before = {kind: [block.name for block in getattr(bpy.data, kind)] for kind in kinds}
    action = speaker.data.shape_keys.animation_data.action
    export(".glb")
    assert {kind: [block.name for block in getattr(bpy.data, kind)] for kind in kinds} == before
    assert bpy.context.window.scene == scene and scene.frame_current == 107
    assert speaker.data.shape_keys.animation_data.action == action


def test_an_export_that_fails_leaves_all_as_it_was(
    speaker: Any, export: Callable[..., list[Path]], load: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    objects = [o.name for o in bpy.data.objects]
    errors = load("core.errors")
    with pytest.raises(errors.UserError, match="ends in"):
        load("export").write(tmp_path / "a.obj", load("rigs").find_character(speaker), bpy.context.scene, [])
    with pytest.raises(errors.UserError, match="no line"):
        load("export").write(tmp_path / "a.glb", load("rigs").find_character(speaker), bpy.context.scene, [])
    (tmp_path / "a.glb").mkdir()
    with pytest.raises(errors.UserError, match="a.glb is a folder"):
        load("export").write(
            tmp_path / "a.glb", load("rigs").find_character(speaker), bpy.context.scene,
            [load("export").ExportClip("one", FIRST, LAST)],
        )  # fmt: skip
    assert [o.name for o in bpy.data.objects] == objects


class TestPointsIn:
    """A vertex sequence of the mesh becomes its keys again."""

    def test_what_went_out_comes_in_again(
        self, speaker: Any, export: Callable[..., list[Path]], load: Callable[[str], ModuleType]
    ) -> None:
        face = load("rigs").find_character(speaker).meshes[0]
        for suffix, rate in ((".npy", 24.0), (".abc", None)):
            (path,) = export(suffix, 1)
            assert load("core.points").holds_points(path)
            track = load("rigs.points").read(path, face, rate)
            jaw = track.talk[:, load("core.channels").INDEX["jawOpen"]]
            at = np.arange(len(jaw)) / track.fps * 24
            assert track.fps == pytest.approx(24, rel=2e-3)
            np.testing.assert_allclose(jaw, np.interp(at, np.arange(25), JAW), atol=0.02)
            others = np.delete(track.talk, load("core.channels").INDEX["jawOpen"], axis=1)
            assert np.abs(others).max() < 0.02
            path.unlink()

    def test_a_head_that_turns_and_another_unit_change_nothing(
        self, blender: ModuleType, load: Callable[[str], ModuleType], tmp_path: Path
    ) -> None:
        empty_file()
        head = load("demo_head").build()
        face = load("rigs").find_character(head).meshes[0]
        index = load("core.channels").INDEX
        wanted = np.zeros((8, 52), np.float32)
        wanted[:, index["jawOpen"]], wanted[:, index["mouthSmileLeft"]] = np.linspace(0, 0.8, 8), 0.5
        wanted[:, index["browInnerUp"]] = np.linspace(1, 0, 8)
        keys, values = face.map.values(wanted)
        rest = np.empty(len(face.object.data.vertices) * 3, np.float32)
        face.key.reference_key.data.foreach_get("co", rest)
        moved = rest + values @ load("rigs.likeness").displacements(face.object, keys)
        angles = np.linspace(0, 0.4, 8)
        turns = np.array([[[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]] for a in angles])
        np.save(tmp_path / "a.npy", np.einsum("tvi,tji->tvj", moved.reshape(8, -1, 3), turns) * 1000 + 7)
        track = load("rigs.points").read(tmp_path / "a.npy", face)
        np.testing.assert_allclose(track.talk, wanted, atol=0.03)
        said = " ".join(track.provenance.notes)
        assert "scaled" in said and "turns" in said and "30 frames a second" in said

    def test_points_of_another_mesh_and_other_arrays_are_refused(
        self, speaker: Any, load: Callable[[str], ModuleType], tmp_path: Path
    ) -> None:
        face = load("rigs").find_character(speaker).meshes[0]
        np.save(tmp_path / "other.npy", np.zeros((4, 99, 3), np.float32))
        with pytest.raises(load("core.errors").UserError, match="99 points a frame"):
            load("rigs.points").read(tmp_path / "other.npy", face)
        np.save(tmp_path / "flat.npy", np.zeros((4, 52), np.float32))
        (tmp_path / "cut.npy").write_bytes((tmp_path / "other.npy").read_bytes()[:40])
        assert not load("core.points").holds_points(tmp_path / "flat.npy")
        assert not load("core.points").holds_points(tmp_path / "cut.npy")
        (tmp_path / "cut.abc").write_bytes(b"Ogawa")
        objects = [o.name for o in bpy.data.objects]
        with pytest.raises(load("core.errors").UserError, match="cut.abc"):
            load("rigs.points").read(tmp_path / "cut.abc", face)
        assert [o.name for o in bpy.data.objects] == objects
