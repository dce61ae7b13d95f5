"""One bad thing among several, in every command that takes several: the others are made, the failed ones counted."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from model_server.sample import SAMPLE

from .conftest import S2F, complaint


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A folder with a recording between two files that are none."""
    folder = tmp_path / "takes"
    folder.mkdir()
    shutil.copy(SAMPLE, folder / "b.wav")
    for name in ("a.wav", "c.mp3"):
        (folder / name).write_bytes(b"no sound at all")
    return folder


@pytest.mark.parametrize("command", ["infer", "feel"])
def test_of_a_folder_what_can_be_made_is_made(command: str, mixed: Path, s2f: S2F, tmp_path: Path) -> None:
    more = ["--json-progress"] if command == "infer" else []
    done = s2f(command, mixed, "-o", f"{tmp_path}/out/", *more)
    assert done.returncode == 2
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.csv"]
    assert [line.startswith("s2f: ") for line in done.stderr.splitlines()] == [True, True]
    assert "a.wav" in done.stderr and "c.mp3" in done.stderr and "Traceback" not in done.stderr
    assert "2 of 3 recordings failed" in done.stdout
    if more:
        assert {"failed": 2, "of": 3}.items() <= json.loads(done.stdout.splitlines()[-1]).items()


def test_of_several_sources_and_exports_of_one_shot_too(s2f: S2F, jaw_track: Path, tmp_path: Path) -> None:
    wrong, points, folder = tmp_path / "wrong.csv", tmp_path / "points.npy", tmp_path / "x.obj.glb"
    wrong.write_text("no,track\n")
    np.save(points, np.zeros((3, 5, 3), np.float32))
    out, glb = tmp_path / "out.blend", tmp_path / "out.glb"
    done = s2f("bake", wrong, points, jaw_track, "--rig", "demo", "-o", out, "--export", glb)
    assert done.returncode == 2, done.stderr
    assert out.exists() and glb.exists() and not folder.exists()
    assert "2 of 4 sources and exports failed" in done.stdout
    assert "wrong.csv" in done.stderr and "points.npy" in done.stderr and len(done.stderr.splitlines()) == 2
    assert "of 52 channels" in done.stdout


def test_where_all_of_them_fail_nothing_is_written(s2f: S2F, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("no,track\n")
    assert "wrong.csv" in complaint(s2f("bake", wrong, wrong, "--rig", "demo", "-o", tmp_path / "out.blend"))
    assert [path.name for path in tmp_path.iterdir()] == ["wrong.csv"]
