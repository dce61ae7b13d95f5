"""Installing for real: from a server on loopback or a folder, into a real environment, tested by a real inference.

The builds here consist of numpy, as it is installed in this Python, and tiny packages; so they run on the CPU.
"""

import hashlib
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.process.client import ModelProcess
from s2f_blender_addon.process.command import with_torch
from s2f_blender_addon.process.connection import ConnectionState
from s2f_blender_addon.runtime import environment, folder_marker, pylock, state, tools, work
from s2f_blender_addon.runtime.download import Tick, fetch
from s2f_blender_addon.runtime.installation import News
from s2f_blender_addon.runtime.installer_lock import claimed
from s2f_blender_addon.runtime.pylock import Lock, Wheel
from s2f_blender_addon.runtime.state import RuntimeState, inspect
from s2f_blender_addon.runtime.verify import Answer
from s2f_blender_addon.runtime.work import Order, Work, installing, removing

from .conftest import Server, locked, numpy_wheel, wheel_file, zipped

PATIENCE = 120.0


@pytest.fixture(scope="session")
def numpy_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return numpy_wheel(tmp_path_factory.mktemp("numpy"))


UV = Path(sys.executable).with_name("uv.exe" if sys.platform == "win32" else "uv")
"""uv beside this Python; where it is missing pip does the work, only slower."""


def found_here() -> Path | None:
    return UV if UV.is_file() else None


@pytest.fixture(autouse=True)
def no_internet(monkeypatch: pytest.MonkeyPatch) -> None:
    """uv is one that is found here, not the user's; and it fetches no Python, which would come from the internet."""
    monkeypatch.setattr(tools, "found_uv", found_here)
    monkeypatch.setattr(tools, "managed_python", lambda *_: None)


@pytest.fixture
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Lock], None]:
    """``locks(lock)`` makes ``lock`` the one that this version of the add-on comes with."""

    def come_with(lock: Lock) -> None:
        monkeypatch.setattr(state.pylock, "read", lambda _: lock)

    return come_with


NOTHING = Lock("0" * 64, ())


def uv_lock(server: Server) -> Lock:
    """uv, of which the server knows nothing, so that one that is found here does the work."""
    lock = pylock.read(Path(pylock.__file__).with_name("locks") / "pylock.uv.toml")
    package = lock.packages[0]
    wheels = tuple(pylock.Wheel(w.name, f"{server.address}/none", w.size, w.sha256) for w in package.wheels)
    return Lock(lock.digest, (pylock.Package(package.name, package.version, wheels),))


def order(server: Server, folder: Path, lock: Lock, **more: object) -> Order:
    return Order(folder, "linux-cu130", lock, more.pop("uv", None) or uv_lock(server), "A card", "cpu", **more)  # type: ignore[arg-type]


def finished(job: Work, watch: Callable[[News], None] = lambda _: None) -> News:
    """Start ``job`` and poll it to its end, as the timer does."""
    job.start()
    end = time.monotonic() + PATIENCE
    while not job.poll():
        assert time.monotonic() < end, job.latest
        watch(job.latest)
        time.sleep(0.01)
    job.join(5.0)
    return job.latest


def contents(folder: Path) -> set[str]:
    own = {"install.log", "install.lock", folder_marker.MARKER, "tool", "python"}
    return {path.name for path in folder.iterdir()} - own


