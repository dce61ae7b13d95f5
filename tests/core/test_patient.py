"""Files that Windows holds for a moment, simulated by its refusals: whoever deletes or moves them waits."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from s2f_blender_addon.core import patient
from s2f_blender_addon.core.whole_file import whole_file

QUICK = (0.0, 0.0, 0.0)


class Held:
    """Refuses the first ``times`` calls as Windows refuses what another program has open, then does what is asked."""

    def __init__(self, real: Callable[..., object], times: int) -> None:
        self.real, self.left = real, times

    def __call__(self, *arguments: object, **options: object) -> object:
        if self.left:
            self.left -= 1
            raise PermissionError(errno.EACCES, "The process cannot access the file", str(arguments[0]))
        return self.real(*arguments, **options)


@pytest.mark.parametrize(("times", "moved"), [(0, True), (1, True), (3, True), (4, False)])
def test_a_file_is_moved_once_it_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int, moved: bool
) -> None:
    (tmp_path / "a").write_text("new")
    (tmp_path / "b").write_text("old")
    monkeypatch.setattr(os, "replace", Held(os.replace, times))
    if moved:
        patient.replace(tmp_path / "a", tmp_path / "b", QUICK)
    else:
        with pytest.raises(PermissionError):
            patient.replace(tmp_path / "a", tmp_path / "b", QUICK)
    assert (tmp_path / "b").read_text() == ("new" if moved else "old")


@pytest.mark.parametrize(("times", "gone"), [(0, True), (3, True), (4, False)])
def test_a_file_is_deleted_once_it_is_let_go_and_said_to_stay_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int, gone: bool
) -> None:
    file = tmp_path / "a.wav"
    file.write_bytes(b"x")
    held = Held(Path.unlink, times)
    monkeypatch.setattr(Path, "unlink", lambda *arguments, **options: held(*arguments, **options))
    assert patient.delete(file, QUICK) is gone
    assert file.exists() is not gone
    assert patient.delete(tmp_path / "was never there", QUICK)


def test_a_folder_with_a_file_in_use_is_deleted_once_it_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "in use").write_bytes(b"x")
    real, tries = shutil.rmtree, []

    def rmtree(path: Path, ignore_errors: bool) -> None:
        tries.append(path)
        if len(tries) == 3:
            real(path, ignore_errors)

    monkeypatch.setattr(shutil, "rmtree", rmtree)
    assert patient.delete_folder(folder, QUICK) and len(tries) == 3 and not folder.exists()


def test_a_link_in_place_of_a_folder_stays_and_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "theirs", target_is_directory=True)
    assert not patient.delete_folder(tmp_path / "link", QUICK)
    assert (tmp_path / "link").is_symlink() and (tmp_path / "theirs").is_dir()


def test_a_whole_file_waits_for_a_virus_scanner_and_never_leaves_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patient, "PAUSES", QUICK)
    monkeypatch.setattr(os, "replace", Held(os.replace, 2))
    with whole_file(tmp_path / "take.csv") as path:
        path.write_text("whole")
    assert (tmp_path / "take.csv").read_text() == "whole"
    assert os.listdir(tmp_path) == ["take.csv"]
