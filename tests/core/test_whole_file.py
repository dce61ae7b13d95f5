"""A file appears whole or not at all."""

import os
from pathlib import Path

import pytest

from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.whole_file import no_name_on_windows, whole_file


def test_the_file_is_there_when_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "new folder é" / "track.csv"
    with whole_file(target) as temporary:
        temporary.write_text("done")
        assert not target.exists()
    assert target.read_text() == "done"
    assert [p.name for p in target.parent.iterdir()] == ["track.csv"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "track.csv"
    target.write_text("old")

    def write_half() -> None:
        with whole_file(target) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(os.name != "posix", reason="only POSIX files have a mode")
def test_the_file_is_readable_as_any_new_file_is(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    with whole_file(tmp_path / "track.csv") as temporary:
        temporary.touch()
    assert (tmp_path / "track.csv").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("folder", "pipe"):
        if name == "pipe":
            if os.name != "posix":
                continue
            os.mkfifo(tmp_path / name)
        with pytest.raises(UserError, match=f"{name} is a .*choose the name of a file"), whole_file(tmp_path / name):
            raise AssertionError("it began")
    assert {p.name for p in tmp_path.iterdir()} <= {"folder", "pipe"}


@pytest.mark.parametrize(
    "name", ["CON", "nul.csv", "aux.tar.gz", "Com1.blend", "lpt\u00b2.s2f", "aux .csv", "take.", "a "]
)
def test_names_that_windows_keeps_for_itself_or_changes(name: str) -> None:
    assert no_name_on_windows(name)
    assert not no_name_on_windows(f"x{name.rstrip('. ')}")
