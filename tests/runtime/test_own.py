"""Nothing of the user's is deleted: only in a folder of our own name, and only where our marker lies in it."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.runtime import folder_marker, place, state, work
from s2f_blender_addon.runtime.installer_lock import claimed
from s2f_blender_addon.runtime.journal import NAME, Journal
from s2f_blender_addon.runtime.pylock import Lock, Package, Wheel
from s2f_blender_addon.runtime.work import Order, installing, removing

NAMES = ("files", "tmp", "tool", "python", "env-mine", "env-00000000-1")
"""What the runtime calls its folders, and a user may call theirs."""

links = pytest.mark.skipif(sys.platform == "win32", reason="making links needs rights on Windows")


def users(folder: Path) -> dict[Path, str]:
    """Files of a user's in ``folder``, under each of the runtime's names."""
    made = {folder / name / "thesis.txt": f"all of {name}" for name in NAMES}
    made |= {folder / "runtime.json": "{}", folder / "install.log": "mine", folder / "install.lock": "mine"}
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return made


def intact(files: dict[Path, str]) -> bool:
    return all(path.read_text() == text for path, text in files.items())


def ended(job: work.Work) -> str:
    job.start()
    job.join(30)
    assert job.poll()
    return job.latest.sentence


def install(folder: Path) -> str:
    lock = Lock("0" * 64, (Package("torch", "1", (Wheel("torch-1-py3-none-any.whl", "", 1, "0" * 64),)),))
    return ended(installing(Order(folder, "linux-cu130", lock, Lock("0" * 64, ()), wheels=folder)))


@pytest.fixture
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Path]:
    """``chosen(folder)`` chooses it as a user does, and gives where the runtime then lies."""
    for variable in ("HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))

    def choose(folder: Path) -> Path:
        place.choose(folder)
        return place.root()

    return choose


def test_a_chosen_folder_full_of_the_same_names_is_left_alone(tmp_path: Path, chosen: Callable[[Path], Path]) -> None:
    mine = users(tmp_path / "projects")
    root = chosen(tmp_path / "projects")
    assert root.parent == tmp_path / "projects"
    assert "lacks torch" in install(root)
    ended(removing(root))
    assert intact(mine)


def test_a_folder_of_our_name_with_the_users_files_is_refused(tmp_path: Path, chosen: Callable[[Path], Path]) -> None:
    root = chosen(tmp_path)
    mine = users(root)
    with pytest.raises(UserError, match=r"holds files that are not the GPU runtime's \(env-.*move them elsewhere"):
        install(root)
    with pytest.raises(UserError, match=r"lacks the file speech2face-runtime.txt.*by hand"):
        ended(removing(root))
    with pytest.raises(UserError, match="lacks the file"):
        state.sweep(root)
    assert intact(mine)


def test_no_other_file_is_the_marker(tmp_path: Path) -> None:
    for number, text in enumerate(("", "a list of speeches", "\udcff")):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / folder_marker.MARKER).write_bytes(text.encode("utf-8", "surrogateescape"))
        assert not folder_marker.is_ours(folder)
        with pytest.raises(UserError, match="holds files that are not"):
            folder_marker.take(folder)


def test_choosing_our_own_folder_again_does_not_nest(tmp_path: Path, chosen: Callable[[Path], Path]) -> None:
    root = chosen(tmp_path / "disk")
    assert chosen(root) == root
    folder_marker.take(root)
    assert chosen(root) == root
    assert chosen(place.default_root()) == place.default_root() == chosen(place.default_root())


def test_the_default_folder_may_hold_the_choice(tmp_path: Path, chosen: Callable[[Path], Path]) -> None:
    chosen(tmp_path / "disk")
    folder_marker.take(place.default_root())
    assert folder_marker.is_ours(place.default_root())


@links
def test_a_link_in_place_of_our_folder_is_refused(tmp_path: Path) -> None:
    mine = users(tmp_path / "mine")
    folder_marker.take(tmp_path / "real")
    for target in ("mine", "real"):
        link = tmp_path / f"to {target}"
        link.symlink_to(tmp_path / target, target_is_directory=True)
        assert not folder_marker.is_ours(link)
        with pytest.raises(UserError, match="is a link"):
            folder_marker.take(link)
    assert intact(mine)


@links
def test_a_link_inside_is_not_followed_when_its_place_is_deleted(tmp_path: Path) -> None:
    mine = users(tmp_path / "mine")
    folder_marker.take(tmp_path / "ours")
    (tmp_path / "ours" / "files").symlink_to(tmp_path / "mine", target_is_directory=True)
    assert folder_marker.delete(tmp_path / "ours", "files") == [tmp_path / "ours" / "files"]
    assert intact(mine)


@links
@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_lock_and_log_never_write_into_another_file(
    tmp_path: Path, link: Callable[[Path, Path], None]
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious" * 200_000)
    for name in ("install.lock", NAME):
        link(victim, tmp_path / name)
    with pytest.raises(UserError, match=r"install.lock cannot be used .*delete it"), claimed(tmp_path):
        pass
    Journal(tmp_path).write("a line")
    assert victim.read_text() == "precious" * 200_000


@links
def test_a_pipe_in_place_of_the_log_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / NAME)
    Journal(tmp_path).write("a line")
