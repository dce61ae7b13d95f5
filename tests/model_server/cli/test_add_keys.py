"""``s2f add-keys``: from a head without keys to one that speaks."""

import json
import subprocess
import sys
from pathlib import Path

from .conftest import ROOT, S2F, Refused

BARE = """
import sys, bpy
sys.path.insert(0, sys.argv[2])
from s2f_blender_addon import demo_head
bpy.ops.wm.read_factory_settings(use_empty=True)
face = demo_head.build()
for member in (face, *face.children):
    if member.data.shape_keys and "keys" not in sys.argv[3:]:
        member.shape_key_clear()
    if member.name == "Demo eyes" and "blind" in sys.argv[3:]:
        bpy.data.objects.remove(member)
bpy.ops.wm.save_as_mainfile(filepath=sys.argv[1])
"""


def head(path: Path, *how: str) -> Path:
    """The demo head, its keys taken away."""
    subprocess.run([sys.executable, "-c", BARE, str(path), str(ROOT), *how], check=True, capture_output=True)
    return path


def test_a_bare_head_gets_its_keys_and_then_speaks(s2f: S2F, jaw_track: Path, tmp_path: Path) -> None:
    bare, out = head(tmp_path / "bare.blend"), tmp_path / "köpfe.blend"
    done = s2f("add-keys", bare, "-o", out, "--json-progress")
    assert done.returncode == 0, done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines()]
    table = next(entry for entry in said if entry["event"] == "table")
    assert table["added"]["Demo face"] == 52
    assert table["added"]["Demo teeth"] == 5
    assert any(entry.get("text") == "52 of 52 channels" for entry in said)
    assert any("landmarks found" in entry.get("text", "") for entry in said)
    assert max(entry.get("fraction", 0) for entry in said) > 0.5  # the last steps are told where they take long
    baked = s2f("bake", jaw_track, "--rig", out, "-o", tmp_path / "baked.blend")
    assert baked.returncode == 0, baked.stderr
    assert "52 of 52 channels" in baked.stdout


def test_landmarks_from_a_file_take_the_place_of_looking(s2f: S2F, tmp_path: Path) -> None:
    from s2f_blender_addon.carry.landmarks import demo_landmarks
    from s2f_blender_addon.demo_head.geometry import BASE

    blind, out = head(tmp_path / "blind.blend", "blind"), tmp_path / "out.blend"
    places = {name: [x / 1000, y / 1000, (z - BASE) / 1000] for name, (x, y, z) in demo_landmarks().items()}
    marks = tmp_path / "marks.json"
    marks.write_text(json.dumps(places), "utf-8")
    done = s2f("add-keys", blind, "-o", out, "--landmarks", marks)
    assert done.returncode == 0, done.stderr
    assert "52 of 52 channels" in done.stdout


def test_what_cannot_be_done_is_one_sentence(refused: Refused, tmp_path: Path) -> None:
    whole, out = head(tmp_path / "whole.blend", "keys"), tmp_path / "out.blend"
    assert "nothing to add" in refused("add-keys", whole, "-o", out, "--missing")
    assert not out.exists()
    for words, said in (
        (("x.txt", "-o", out), "a head is a file"),
        ((whole, "-o", out, "--landmarks", tmp_path / "none.json"), "no such file"),
    ):
        assert said in refused("add-keys", *words)
