"""``s2f bake`` on real rigs in a real Blender."""

import json
import os
import signal
import struct
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from model_server.sample import SAMPLE
from s2f_blender_addon.core.channels import CHANNELS

from .conftest import ROOT, S2F, Refused, complaint

SHARED_RIGS = ROOT.parent / "shared" / "rigs"

LOOK_INSIDE = """
import json, sys, bpy
bpy.ops.wm.open_mainfile(filepath=sys.argv[1])
scene = bpy.context.scene
def jaw(key):
    return next((b for b in key.key_blocks if b.name.lower() in ("jawopen", "jaw_open")), None)
keys = [key for key in bpy.data.shape_keys if jaw(key)]
heights = []
for frame in (scene.frame_start, scene.frame_end):
    scene.frame_set(frame)
    heights.append([round(jaw(key).value, 3) for key in keys])
sounds = [sound.packed_file is not None for sound in bpy.data.sounds]
rate = scene.render.fps / scene.render.fps_base
print(json.dumps({"jaw": heights, "sounds": sounds, "rate": rate, "frames": [scene.frame_start, scene.frame_end]}))
"""


def inside(blend: Path) -> dict[str, object]:
    """What a fresh Blender finds in the saved file."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK_INSIDE, str(blend)], capture_output=True, encoding="utf-8", check=True
    )
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_track_on_the_demo_head_plays_from_the_first_frame_to_the_last(
    s2f: S2F, jaw_track: Path, tmp_path: Path
) -> None:
    out = tmp_path / "neu er" / "köpfe.blend"
    done = s2f("bake", jaw_track, "--rig", "demo", "-o", out, "--fps", "23.976")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found = inside(out)
    assert found["rate"] == pytest.approx(23.976)
    assert found["frames"] == [1, 13]
    first, last = found["jaw"]  # type: ignore[misc]
    assert set(first) == {0.0}
    assert set(last) == {1.0}
    assert [path.name for path in out.parent.iterdir()] == ["köpfe.blend"]
    assert "52 of 52 channels" in done.stdout


def test_a_track_without_a_clock_takes_the_rate_that_is_given_and_says_what_it_takes_else(
    s2f: S2F, tmp_path: Path
) -> None:
    track = tmp_path / "tracker.csv"
    track.write_text("jawOpen,mouthClose\n" + "".join(f"{n / 120:.4f},0\n" for n in range(121)))
    done = s2f("bake", track, "--rig", "demo", "-o", tmp_path / "a.blend", "--fps", "24", "--json-progress")
    assert "30 frames a second were taken" in done.stdout
    assert inside(tmp_path / "a.blend")["frames"] == [1, 97]
    done = s2f("bake", track, "--rig", "demo", "-o", tmp_path / "a.blend", "--fps", "24", "--track-fps", "60")
    assert done.returncode == 0
    assert "frames a second were taken" not in done.stdout
    assert inside(tmp_path / "a.blend")["frames"] == [1, 49]


@pytest.mark.skipif(not SHARED_RIGS.is_dir(), reason="the captured rigs are not beside this checkout")
@pytest.mark.parametrize(("rig", "channels"), [("ict-facekit.glb", 51), ("makehuman.glb", 51)])
def test_a_glb_rig_bakes_on_every_mesh(s2f: S2F, jaw_track: Path, tmp_path: Path, rig: str, channels: int) -> None:
    out = tmp_path / "rig.blend"
    done = s2f("bake", jaw_track, "--rig", SHARED_RIGS / rig, "-o", out, "--json-progress")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    matched = next(line["matched"] for line in lines if line["event"] == "table")
    assert len(set().union(*matched.values()) & set(CHANNELS)) >= channels
    assert lines[-1] == {"event": "wrote", "path": str(out)}


CONVERT = """
import shutil, sys, bpy
source, stem = sys.argv[1:]
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.import_scene.gltf(filepath=source)
bpy.ops.wm.save_as_mainfile(filepath=stem + ".blend")
bpy.ops.export_scene.fbx(filepath=stem + ".fbx")
shutil.copy(source, stem + ".vrm")
"""


@pytest.mark.skipif(not SHARED_RIGS.is_dir(), reason="the captured rigs are not beside this checkout")
@pytest.mark.parametrize("rig", ["ict-facekit.glb", "makehuman.glb"])
def test_a_rig_is_the_same_in_every_form(s2f: S2F, jaw_track: Path, tmp_path: Path, rig: str) -> None:
    """Importers move keys about; every mesh keeps its own part of them, under the names that it had."""
    stem = tmp_path / "Zoë’s rig"
    convert = [sys.executable, "-c", CONVERT, str(SHARED_RIGS / rig), str(stem)]
    subprocess.run(convert, check=True, capture_output=True)
    found = {}
    for path in (SHARED_RIGS / rig, *(stem.with_suffix(suffix) for suffix in (".blend", ".fbx", ".vrm"))):
        done = s2f("bake", jaw_track, "--rig", path, "-o", tmp_path / "out.blend", "--json-progress")
        assert done.returncode == 0, done.stderr
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        found[path.suffix] = next(line["matched"] for line in lines if line["event"] == "table")
    assert len(found) == 4
    for suffix, matched in found.items():
        assert matched == found[".glb"], suffix


EXPORT = """
import sys, bpy
from s2f_blender_addon import demo_head
bpy.ops.wm.read_factory_settings(use_empty=True)
demo_head.build()
bpy.ops.export_scene.fbx(filepath=sys.argv[1] + ".fbx")
bpy.ops.export_scene.gltf(filepath=sys.argv[1] + ".gltf", export_format="GLTF_SEPARATE")
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo head as other programs get it: this path with .fbx and .gltf behind."""
    stem = tmp_path_factory.mktemp("exported") / "Kopf"
    subprocess.run([sys.executable, "-c", EXPORT, str(stem)], cwd=ROOT, check=True, capture_output=True)
    return stem


@pytest.mark.parametrize("suffix", [".fbx", ".gltf"])
def test_every_form_of_rig_bakes(s2f: S2F, jaw_track: Path, exported: Path, tmp_path: Path, suffix: str) -> None:
    done = s2f("bake", jaw_track, "--rig", exported.with_suffix(suffix), "-o", tmp_path / "a.blend")
    assert done.returncode == 0, done.stderr
    assert "52 of 52 channels" in done.stdout


EDITED_MAP = """
import sys, bpy
import s2f_blender_addon
from s2f_blender_addon.rigs import Entry, KeyMap
from s2f_blender_addon.rigs.stored import store_map
bpy.ops.wm.read_factory_settings(use_empty=True)
s2f_blender_addon.register()
face = bpy.data.objects.new("Hut", bpy.data.meshes.new("Hut"))
face.data.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
bpy.context.scene.collection.objects.link(face)
for name in ("Basis", "jawOpen", "Krempe"):
    face.shape_key_add(name=name)