def test_the_whole_life_of_a_runtime(
    server: Server, numpy_file: Path, tmp_path: Path, locks: Callable[[Lock], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set up with pip in a folder with a difficult name, used, updated beside itself, removed."""
    folder = tmp_path / "Gesprächs Ordner 你好"
    monkeypatch.setattr(tools, "found_uv", lambda: None)
    shutil.copy(numpy_file, server.folder)
    files = [server.folder / numpy_file.name, wheel_file(server.folder, "torchlike", bulk=2_000_000)]
    lock = locked(files, server.address)
    locks(lock)
    news: list[News] = []
    assert finished(installing(order(server, folder, lock)), news.append).sentence == ""
    assert inspect(folder).state is RuntimeState.READY
    assert [n.fraction for n in news] == sorted(n.fraction for n in news)
    assert any("of " in n.doing and "MB" in n.doing for n in news)
    states = {n.state for n in news}
    assert [s for s in RuntimeState if s in states] == [RuntimeState.INSTALLING, RuntimeState.VERIFYING]
    first = inspect(folder).installed
    assert first is not None and first.device == "cpu" and first.card == "A card"
    assert contents(folder) == {"runtime.json", first.environment}

    python = state.python(folder)
    assert python is not None
    process = ModelProcess(with_torch(str(python)))
    process.start()
    while process.state is ConnectionState.STARTING:
        process.messages()
        time.sleep(0.02)
    assert process.hello is not None and process.hello.backend == "numpy"
    process.stop()

    monkeypatch.setattr(tools, "found_uv", found_here)
    newer = locked([*files, wheel_file(server.folder, "extra")], server.address)
    locks(newer)
    assert inspect(folder).state is RuntimeState.UPDATE_REQUIRED
    during: set[bool] = set()
    update = installing(order(server, folder, newer))
    assert finished(update, lambda _: during.add(state.python(folder) is not None)).sentence == ""
    assert during == {True}
    second = inspect(folder).installed
    assert second is not None and second.environment != first.environment
    assert inspect(folder).state is RuntimeState.READY and contents(folder) == {"runtime.json", second.environment}

    (folder / "mine.txt").write_text("a file of the user's")
    assert finished(removing(folder)).sentence == ""
    assert inspect(folder).state is RuntimeState.NOT_INSTALLED and contents(folder) == {"mine.txt"}


@pytest.fixture
def small(server: Server) -> Lock:
    """A build of three tiny packages, without numpy: installs, but no model runs in it."""
    bulky = [wheel_file(server.folder, name, bulk=600_000) for name in ("one", "two", "three")]
    return locked(bulky, server.address)


def test_an_environment_that_cannot_infer_never_counts_as_a_runtime(
    server: Server, small: Lock, tmp_path: Path
) -> None:
    last = finished(installing(order(server, tmp_path / "f", small)))
    assert "Testing the GPU runtime failed" in last.sentence and "numpy" in last.sentence
    assert last.state is inspect(tmp_path / "f").state is RuntimeState.NOT_INSTALLED
    assert contents(tmp_path / "f") == {"files", "tmp"}


def test_a_failed_update_leaves_the_old_runtime_in_use(
    server: Server, small: Lock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "f"
    with monkeypatch.context() as patch:
        patch.setattr(work, "verify", lambda *_: Answer("numpy", "cpu", 0.0))
        assert finished(installing(order(server, folder, small))).sentence == ""
    before = state.python(folder)
    newer = locked([*server.folder.glob("*.whl"), wheel_file(server.folder, "extra")], server.address)
    assert finished(installing(order(server, folder, newer))).sentence
    assert before is not None and state.python(folder) == before and before.exists()


def test_a_cut_is_said_and_the_next_time_goes_on_where_it_stopped(
    server: Server, small: Lock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unplugged(wheel: Wheel, files: Path, tick: Tick) -> Path:
        def pull(count: int) -> None:
            tick(count)
            if wheel.name.startswith("two") and count >= 400_000:
                server.status = 503

        return fetch(wheel, files, pull, pauses=())

    server.cut_after = 400_000
    with monkeypatch.context() as patch:
        patch.setattr(work, "fetch", unplugged)
        last = finished(installing(order(server, tmp_path / "f", small)))
    assert "broke several times while fetching two" in last.sentence and "kept" in last.sentence
    arrived = sum(f.stat().st_size for f in (tmp_path / "f" / "files").iterdir())
    server.cut_after = server.status = server.sent = 0
    finished(installing(order(server, tmp_path / "f", small)))
    total = sum(package.wheels[0].size for package in small.packages)
    assert arrived > 0 and server.sent == total - arrived


def test_cancel_while_fetching_stops_soon_and_keeps_what_is_there(
    server: Server, small: Lock, tmp_path: Path
) -> None:
    server.slow = 0.05
    job = installing(order(server, tmp_path / "f", small))
    began: list[float] = []

    def cancel(news: News) -> None:
        if "MB" in news.doing and not began:
            began.append(time.monotonic())
            job.cancel()

    last = finished(job, cancel)
    assert time.monotonic() - began[0] < 2
    assert last.sentence.startswith("Cancelled") and last.state is RuntimeState.NOT_INSTALLED
    assert any((tmp_path / "f" / "files").iterdir())


def test_cancel_while_installing_ends_pip_and_leaves_no_environment(
    server: Server, small: Lock, tmp_path: Path
) -> None:
    job = installing(order(server, tmp_path / "f", small))
    last = finished(job, lambda news: job.cancel() if news.doing.startswith("Installing") else None)
    assert last.sentence.startswith("Cancelled")
    assert not list((tmp_path / "f").glob("env-*"))


def test_a_file_with_another_hash_installs_nothing(server: Server, small: Lock, tmp_path: Path) -> None:
    victim = next(server.folder.glob("two*"))
    content = bytearray(victim.read_bytes())
    content[-100] ^= 1
    victim.write_bytes(content)
    last = finished(installing(order(server, tmp_path / "f", small)))
    assert "not the one that this version expects" in last.sentence
    assert not list((tmp_path / "f").glob("env-*"))


def test_no_space_is_said_before_anything_is_fetched(server: Server, small: Lock, tmp_path: Path) -> None:
    last = finished(installing(order(server, tmp_path / "f", small, room=10**18)))
    assert "GB free" in last.sentence and server.asked == []


def test_blenders_folder_is_refused(server: Server, small: Lock, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="which an update would wipe"):
        finished(installing(order(server, tmp_path / "blender" / "x", small, keep_out=(tmp_path / "blender",))))
    assert not (tmp_path / "blender").exists()


def test_two_blenders_do_not_install_at_once(server: Server, small: Lock, tmp_path: Path) -> None:
    folder_marker.take(tmp_path / "f")
    with claimed(tmp_path / "f"):
        last = finished(installing(order(server, tmp_path / "f", small)))
    assert "being set up by another Blender" in last.sentence and server.asked == []


def test_the_log_tells_the_story_without_the_users_secrets(
    server: Server, small: Lock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://ann:hunter2@127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    finished(installing(order(server, tmp_path / "f", small)))
    log = (tmp_path / "f" / "install.log").read_text()
    assert "Fetching" in log and "pip install" in log and "hunter2" not in log


@pytest.mark.parametrize("damage", ["missing", "other"])
def test_a_folder_of_wheels_must_be_whole(server: Server, small: Lock, tmp_path: Path, damage: str) -> None:
    wheels = tmp_path / "wheels"
    shutil.copytree(server.folder, wheels)
    victim = next(wheels.glob("two*"))
    victim.unlink() if damage == "missing" else victim.write_bytes(b"x")
    last = finished(installing(order(server, tmp_path / "f", small, wheels=wheels)))
    assert ("lacks two-1.0-py3-none-any.whl; press Copy List" if damage == "missing" else "is damaged") in last.sentence
    assert server.asked == []


@pytest.fixture(scope="session")
def uv_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """uv as it is installed in this Python, as a wheel again."""
    if not UV.is_file():
        pytest.skip("uv is not installed beside this Python")
    path = tmp_path_factory.mktemp("uv") / "uv-1.0-py3-none-any.whl"
    return zipped(path, "uv-1.0.dist-info", {f"uv-1.0.data/scripts/{UV.name}": UV.read_bytes()})


def test_from_a_folder_of_wheels_with_uv_nothing_is_asked_of_the_network(
    server: Server, uv_file: Path, numpy_file: Path, tmp_path: Path
) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    files = [Path(shutil.copy(numpy_file, wheels)), wheel_file(wheels, "torchlike")]
    uv = locked([Path(shutil.copy(uv_file, wheels))], "")
    lock = locked(files, "")
    assert finished(installing(order(server, tmp_path / "ü f", lock, wheels=wheels, uv=uv))).sentence == ""
    found = state.read(tmp_path / "ü f")
    assert found is not None and found.device == "cpu"
    assert "pip install --python" in (tmp_path / "ü f" / "install.log").read_text()
    assert server.asked == [] and {f.name for f in wheels.iterdir()} == {f.name for f in [*files, uv_file]}


def test_uv_refuses_a_file_that_was_changed_after_it_was_checked(
    server: Server, uv_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = wheel_file(server.folder, "one")
    lock = locked([file], server.address)
    uv = locked([Path(shutil.copy(uv_file, server.folder))], server.address)
    create = environment.create

    def change(*arguments: object) -> None:
        create(*arguments)  # type: ignore[arg-type]
        wheel_file(tmp_path / "f" / "files", "one", bulk=10)

    monkeypatch.setattr(environment, "create", change)
    last = finished(installing(order(server, tmp_path / "f", lock, uv=uv)))
    assert "not the one that this version expects" in last.sentence
    assert hashlib.sha256(file.read_bytes()).hexdigest() == lock.packages[0].wheels[0].sha256


def test_uv_is_fetched_with_its_hash_and_does_the_work(
    server: Server, uv_file: Path, numpy_file: Path, tmp_path: Path, locks: Callable[[Lock], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """On a computer that has none."""
    monkeypatch.setattr(tools, "found_uv", lambda: None)
    lock = locked([Path(shutil.copy(numpy_file, server.folder))], server.address)
    locks(lock)
    uv = locked([Path(shutil.copy(uv_file, server.folder))], server.address)
    assert finished(installing(order(server, tmp_path / "f", lock, uv=uv))).sentence == ""
    assert inspect(tmp_path / "f").state is RuntimeState.READY
    assert [name for name, _ in server.asked] == [uv_file.name, numpy_file.name]
    log = (tmp_path / "f" / "install.log").read_text(encoding="utf-8")
    assert f"{tmp_path / 'f' / 'tool' / UV.name} pip install" in log and "-m pip" not in log


def test_a_uv_that_is_another_file_never_runs(
    server: Server, uv_file: Path, small: Lock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools, "found_uv", lambda: None)
    monkeypatch.setattr(work, "verify", lambda *_: Answer("numpy", "cpu", 0.0))
    served = Path(shutil.copy(uv_file, server.folder))
    uv = locked([served], server.address)
    served.write_bytes(served.read_bytes()[:-1] + b"?")
    assert finished(installing(order(server, tmp_path / "f", small, uv=uv))).sentence == ""
    log = (tmp_path / "f" / "install.log").read_text(encoding="utf-8")
    assert "uv cannot be fetched: A file is not the one that this version expects" in log and "-m pip install" in log
    assert not (tmp_path / "f" / "tool").exists()


def test_a_uv_that_a_virus_scanner_took_away_has_its_sentence(
    server: Server, small: Lock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools, "found_uv", lambda: tmp_path / "uv")
    assert "virus scanner took away a file" in finished(installing(order(server, tmp_path / "f", small))).sentence


def test_without_uv_and_pip_the_sentence_says_so(
    server: Server, small: Lock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a distribution's Blender whose Python comes without ensurepip."""
    bare = tmp_path / "bare"
    bare.write_text(f"#!/bin/sh\nexec {sys.executable} -c 'raise SystemExit(\"No module named ensurepip\")'\n")
    bare.chmod(0o755)
    base = tools.Base(bare, tools.blenders_own().target, managed=False)
    monkeypatch.setattr(tools, "blenders_own", lambda: base)
    monkeypatch.setattr(tools, "found_uv", lambda: None)
    if sys.platform == "win32":
        pytest.skip("a shell script stands in for the Python")
    last = finished(installing(order(server, tmp_path / "f", small)))
    assert "without pip and venv" in last.sentence
