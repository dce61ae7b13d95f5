"""What a killed process was writing goes away at the next write into that folder, and nothing else does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from s2f_blender_addon.core import left_behind
from s2f_blender_addon.core.whole_file import whole_file

ROOT = Path(__file__).parents[2]
DYING = """
import os, sys
from s2f_blender_addon.core.whole_file import whole_file
with whole_file(sys.argv[1]) as temporary:
    temporary.write_text("half")
    os._exit(9)
"""


@pytest.fixture(autouse=True)
def new_to_each_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(left_behind, "_swept", set())


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_killed_writers_half_is_gone_after_the_next_write(tmp_path: Path) -> None:
    out = tmp_path / "track.csv"
    assert subprocess.run([sys.executable, "-c", DYING, str(out)], cwd=ROOT).returncode == 9
    assert len(names(tmp_path)) == 1 and names(tmp_path)[0].startswith(".s2f-")
    with whole_file(out) as temporary:
        temporary.write_text("whole")
    assert names(tmp_path) == ["track.csv"]


def test_a_writer_that_lives_keeps_its_half(tmp_path: Path) -> None:
    with whole_file(tmp_path / "one.csv") as one:
        left_behind._swept.clear()
        with whole_file(tmp_path / "two.csv") as two:
            two.write_text("2")
        one.write_text("1")
    assert names(tmp_path) == ["one.csv", "two.csv"]


def test_whatever_is_not_surely_a_dead_process_of_this_computer_stays(tmp_path: Path) -> None:
    here, dead = left_behind._here(), 2**31 - 7
    other = "0" * 8 if here != "0" * 8 else "1" * 8
    kept = [
        f".s2f-{other}-{dead}-x.csv", f".s2f-{here}-{os.getppid()}-x.csv", f".s2f-{here}-{dead}", f".s2f-{here}--5-x",
        f".s2f-{here}-x-y", ".s2f-x.csv",
    ]  # fmt: skip
    for name in kept:
        (tmp_path / name).touch()
    (tmp_path / f".s2f-{here}-{dead}-folder").mkdir()
    if os.name == "posix":
        (tmp_path / "mine").write_text("mine")
        (tmp_path / f".s2f-{here}-{dead}-link").symlink_to(tmp_path / "mine")
    before = names(tmp_path)
    (tmp_path / f".s2f-{here}-{dead}-x.csv").touch()
    (tmp_path / f".s2f-{here}-{'9' * 10}-x.csv").touch()  # no process has such a number
    left_behind.sweep(tmp_path)
    assert names(tmp_path) == before
    left_behind.sweep(tmp_path / "no such folder")
