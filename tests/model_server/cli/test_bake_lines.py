"""``s2f bake`` of a whole shot: several lines, where they begin, added to what was there, and exported."""

import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model_server.cli.main import main
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.track import FaceTrack

from .conftest import ROOT, S2F

LOOK = """
import json, sys, bpy
sys.path.insert(0, sys.argv[2])
import s2f_blender_addon
s2f_blender_addon.register()
bpy.ops.wm.open_mainfile(filepath=sys.argv[1])
scene = bpy.context.scene
face = scene.s2f.target
lines = [(l.name, l.start_frame, l.first, l.last, l.baked, bool(l.track))
         for o in bpy.data.objects for l in o.s2f_character.lines]
jaw = []
for frame in range(1, scene.frame_end + 1):
    scene.frame_set(frame)
    jaw.append(round(face.data.shape_keys.key_blocks["jawOpen"].value, 4))
keys = sum(len(c.keyframe_points) for c in __import__("s2f_blender_addon.bake.compat", fromlist=["x"])
           .bag_of(face.data.shape_keys).fcurves if "jawOpen" in c.data_path)
print(json.dumps({"lines": lines, "jaw": jaw, "end": scene.frame_end, "keys": keys}))
"""


def inside(blend: Path) -> dict[str, Any]:
    """What the panel finds in the saved file, and how the jaw plays."""
    command = [sys.executable, "-c", LOOK, str(blend), str(ROOT)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def spoken(path: Path, widest: float) -> Path:
    """Half a second in which the jaw opens as far as ``widest`` and shuts again."""
    talk = np.zeros((31, 52), np.float32)
    talk[:, INDEX["jawOpen"]] = widest * np.hanning(31)
    formats.write(path, FaceTrack(talk, np.zeros_like(talk), 60.0))
    return path


def test_lines_lie_where_they_are_told_and_stay_when_another_is_added(s2f: S2F, tmp_path: Path) -> None:
    one, two = (spoken(tmp_path / f"{n}.s2f", n / 5) for n in (1, 2))
    shot, more, glb = tmp_path / "shot.blend", tmp_path / "more.blend", tmp_path / "hero.glb"
    done = s2f("bake", one, two, "--rig", "demo", "-o", shot, "--fps", "24", "--start", "20", "--export", glb,
               "--export", tmp_path / "3.npy", "--keys", "frames")  # fmt: skip
    assert done.returncode == 0, done.stderr
    points = [tmp_path / "3_1.npy", tmp_path / "3_2.npy"]
    assert done.stdout.splitlines()[-4:] == list(map(str, (shot, glb, *points)))
    data = glb.read_bytes()
    document = json.loads(data[20 : 20 + struct.unpack_from("<I", data, 12)[0]])
    assert [animation["name"] for animation in document["animations"]] == ["1", "2"]
    first = inside(shot)
    assert first["lines"] == [["1", 20, 20, 32, True, True], ["2", 33, 33, 45, True, True]]
    assert max(first["jaw"][19:32]) == pytest.approx(0.2, abs=0.01)
    assert max(first["jaw"]) == pytest.approx(0.4, abs=0.01)
    done = s2f("bake", points[1], "--rig", shot, "-o", more, "--append", "--start", "60", "--track-fps", "24")
    assert done.returncode == 0, done.stderr
    assert "of how the points move" in done.stdout
    both = inside(more)
    assert [line[:2] for line in both["lines"]] == [["1", 20], ["2", 33], ["3_2", 60]] and both["end"] == 72
    assert both["jaw"][:45] == first["jaw"][:45] and max(both["jaw"][59:]) == pytest.approx(0.4, abs=0.02)
    done = s2f("bake", one, "--rig", more, "-o", shot)
    assert done.returncode == 0, done.stderr
    alone = inside(shot)
    assert [line[:2] for line in alone["lines"]] == [["1", 1]] and alone["end"] == 13
    assert alone["keys"] < first["keys"] / 2


def test_what_cannot_be_meant_is_refused_before_anything_takes_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    track = spoken(tmp_path / "1.s2f", 0.5)
    monkeypatch.chdir(tmp_path)
    for options, named in (
        ((), "-o OUT.blend"),
        (("-o", "a.blend", "--start", "1", "--start", "9"), "--start is given 2 times for 1 line"),
        (("-o", "a.blend", "--export", "a.obj"), "a.obj"),
        (("--export", "a.glb", "--render", "a.mp4"), "--render"),
        (("-o", "a.blend", "--keys", "many"), "--keys"),
        (("-o", "a.blend", "--contempt-side", "up"), "--contempt-side"),
    ):
        monkeypatch.setattr(sys, "argv", ["s2f", "bake", str(track), "--rig", "demo", *options])
        assert main() == 2
        assert named in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["1.s2f"]
