"""No command writes over what it reads, by whatever name it is called; and an option that asks for it is obeyed."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from model_server.cli.outputs import keep_apart, named_files
from model_server.sample import SAMPLE
from s2f_blender_addon.core.errors import UserError

from .conftest import S2F, Refused, complaint

READS = "this command reads that file"


def itself(path: Path) -> Path:
    return path


def dotted(path: Path) -> Path:
    return path.parent / "x" / ".." / path.name


def linked(path: Path) -> Path:
    link = path.with_name(f"link{path.suffix}")
    link.symlink_to(path)
    return link


def hard(path: Path) -> Path:
    link = path.with_name(f"hard{path.suffix}")
    os.link(path, link)
    return link


@pytest.mark.parametrize("other", [itself, dotted, linked, hard])
@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("rig.blend", ["bake", "{sound}", "--rig", "{file}", "-o", "{out}"]),
        ("rig.glb", ["bake", "{sound}", "--rig", "{file}", "--export", "{out}"]),
        ("head.blend", ["add-keys", "{file}", "-o", "{out}"]),
        ("track.csv", ["bake", "{file}", "--rig", "demo", "--export", "{folder}/x.glb", "-o", "{out}"]),
        ("track.s2f", ["infer", "{file}", "-o", "{out}"]),
        ("keys.csv", ["infer", "{sound}", "--emotion-track", "{file}", "-o", "{out}"]),
        ("words.json", ["infer", "{sound}", "--transcript", "{file}", "-o", "{out}"]),
        ("list.csv", ["infer", "@{file}", "-o", "{out}"]),
        ("track.csv", ["feel", "{file}", "-o", "{out}"]),
        ("model.safetensors", ["train", "distil", "--start", "{file}", "-o", "{out}"]),
    ],
)
def test_every_command_leaves_its_inputs_alone(
    name: str, command: list[str], other: Callable[[Path], Path], tmp_path: Path, refused: Refused
) -> None:
    path = tmp_path / name
    path.write_bytes(b"a file of the user's")
    (tmp_path / "x").mkdir()
    values = {"sound": SAMPLE, "file": path, "out": other(path), "folder": tmp_path}
    said = refused(*(part.format(**values) for part in command))
    assert READS in said, said
    assert path.read_bytes() == b"a file of the user's"


def test_a_folder_of_outputs_does_not_take_the_place_of_an_input(tmp_path: Path, refused: Refused) -> None:
    shutil.copy(SAMPLE, tmp_path / "take.wav")
    keys = tmp_path / "take.csv"
    keys.write_text("time,happy\n0,1\n")
    command = ("infer", tmp_path / "take.wav", "--emotion-track", keys, "-o", f"{tmp_path}/")
    assert READS in refused(*command)
    assert keys.read_text() == "time,happy\n0,1\n"


def test_a_row_of_a_batch_is_refused_alone(s2f: S2F, tmp_path: Path) -> None:
    shutil.copy(SAMPLE, tmp_path / "a.wav")
    (tmp_path / "keys.csv").write_text("time,happy\n0,1\n")
    rows = "sound,out,emotion_track\na.wav,keys.csv,keys.csv\na.wav,all.csv,\na.wav,a.csv,keys.csv\n"
    (tmp_path / "all.csv").write_text(rows)
    done = s2f("batch", tmp_path / "all.csv")
    assert done.returncode == 2
    assert [READS in line for line in done.stderr.splitlines()] == [True, True, False], done.stderr
    assert "2 of 3 rows" in done.stderr and (tmp_path / "a.csv").exists()
    assert (tmp_path / "all.csv").read_text() == rows


def test_adding_to_a_file_is_asked_for_by_its_option(s2f: S2F, jaw_track: Path, tmp_path: Path) -> None:
    shot = tmp_path / "shot.blend"
    assert s2f("bake", jaw_track, "--rig", "demo", "-o", shot).returncode == 0
    before = shot.read_bytes()
    assert READS in complaint(s2f("bake", jaw_track, "--rig", shot, "-o", shot))
    assert shot.read_bytes() == before
    done = s2f("bake", jaw_track, "--rig", shot, "-o", shot, "--append")
    assert done.returncode == 0, done.stderr
    assert shot.read_bytes() != before


def test_names_are_compared_as_the_system_does(tmp_path: Path) -> None:
    here = tmp_path / "Shot.blend"
    here.write_bytes(b"")
    other = tmp_path / "shot.BLEND"
    same = other.exists()  # a file system that does not tell them apart
    if same:
        with pytest.raises(UserError):
            keep_apart([other], named_files(here))
    else:
        keep_apart([other], named_files(here))
