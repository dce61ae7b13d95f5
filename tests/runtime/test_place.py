"""The folder of the runtime: shared by all Blenders, chosen by the user, checked before anything is fetched."""

import shutil
import subprocess
import sys
from collections import namedtuple
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.runtime import place

OURS = place.default_root().name
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of the test's own."""
    for variable in ("HOME", "XDG_DATA_HOME", "LOCALAPPDATA", "PROGRAMDATA"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.parametrize(
    ("environ", "platform", "folder"),
    [
        ({"HOME": "/home/ann"}, "linux", "/home/ann/.local/share/speech2face"),
        ({"HOME": "/home/ann", "XDG_DATA_HOME": "/data"}, "linux", "/data/speech2face"),
        ({"HOME": "/Users/ann"}, "darwin", "/Users/ann/Library/Application Support/Speech2Face"),
        ({"LOCALAPPDATA": "C:/Users/ann/AppData/Local"}, "win32", "C:/Users/ann/AppData/Local/Speech2Face"),
        ({"LOCALAPPDATA": "C:/Users/Jürgen/AppData/Local", "PROGRAMDATA": "C:/ProgramData"}, "win32",
         "C:/Users/Jürgen/AppData/Local/Speech2Face"),
        ({"LOCALAPPDATA": "", "HOME": "C:/Users/ann", "SYSTEMDRIVE": "D:"}, "win32",
         "C:/Users/ann/AppData/Local/Speech2Face"),
    ],
)  # fmt: skip
def test_the_default_is_the_users_own_data_folder_where_nobody_else_can_put_files(
    environ: dict[str, str], platform: str, folder: str
) -> None:
    assert place.default_root(environ, platform).as_posix() == folder


def test_a_choice_is_remembered_for_every_blender(tmp_path: Path) -> None:
    place.choose(tmp_path / "my disk ü")
    assert place.root() == tmp_path / "my disk ü" / OURS
    asked = [sys.executable, "-c", "from s2f_blender_addon.runtime import place; print(ascii(str(place.root())))"]
    other = subprocess.run(asked, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True)
    assert other.stdout.strip() == ascii(str(tmp_path / "my disk ü" / OURS))
    place.choose(None)
    assert place.root() == place.default_root()


def test_only_a_full_path_can_be_chosen() -> None:
    with pytest.raises(UserError, match="no full path"):
        place.choose(Path("somewhere"))


def test_a_garbled_choice_is_the_default(home: Path) -> None:
    place.default_root().mkdir(parents=True)
    for garbage in (b"\xff\xfe\x00", b"", b"relative/path\n"):
        (place.default_root() / "folder.txt").write_bytes(garbage)
        assert place.root() == place.default_root()


def test_a_good_folder_is_made(tmp_path: Path) -> None:
    place.check(tmp_path / "new ü folder", 1000)
    assert list((tmp_path / "new ü folder").iterdir()) == []


def test_no_space_has_its_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12, 3 * 10**9))
    with pytest.raises(UserError, match=r"3.0 GB free and the GPU runtime needs 8.5 GB.*make room"):
        place.check(tmp_path, 8_500_000_000)


def test_no_permission_has_its_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests may run as root, which every folder is open to; so the refusal is simulated."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(place.tempfile, "TemporaryFile", refuse)
    with pytest.raises(UserError, match=r"Nothing can be written to .* \(Permission denied\); choose another folder"):
        place.check(tmp_path, 0)


def test_a_file_in_the_way_has_its_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="Nothing can be written"):
        place.check(tmp_path / "file" / "below", 0)


def test_a_path_longer_than_the_system_allows_has_its_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"(?s)Nothing can be written|characters long"):
        place.check(tmp_path / ("x" * 300), 0)


def test_long_and_foreign_paths_are_refused_on_windows_alone(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"is 1\d\d characters long.*such as C:.Speech2Face"):
        place.check(Path("C:/" + "x" * 120), 0, platform="win32")
    with pytest.raises(UserError, match="letters outside A to Z"):
        place.check(Path("C:/Gesprächskram"), 0, platform="win32")
    place.check(tmp_path / "Gesprächskram", 0, platform="linux")


def test_blenders_and_the_add_ons_folders_are_left_alone(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="which an update would wipe"):
        place.check(tmp_path / "blender" / "runtime", 0, keep_out=(tmp_path / "other", tmp_path / "blender"))
    assert not (tmp_path / "blender").exists()


def test_the_limit_on_windows_leaves_room_for_the_longest_file() -> None:
    """torch is by far the deepest package; its longest path is measured where it is installed."""
    try:
        files = distribution("torch").files or []
    except PackageNotFoundError:
        pytest.skip("this Python has no torch to measure")
    longest = max(len(str(file)) for file in files) + len("+cu130") - len("+cpu")
    assert place.LONGEST_ON_WINDOWS + len("/tmp/uv/archive-v0/123456789012345678901/") + longest <= 259
    assert place.LONGEST_ON_WINDOWS + len("/env-12345678-1/Lib/site-packages/") + longest <= 259
