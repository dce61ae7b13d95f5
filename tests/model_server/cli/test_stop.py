"""Ctrl-C: one line and status 130, whenever it comes; no half file, no process stays behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from model_server.sample import SAMPLE

from .conftest import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to one process")

Child = subprocess.Popen[str]

_AT_IMPORT = """
import os, signal, sys
from model_server.cli.main import main

wanted = sys.argv.pop(1)

class Interrupts:
    def find_spec(self, name, path, target=None):
        if name == wanted:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupts())
sys.exit(main())
"""


@pytest.mark.parametrize("module", ["typer", "numpy", "model_server.cli.train", "model_server.engine", "soundfile"])
def test_while_it_reads_its_modules(module: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _AT_IMPORT, module, "infer", str(SAMPLE), "-o", str(tmp_path / "a.csv")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, preexec_fn=_heeds)
    assert (done.returncode, done.stderr) == (130, "s2f: stopped\n")
    assert not list(tmp_path.iterdir())


def _heeds() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs ignore Ctrl-C


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Callable[..., Child]]:
    """``begun(arguments…)`` is a command in a terminal of its own, as far as Ctrl-C is concerned."""
    children: list[Child] = []

    def begin(*arguments: object) -> Child:
        command = [sys.executable, "-m", "model_server", *map(str, arguments)]
        children.append(subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
            preexec_fn=_heeds,
        ))  # fmt: skip
        return children[-1]

    yield begin
    for child in children:
        child.kill()
        child.communicate()


def stopped(child: Child) -> str:
    """What it says on stderr after Ctrl-C, which all processes of the terminal get, once all of them are gone."""
    os.killpg(child.pid, signal.SIGINT)
    _, said = child.communicate(timeout=30)
    limit = time.monotonic() + 10
    while living(child.pid):
        assert time.monotonic() < limit, living(child.pid)
        time.sleep(0.05)
    return said


def living(session: int) -> list[str]:
    """The processes of ``session`` that still run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, whose = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(whose) == session and state != "Z":
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def halves(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.startswith(".")]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("rig", ["", "demo"])
def test_in_the_middle_of_a_batch(rig: str, begun: Callable[..., Child], tmp_path: Path) -> None:
    ending = "blend" if rig else "csv"
    for number in range(4):
        shutil.copy(SAMPLE, tmp_path / f"{number}.wav")
    rows = [f"{number}.wav,out/{number}.{ending},{rig}\n" for number in range(4)]
    (tmp_path / "all.csv").write_text("sound,out,rig\n" + "".join(rows))
    child = begun("batch", tmp_path / "all.csv", "--jobs", "2")
    limit = time.monotonic() + 60
    while not (tmp_path / "out").is_dir():
        assert child.poll() is None and time.monotonic() < limit
        time.sleep(0.02)
    assert stopped(child) == "s2f: stopped\n"
    assert child.returncode == 130
    assert not halves(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_server_says_nothing_else_and_takes_its_workers_along(begun: Callable[..., Child]) -> None:
    child = begun("serve", "--port", "0", "--workers", "1")
    assert child.stdout is not None
    assert any("Token" in line for line in child.stdout)
    said = stopped(child)
    assert "Traceback" not in said
    assert child.returncode in (0, 130)