store_map(face, KeyMap((Entry("Krempe", "jawOpen", 0.5),)), edited=True)
bpy.ops.wm.save_as_mainfile(filepath=sys.argv[1])
"""


def test_a_map_that_was_edited_in_the_blend_decides(s2f: S2F, jaw_track: Path, tmp_path: Path) -> None:
    rig = tmp_path / "hut.blend"
    subprocess.run([sys.executable, "-c", EDITED_MAP, str(rig)], cwd=ROOT, check=True, capture_output=True)
    done = s2f("bake", jaw_track, "--rig", rig, "-o", tmp_path / "a.blend")
    assert done.returncode == 0, done.stderr
    assert "jawOpen → Krempe" in done.stdout


def test_a_saved_blend_is_a_rig_again_and_speaks_with_sound(s2f: S2F, jaw_track: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "one.blend", tmp_path / "two.blend"
    assert s2f("bake", jaw_track, "--rig", "demo", "-o", first).returncode == 0
    sample = ROOT / "model_server" / "sample" / "hello.wav"
    done = s2f("bake", sample, "--rig", first, "-o", second)
    assert done.returncode == 0, done.stderr
    assert inside(second)["sounds"] == [True]
    assert first.exists()


def test_progress_as_json_is_one_object_a_line_and_ends_at_one(s2f: S2F, jaw_track: Path, tmp_path: Path) -> None:
    done = s2f("bake", jaw_track, "--rig", "demo", "-o", tmp_path / "a.blend", "--json-progress")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    fractions = [event["fraction"] for event in events if event["event"] == "progress"]
    assert fractions == sorted(fractions)
    assert {event["event"] for event in events} <= {"progress", "table", "note", "wrote"}


NOISE = bytes(range(256)) * 40
BAD_RIGS = {
    "random.glb": NOISE, "random.blend": NOISE, "random.fbx": NOISE,
    "empty.glb": b"", "empty.blend": b"", "empty.fbx": b"",
    "cut.glb": struct.pack("<4sII", b"glTF", 2, 1000), "cut.blend": b"BLENDER-v405", "cut.fbx": b"Kaydara FBX Binary  ",
    "text.gltf": b"{", "list.gltf": b"[]", "random.vrm": NOISE, "ascii.fbx": b"; FBX 7.4.0 project file\n",
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_RIGS)
def test_a_rig_that_blender_cannot_import_is_named_in_one_line(
    s2f: S2F, jaw_track: Path, tmp_path: Path, name: str
) -> None:
    rig, out = tmp_path / name, tmp_path / "out.blend"
    rig.write_bytes(BAD_RIGS[name])
    assert str(rig) in complaint(s2f("bake", jaw_track, "--rig", rig, "-o", out))
    assert not out.exists()


@pytest.mark.parametrize(
    ("source", "rig", "out", "named"),
    [
        ("none.csv", "demo", "a.blend", "none.csv"),
        ("none.wav", "demo", "a.blend", "none.wav"),
        ("{track}", "none.glb", "a.blend", "none.glb"),
        ("{track}", "{track}", "a.blend", ".glb"),
        ("{track}", "{folder}.blend", "a.blend", "folder"),
        ("{track}", "demo", "a.mp4", "a.mp4"),
        ("{track}", "demo", "{folder}.blend", "folder"),
    ],
)
def test_missing_and_wrong_files_are_named(
    s2f: S2F, jaw_track: Path, tmp_path: Path, source: str, rig: str, out: str, named: str
) -> None:
    folder = tmp_path / "a folder"
    Path(f"{folder}.blend").mkdir()
    source, rig, out = (text.format(track=jaw_track, folder=folder) for text in (source, rig, out))
    assert named in complaint(s2f("bake", source, "--rig", rig, "-o", out, cwd=tmp_path))
    assert not (tmp_path / "a.blend").exists()


def test_a_finished_track_takes_no_other_emotion(s2f: S2F, jaw_track: Path, tmp_path: Path) -> None:
    done = s2f("bake", jaw_track, "--rig", "demo", "-o", tmp_path / "a.blend", "--emotion", "happy=1")
    assert str(jaw_track) in complaint(done)


def test_a_file_without_shape_keys_is_explained(s2f: S2F, jaw_track: Path, tmp_path: Path) -> None:
    cube = tmp_path / "cube.blend"
    make = f"import bpy; bpy.ops.mesh.primitive_cube_add(); bpy.ops.wm.save_as_mainfile(filepath={str(cube)!r})"
    subprocess.run([sys.executable, "-c", make], check=True, capture_output=True)
    sentence = complaint(s2f("bake", jaw_track, "--rig", cube, "-o", tmp_path / "out.blend"))
    assert str(cube) in sentence
    assert "shape keys" in sentence


def test_without_bpy_the_sentence_says_how_to_get_it(s2f: S2F, jaw_track: Path, tmp_path: Path) -> None:
    hidden = tmp_path / "hide"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        "import importlib.util as u\n"
        "find = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name == 'bpy' else find(name, *more)\n"
    )
    done = s2f("bake", jaw_track, "--rig", "demo", "-o", tmp_path / "a.blend",
               PYTHONPATH=os.pathsep.join((str(hidden), str(ROOT))))  # fmt: skip
    assert "pip install bpy" in complaint(done)


MOVIE_CONTRAST = """
import sys, bpy, numpy as np
image = bpy.data.images.load(sys.argv[1])
print(np.std(np.array(image.pixels[:]).reshape(-1, 4)[:, :3]))
"""


def test_a_preview_shows_the_face(s2f: S2F, jaw_track: Path, tmp_path: Path) -> None:
    blend, video = tmp_path / "a.blend", tmp_path / "a.mp4"
    done = s2f("bake", jaw_track, "--rig", "demo", "-o", blend, "--fps", "12", "--render", video)
    assert done.returncode == 0, done.stderr
    assert video.read_bytes()[4:8] == b"ftyp"
    shown = subprocess.run([sys.executable, "-c", MOVIE_CONTRAST, str(video)], capture_output=True, encoding="utf-8")
    assert float(shown.stdout.splitlines()[-1]) > 0.05, "a plain background"
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".blend", ".mp4", ".s2f"]


def test_where_there_is_no_graphics_driver_another_engine_renders(s2f: S2F, jaw_track: Path, tmp_path: Path) -> None:
    video = tmp_path / "a.mp4"
    done = s2f("bake", jaw_track, "--rig", "demo", "-o", tmp_path / "a.blend", "--fps", "4", "--render", video,
               __EGL_VENDOR_LIBRARY_DIRS="/nonexistent")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert video.read_bytes()[4:8] == b"ftyp"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to one process")
def test_control_c_ends_a_render_at_once_and_leaves_no_half_file(jaw_track: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    command = [
        sys.executable, "-m", "model_server.cli.main", "bake", jaw_track, "--rig", "demo", "-o", folder / "a.blend",
        "--fps", "240", "--render", folder / "a.mp4", "--json-progress",
    ]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore Ctrl-C
    )  # fmt: skip
    assert process.stdout is not None
    assert any("rendering" in line for line in process.stdout)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert [path.name for path in folder.iterdir()] == ["a.blend"]


def test_words_that_are_given_reach_the_rig_and_are_counted(
    s2f: S2F, refused: Refused, jaw_track: Path, tmp_path: Path
) -> None:
    out = tmp_path / "poppy.blend"
    done = s2f("bake", SAMPLE, "--rig", "demo", "-o", out, "--transcript", "Hello! My name is Poppy.")
    assert done.returncode == 0, done.stderr
    assert "5 of 5 words found" in done.stdout
    assert "already speaks" in refused("bake", jaw_track, "--rig", "demo", "-o", out, "--transcript", "Hello!")


def test_code_in_the_current_folder_is_not_run(s2f: S2F, jaw_track: Path, tmp_path: Path) -> None:
    """As where somebody unpacked what came by mail."""
    here = tmp_path / "here"
    here.mkdir()
    for name in ("numpy", "bpy", "json", "runpy", "model_server", "sitecustomize"):
        (here / f"{name}.py").write_text(f"open({str(here / 'RAN')!r}, 'a').write({name!r})")
    command = [str(Path(sys.executable).with_name("s2f")), "bake", str(jaw_track), "--rig", "demo", "-o", "face.blend"]
    done = subprocess.run(command, cwd=here, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert (here / "face.blend").exists() and not (here / "RAN").exists()
