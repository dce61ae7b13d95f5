"""What a folder is taken for, by the files in it."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.runtime import folder_marker, pylock, state
from s2f_blender_addon.runtime.builds import LOCKS
from s2f_blender_addon.runtime.installer_lock import claimed
from s2f_blender_addon.runtime.state import Installed, RuntimeState, inspect, python, python_of

DIGEST = pylock.read(LOCKS / "pylock.linux-cu130.toml").digest


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    """A folder with a runtime that looks complete."""
    folder_marker.take(tmp_path)
    made = state.new_environment(tmp_path, DIGEST)
    python_of(made).parent.mkdir(parents=True)
    python_of(made).write_text("")
    (tmp_path / "base").mkdir()
    (made / "pyvenv.cfg").write_text(f"home = {tmp_path / 'base'}\nversion = 3.12\n")
    state.write(tmp_path, Installed(made.name, "linux-cu130", DIGEST, "cuda", "A card"))
    return tmp_path


def test_an_empty_or_missing_folder_holds_nothing(tmp_path: Path) -> None:
    assert inspect(tmp_path).state is inspect(tmp_path / "no").state is RuntimeState.NOT_INSTALLED
    assert python(tmp_path) is None


def test_a_complete_runtime_is_ready(ready: Path) -> None:
    found = inspect(ready)
    assert found.state is RuntimeState.READY and found.installed is not None
    assert found.installed.card == "A card"
    assert python(ready) == python_of(ready / found.installed.environment)


def test_an_environment_without_its_pointer_is_nothing(ready: Path) -> None:
    """Which is how a cut installation looks."""
    (ready / "runtime.json").unlink()
    assert inspect(ready).state is RuntimeState.NOT_INSTALLED


def test_another_lock_means_an_update_and_the_runtime_still_serves(ready: Path) -> None:
    values = json.loads((ready / "runtime.json").read_text())
    (ready / "runtime.json").write_text(json.dumps(values | {"lock": "0" * 64}))
    assert inspect(ready).state is RuntimeState.UPDATE_REQUIRED
    assert "press Update" in inspect(ready).why
    assert python(ready) is not None


def test_a_missing_python_means_broken(ready: Path) -> None:
    found = inspect(ready).installed
    assert found is not None
    python_of(ready / found.environment).unlink()
    assert inspect(ready).state is RuntimeState.BROKEN and python(ready) is None
    assert "press Repair" in inspect(ready).why


def test_a_missing_blender_below_the_environment_means_broken(ready: Path) -> None:
    (ready / "base").rmdir()
    assert inspect(ready).state is RuntimeState.BROKEN and python(ready) is None


@pytest.mark.parametrize(
    "change",
    [{"environment": "../../etc"}, {"environment": "env-a/../.."}, {"format": 99}, {"environment": 3}, {"extra": 1}],
)
def test_a_pointer_that_makes_no_sense_means_broken(ready: Path, change: dict[str, object]) -> None:
    values = json.loads((ready / "runtime.json").read_text())
    (ready / "runtime.json").write_text(json.dumps(values | change))
    assert inspect(ready).state is RuntimeState.BROKEN and python(ready) is None


@pytest.mark.parametrize("garbage", [b"", b"{", b"[]", b"\xff\xff", b"null"])
def test_a_garbled_pointer_means_broken(ready: Path, garbage: bytes) -> None:
    (ready / "runtime.json").write_bytes(garbage)
    assert inspect(ready).state is RuntimeState.BROKEN and python(ready) is None


def test_a_sweep_leaves_the_one_in_use(ready: Path) -> None:
    installed = state.read(ready)
    assert installed is not None
    other = state.new_environment(ready, DIGEST)
    other.mkdir()
    assert state.sweep(ready, keep=installed.environment) == []
    assert inspect(ready).state is RuntimeState.READY and not other.exists()


def test_two_installers_at_once_have_a_sentence(tmp_path: Path) -> None:
    taken = pytest.raises(UserError, match=rf"another Blender \(process {os.getpid()}\)")
    with claimed(tmp_path), taken, claimed(tmp_path):
        pass
    with claimed(tmp_path):
        pass


def test_a_claim_holds_against_other_processes_and_ends_with_its_own(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from s2f_blender_addon.runtime.installer_lock import claimed\n"
        "with claimed(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert child.stdout is not None and child.stdout.readline().strip() == b"held"
    with pytest.raises(UserError, match=rf"process {child.pid}"), claimed(tmp_path):
        pass
    child.kill()
    child.wait()
    child.stdout.close()
    with claimed(tmp_path):
        pass


def test_a_claim_is_dropped_when_its_thread_fails(tmp_path: Path) -> None:
    def fail() -> None:
        try:
            with claimed(tmp_path):
                raise RuntimeError
        except RuntimeError:
            pass

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    time.sleep(0)
    with claimed(tmp_path):
        pass
