"""One private folder a process: gone with it, swept after a kill, made again where somebody deleted it."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.private_folder import PREFIX, private_folder, remove, sweep

_HOLD = (
    "import sys, time; from s2f_blender_addon.core.private_folder import private_folder; "
    "print(private_folder(), flush=True); sys.stdin.read()"
)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of the test's own."""
    remove()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    yield tmp_path
    remove()


def holder() -> "tuple[subprocess.Popen[bytes], Path]":
    child = subprocess.Popen(
        [sys.executable, "-c", _HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert child.stdout is not None
    return child, Path(child.stdout.readline().decode().strip())


def test_a_process_has_one_and_leaves_none(temporary: Path) -> None:
    child, folder = holder()
    assert folder.parent == temporary and folder.is_dir()
    child.communicate(timeout=30)
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_is_swept_and_what_is_in_use_stays(temporary: Path) -> None:
    living, in_use = holder()
    killed, left = holder()
    (left / "recording.wav").write_bytes(b"x")
    killed.kill()
    killed.communicate()
    own = private_folder()
    sweep()
    assert set(temporary.iterdir()) == {in_use, own}
    living.communicate(timeout=30)


def test_a_folder_that_vanished_is_made_again() -> None:
    first = private_folder()
    shutil.rmtree(first)
    assert private_folder().is_dir() and private_folder() != first


def test_without_a_place_for_files_there_is_a_sentence(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(temporary / "gone"))
    with pytest.raises(UserError, match=r"gone \(No such file.*TMPDIR"):
        private_folder()
    sweep()


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="giving a folder away takes root")
def test_nothing_of_somebody_elses_is_swept(temporary: Path) -> None:
    (temporary / "mine").mkdir()
    (temporary / "mine" / "file").write_text("x")
    (temporary / f"{PREFIX}link").symlink_to(temporary / "mine")
    (temporary / f"{PREFIX}theirs").mkdir()
    os.chown(temporary / f"{PREFIX}theirs", 12345, 12345)
    (temporary / f"{PREFIX}file").write_text("x")
    sweep()
    assert len(list(temporary.iterdir())) == 4 and (temporary / "mine" / "file").exists()


def test_nothing_is_written_to_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every usual place is read-only, Python takes the current folder: somebody's project."""
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "project"))
    with pytest.raises(UserError, match="no folder for temporary files takes one.*TMPDIR"):
        private_folder()
    assert list((tmp_path / "project").iterdir()) == []
