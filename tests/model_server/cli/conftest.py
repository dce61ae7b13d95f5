"""Real ``s2f`` processes, and a track to give them."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from model_server.cli.main import main
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.formats import write
from s2f_blender_addon.core.track import FaceTrack

ROOT = Path(__file__).resolve().parents[3]
S2F = Callable[..., subprocess.CompletedProcess[str]]
Refused = Callable[..., str]


@pytest.fixture(scope="session")
def s2f() -> S2F:
    """Run ``s2f ARGUMENTS…`` as a user would, in ``cwd``."""

    def run(*arguments: object, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "model_server.cli.main", *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **environment},
            capture_output=True,
            encoding="utf-8",
            timeout=300,
        )

    return run


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that a command which refused its input left on stderr."""
    return _one_line(done.returncode, done.stderr)


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Refused]:
    """``refused(ARGUMENTS…)`` is the one line with which ``s2f ARGUMENTS…`` refuses its input; in this process, which
    need not read all modules again.
    """

    def run(*arguments: object) -> str:
        monkeypatch.setattr(sys, "argv", ["s2f", *map(str, arguments)])
        capsys.readouterr()
        status = main()
        return _one_line(status, capsys.readouterr().err)

    before = signal.getsignal(signal.SIGINT)
    yield run
    signal.signal(signal.SIGINT, before)


def _one_line(status: int, said: str) -> str:
    assert status == 2, said
    assert len(said.splitlines()) == 1, said
    assert "Traceback" not in said
    return said.rstrip("\n")


@pytest.fixture
def jaw_track(tmp_path: Path) -> Path:
    """Half a second in which only the jaw moves, as a .s2f file."""
    talk = np.zeros((31, 52), np.float32)
    talk[:, INDEX["jawOpen"]] = np.linspace(0, 1, 31)
    path = tmp_path / "Kiefer ä.s2f"
    write(path, FaceTrack(talk, np.zeros_like(talk), 60.0))
    return path
