"""A file from the network is whole or not there, and what has arrived is never fetched twice."""

import errno
import os
from pathlib import Path

import pytest

from s2f_blender_addon.core import patient
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.runtime import download
from s2f_blender_addon.runtime.download import fetch
from s2f_blender_addon.runtime.pylock import Wheel

from .conftest import Server, locked, wheel_file

SIZE = 1_000_000


@pytest.fixture
def wheel(server: Server) -> Wheel:
    """A wheel of a megabyte on the server."""
    return locked([wheel_file(server.folder, "thing", bulk=SIZE)], server.address).packages[0].wheels[0]


def quiet(_: int) -> None:
    pass


def test_arrives_whole_and_says_how_much_is_there(server: Server, wheel: Wheel, tmp_path: Path) -> None:
    said: list[int] = []
    path = fetch(wheel, tmp_path / "files", said.append)
    assert path.read_bytes() == (server.folder / wheel.name).read_bytes()
    assert said == sorted(said) and said[-1] == wheel.size and len(said) > 3
    assert [p.name for p in (tmp_path / "files").iterdir()] == [wheel.name]


def test_is_not_fetched_again(server: Server, wheel: Wheel, tmp_path: Path) -> None:
    fetch(wheel, tmp_path, quiet)
    fetch(wheel, tmp_path, quiet)
    assert len(server.asked) == 1


def test_a_cut_connection_is_taken_up_where_it_broke(server: Server, wheel: Wheel, tmp_path: Path) -> None:
    server.cut_after = 300_000
    fetch(wheel, tmp_path, quiet, pauses=(0.0, 0.0))
    starts = [int(wanted[6:-1]) if wanted else 0 for _, wanted in server.asked]
    assert starts == [0, 300_000, 600_000, 900_000]
    assert server.sent == wheel.size


def test_a_cut_for_good_keeps_what_has_arrived_for_the_next_time(server: Server, wheel: Wheel, tmp_path: Path) -> None:
    server.cut_after = 300_000

    def unplugged(count: int) -> None:
        if count >= 300_000:
            server.status = 503

    with pytest.raises(UserError, match="broke several times while fetching thing.*what has arrived is kept"):
        fetch(wheel, tmp_path, unplugged, pauses=(0.0, 0.0))
    server.status = server.cut_after = server.sent = 0
    fetch(wheel, tmp_path, quiet)
    assert server.sent == wheel.size - 300_000


def test_a_server_that_cannot_resume_starts_anew(server: Server, wheel: Wheel, tmp_path: Path) -> None:
    (tmp_path / f"{wheel.name}.part").write_bytes(b"x" * 1000)
    server.ranges = False
    assert fetch(wheel, tmp_path, quiet).stat().st_size == wheel.size


def test_a_part_that_is_too_long_is_thrown_away(server: Server, wheel: Wheel, tmp_path: Path) -> None:
    (tmp_path / f"{wheel.name}.part").write_bytes(b"x" * (wheel.size + 1))
    assert fetch(wheel, tmp_path, quiet).stat().st_size == wheel.size


def test_another_file_than_the_locked_one_is_refused_and_deleted(server: Server, wheel: Wheel, tmp_path: Path) -> None:
    content = bytearray((server.folder / wheel.name).read_bytes())
    content[SIZE // 2] ^= 1
    (server.folder / wheel.name).write_bytes(content)
    with pytest.raises(UserError, match="not the one that this version expects"):
        fetch(wheel, tmp_path / "files", quiet)
    assert list((tmp_path / "files").iterdir()) == []


def test_a_damaged_part_is_found_by_its_hash_and_not_kept(server: Server, wheel: Wheel, tmp_path: Path) -> None:
    (tmp_path / f"{wheel.name}.part").write_bytes(b"x" * 1000)
    with pytest.raises(UserError, match="try again"):
        fetch(wheel, tmp_path, quiet)
    assert fetch(wheel, tmp_path, quiet).stat().st_size == wheel.size


def test_silence_counts_as_a_cut(server: Server, wheel: Wheel, tmp_path: Path) -> None:
    server.stall_after = 100_000
    with pytest.raises(UserError, match=r"stopped answering.*what has arrived is kept"):
        fetch(wheel, tmp_path, quiet, stall=0.2, pauses=())
    assert (tmp_path / f"{wheel.name}.part").stat().st_size > 0


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (407, "proxy wants a name and password"),
        (403, "server or a firewall refused"),
        (404, "not on its server any more"),
        (500, "broke several times"),
    ],
)
def test_a_refusal_has_its_sentence(server: Server, wheel: Wheel, tmp_path: Path, status: int, sentence: str) -> None:
    server.status = status
    with pytest.raises(UserError, match=sentence):
        fetch(wheel, tmp_path, quiet, pauses=())


def test_a_proxy_that_wants_a_password_says_so(
    server: Server, wheel: Wheel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.status = 407
    monkeypatch.setenv("HTTPS_PROXY", server.address)
    tunnelled = Wheel(wheel.name, "https://files.example/thing.whl", wheel.size, wheel.sha256)
    with pytest.raises(UserError, match="HTTPS_PROXY"):
        fetch(tunnelled, tmp_path, quiet, pauses=())


def test_no_network_has_its_sentence(wheel: Wheel, tmp_path: Path) -> None:
    nowhere = Wheel(wheel.name, "http://127.0.0.1:9/thing.whl", wheel.size, wheel.sha256)
    with pytest.raises(UserError, match="network does not answer"):
        fetch(nowhere, tmp_path, quiet, pauses=())


def test_a_cancel_in_mid_file_keeps_the_part(server: Server, wheel: Wheel, tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def cancel(count: int) -> None:
        if count > 100_000:
            raise Enough

    with pytest.raises(Enough):
        fetch(wheel, tmp_path, cancel)
    assert 100_000 < (tmp_path / f"{wheel.name}.part").stat().st_size < wheel.size


def test_a_full_disk_has_its_sentence(wheel: Wheel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(download, "_copy", full)
    with pytest.raises(UserError, match="became full.*make room"):
        fetch(wheel, tmp_path, quiet)


def test_a_file_that_a_virus_scanner_keeps_has_its_sentence(
    wheel: Wheel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(*_: object) -> None:
        raise PermissionError(errno.EACCES, "held")

    monkeypatch.setattr(patient, "replace", held)
    with pytest.raises(UserError, match="virus scanner holds it: exclude this folder"):
        fetch(wheel, tmp_path, quiet)
