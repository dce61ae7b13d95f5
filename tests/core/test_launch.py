"""Programs are started by their full path, in a folder of our own, and only where nobody else can exchange them."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from s2f_blender_addon.core import launch
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.private_folder import private_folder

posix = pytest.mark.skipif(sys.platform == "win32", reason="owner and mode are POSIX's")
as_root = pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="giving a file away takes root")
SOMEBODY = 12345


def planted(folder: Path) -> Path:
    """``folder`` with a numpy.py, sitecustomize.py and the like that leave a trace when they are imported."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("numpy", "json", "runpy", "sitecustomize", "usercustomize", "bpy", "ctypes", "model_server"):
        (folder / f"{name}.py").write_text(f"open({str(folder / 'RAN')!r}, 'a').write({name!r})")
    return folder


def output(command: list[str], **more: object) -> str:
    with launch.start(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, **more) as child:
        return child.communicate(timeout=60)[0].decode()


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program in a folder of its own."""
    folder = tmp_path / "own" / "bin"
    folder.mkdir(parents=True)
    path = folder / "program"
    path.write_text("#!/bin/sh\necho ran\n")
    path.chmod(0o755)
    return path


def test_it_runs_in_a_folder_that_is_nobody_elses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(planted(tmp_path / "here"))
    where = output([sys.executable, *launch.ISOLATED, "-c", "import os; print(os.getcwd())"]).strip()
    assert Path(where) == private_folder().resolve()
    if sys.platform != "win32":
        assert os.stat(where).st_mode & 0o777 == 0o700
    assert not (tmp_path / "here" / "RAN").exists()


@pytest.mark.parametrize("variable", ["PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "PYTHONSTARTUP", "pythonpath"])
def test_no_variable_brings_other_code_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, str(planted(tmp_path / "evil")))
    assert not {name for name in launch.environment() if name.upper() == variable.upper()}
    assert output([sys.executable, "-c", "import json; print('fine')"]) == "fine\n"
    assert not (tmp_path / "evil" / "RAN").exists()


def test_a_module_of_ours_is_run_without_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(planted(tmp_path / "here"))
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "said.py").write_text("import json, sys; print(sys.argv[1:], json.__file__)")
    said = output([sys.executable, *launch.ISOLATED, *launch.module(tmp_path / "ours", "said"), "a", "b"])
    assert said.startswith("['a', 'b']") and str(tmp_path) not in said
    assert not (tmp_path / "here" / "RAN").exists()


def test_only_full_paths_are_started(tmp_path: Path, program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(program.parent)
    monkeypatch.setenv("PATH", str(program.parent))
    for name in ("program", "./program", ""):
        with pytest.raises(UserError, match="no full path"):
            launch.start([name])
    with pytest.raises(FileNotFoundError):
        launch.start([str(tmp_path / "none")])


@posix
def test_a_program_that_only_we_can_change_runs(program: Path) -> None:
    assert output([str(program)]) == output([str(program)], below=str(program.parent)) == "ran\n"


@posix
@pytest.mark.parametrize("open_to_all", ["own/bin/program", "own/bin", "own"])
def test_what_everybody_can_change_never_runs(tmp_path: Path, program: Path, open_to_all: str) -> None:
    (tmp_path / open_to_all).chmod(0o777)
    (tmp_path / "link").symlink_to(program)
    for way in (program, tmp_path / "link"):
        with pytest.raises(UserError, match=rf"Every user of this computer can change {tmp_path / open_to_all},"):
            launch.start([str(way)])
        with pytest.raises(UserError, match="can change"):
            launch.start_guarded([str(way)])


@as_root
@pytest.mark.parametrize("foreign", ["own/bin/program", "own/bin", "own"])
def test_a_runtime_of_another_user_never_runs(tmp_path: Path, program: Path, foreign: str) -> None:
    os.chown(tmp_path / foreign, SOMEBODY, SOMEBODY)
    with pytest.raises(UserError, match=rf"{tmp_path / foreign} belongs to another user"):
        launch.start([str(program)], below=str(tmp_path / "own"))
    assert output([str(program)]) == "ran\n"  # what a studio installed for everybody, and the user chose


@as_root
def test_what_somebody_put_into_a_folder_for_all_never_runs(tmp_path: Path, program: Path) -> None:
    """As in /tmp, where everybody may put files but not exchange those of others."""
    tmp_path.chmod(0o1777)
    assert output([str(program)]) == "ran\n"
    os.chown(tmp_path / "own", SOMEBODY, SOMEBODY)
    with pytest.raises(UserError, match="belongs to another user"):
        launch.start([str(program)])


@posix
def test_a_program_is_found_on_the_path_and_never_in_the_current_folder(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(program.parent)
    for path in ("", ".", f"bin{os.pathsep}.{os.pathsep}"):
        monkeypatch.setenv("PATH", path)
        assert launch.found("program") == ""
    monkeypatch.setenv("PATH", f".{os.pathsep}{program.parent}")
    assert launch.found("program") == str(program)


def test_on_windows_a_program_has_its_ending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(sys.executable, tmp_path / "uv.exe")
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert launch.found("uv") == str(tmp_path / "uv.exe")


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@posix
def test_a_guarded_program_ends_with_its_pipe(program: Path) -> None:
    program.write_text("#!/bin/sh\nsleep 60 & echo $!\nwait\n")
    with launch.start_guarded([str(program)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdin is not None
        grandchild = int(child.stdout.readline())
        child.stdin.close()
        assert child.wait(timeout=10)
    end = time.monotonic() + 10
    while runs(grandchild):
        assert time.monotonic() < end
        time.sleep(0.02)
