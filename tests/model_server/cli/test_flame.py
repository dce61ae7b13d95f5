"""FLAME in the terminal: tracks of its coefficients out, and onto a rig of FLAME's kind, which is of our own making."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from model_server.sample import SAMPLE
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.flame import EXP, JAW

from .conftest import ROOT, S2F, Refused, complaint

BUILD = """
import sys, bpy
sys.path[:0] = sys.argv[1:3]
import s2f_blender_addon
s2f_blender_addon.register()
bpy.ops.wm.read_factory_settings(use_empty=True)
import flame_rigs
shapes = flame_rigs.stand_in()
mesh = flame_rigs.rig(bpy, shapes, flame_rigs.expressions(shapes))
bpy.ops.wm.save_as_mainfile(filepath=sys.argv[3] + "/new.blend")
from s2f_blender_addon.rigs import find_character
from s2f_blender_addon.rigs.flame.setup import made_ready
made_ready(find_character(mesh).flame)
bpy.ops.wm.save_as_mainfile(filepath=sys.argv[3] + "/fitted.blend")
"""

LOOK = """
import json, sys, bpy
sys.path.insert(0, sys.argv[1])
from s2f_blender_addon.bake import compat
bpy.ops.wm.open_mainfile(filepath=sys.argv[2])
mesh = next(o for o in bpy.data.objects if o.type == "MESH")
print(json.dumps({
    f"{curve.data_path} {curve.array_index}": [curve.evaluate(frame) for frame in (1, 20, 40)]
    for owner in (mesh.data.shape_keys, mesh.parent) for curve in compat.bag_of(owner).fcurves
}))
"""


def python(code: str, *arguments: object) -> str:
    done = subprocess.run([sys.executable, "-c", code, *map(str, arguments)], capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def rigs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``new.blend`` and, where it was fitted before, ``fitted.blend``."""
    folder = tmp_path_factory.mktemp("rig")
    python(BUILD, ROOT, ROOT / "tests" / "s2f_blender_addon" / "rigs", folder)
    return folder


def test_without_a_rig_the_jaw_alone_leaves_and_that_is_said(s2f: S2F, tmp_path: Path) -> None:
    done = s2f("infer", SAMPLE, "-o", tmp_path / "x.npy")
    assert done.returncode == 0, done.stderr
    assert "joints alone" in done.stdout
    table = np.load(tmp_path / "x.npy")
    assert table.shape[0] == 1
    assert table.shape[2] == 403
    assert np.ptp(table[0, :, 400]) > 0.05
    assert not table[0, :, :400].any()


def test_with_a_rig_expressions_leave_come_back_and_play_on_it(s2f: S2F, rigs: Path, tmp_path: Path) -> None:
    made = s2f("infer", SAMPLE, "-o", tmp_path / "x.npz", "--rig", rigs / "fitted.blend", "--fps", "24")
    assert made.returncode == 0, made.stderr
    track = formats.read(tmp_path / "x.npz")
    assert track.flame[:, EXP].any(axis=0).all()
    done = s2f("bake", tmp_path / "x.npz", "--rig", rigs / "new.blend", "-o", tmp_path / "x.blend")
    assert done.returncode == 0, done.stderr
    assert "100 expressions" in done.stdout
    curves = json.loads(python(LOOK, ROOT, tmp_path / "x.blend").splitlines()[-1])
    rows = track.flame[[0, 19, 39]]
    for number in (0, 99):
        assert np.allclose(curves[f'key_blocks["Exp{number + 1}"].value 0'], rows[:, number], atol=0.01)
    assert np.allclose(curves['pose.bones["jaw"].rotation_euler 0'], rows[:, JAW.start], atol=0.01)


def test_speech_drives_expressions_and_bones_and_says_so(s2f: S2F, rigs: Path, jaw_track: Path, tmp_path: Path) -> None:
    done = s2f("bake", jaw_track, "--rig", rigs / "new.blend", "-o", tmp_path / "x.blend")
    assert done.returncode == 0, done.stderr
    assert "of 52 channels" in done.stdout
    assert "expressions and bones" in done.stdout


def test_a_rig_is_refused_for_tracks_that_are_not_flame(s2f: S2F, rigs: Path, tmp_path: Path) -> None:
    done = s2f("infer", SAMPLE, "-o", tmp_path / "x.csv", "--rig", rigs / "new.blend")
    assert done.returncode == 2
    assert ".npy" in complaint(done)
    assert not (tmp_path / "x.csv").exists()


def test_info_says_what_a_track_and_a_rig_are(s2f: S2F, rigs: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.random.default_rng(0).normal(size=(20, 53)) * 0.1)
    assert "FLAME track" in s2f("info", tmp_path / "x.npy").stdout
    assert "52 of 52 channels" in s2f("info", rigs / "fitted.blend").stdout


def test_metrics_put_coefficients_and_curves_on_the_users_own_head(
    rigs: Path, s2f: S2F, refused: Refused, tmp_path: Path
) -> None:
    jaw = np.zeros((26, 53), np.float32)
    jaw[:, -3] = np.linspace(0, 0.3, 26)
    np.save(tmp_path / "truth.npy", jaw)
    np.save(tmp_path / "half.npy", 0.5 * jaw)
    command = ("metrics", tmp_path / "truth.npy", tmp_path / "half.npy", tmp_path / "truth.npy")
    assert "--mesh FLAME.blend" in refused(*command)
    done = s2f(*command, "--mesh", rigs / "fitted.blend", "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert (figures["samples"], figures["fps"], figures["unit"]) == (2, 25.0, "mm")
    assert 2 < figures["lve"] < 12  # half of a jaw that opens by 0.3 rad, 26 frames from none to all
    assert 0 < figures["mve"] < figures["lve"]
    assert figures["ce"] == 0 and abs(figures["fdd"]) < 0.1 * figures["lve"]  # the upper face hardly knows of it
