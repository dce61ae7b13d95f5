"""What setting up the runtime would do, said before anything is done."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ..core import launch
from ..core.errors import UserError
from . import probe
from .builds import LOCKS, Build, choose
from .pylock import Target, Wheel, read, selected
from .tools import PYTHON, blenders_own

UNPACKED = 2.0
"""Bytes on disk per byte of wheel, rounded up: linux-cu130 takes 4.83 GB from 2.76 GB of wheels."""

PYTHON_BYTES = 130_000_000
"""A Python as uv brings it: about 30 MB to fetch and 100 MB unpacked."""


@dataclass(frozen=True)
class SetupPlan:
    """``fetched``: bytes still to come; ``unpacked``: bytes on disk in the end; ``files``: what is fetched."""

    build: Build
    folder: Path
    files: tuple[Wheel, ...]
    fetched: int
    unpacked: int

    @property
    def room(self) -> int:
        """Bytes that must be free: for a while the files are there both packed and unpacked."""
        return self.fetched + self.unpacked

    @property
    def question(self) -> list[str]:
        """Lines for the dialog that asks."""
        card = self.build.card
        return [
            f"Card: {card.name}, {card.memory / 2**30:.0f} GB ({self.build.name})",
            f"To fetch: {self.fetched / 1e9:.1f} GB in {len(self.files)} files, from pypi.org"
            + (" and download.pytorch.org" if any("pytorch.org" in wheel.url for wheel in self.files) else ""),
            f"That is torch with NVIDIA's CUDA libraries, transformers, uv, and a Python {PYTHON} from github.com.",
            f"Free space needed: {self.room / 1e9:.1f} GB in {self.folder}",
            "NVIDIA's libraries come under NVIDIA's licence. Nothing is sent but requests for these files.",
        ]


def machine(limit: float = 30.0) -> probe.Machine:
    """This machine, asked in a child process. Raises UserError when the driver does not let it answer."""
    try:
        quiet = subprocess.DEVNULL
        asked = [sys.executable, *launch.ISOLATED, probe.__file__]
        with launch.start(asked, stdin=quiet, stdout=subprocess.PIPE, stderr=quiet) as child:
            try:
                answer, _ = child.communicate(timeout=limit)
            finally:
                child.kill()
        return probe.from_json(answer.decode("utf-8", "replace"))
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, TypeError) as error:
        raise UserError("The graphics driver does not answer; restart the computer or install it again.") from error


def plan(folder: Path, of: probe.Machine | None = None) -> SetupPlan:
    """What there is to do in ``folder``. Asks the driver, so not for the main thread. Raises UserError."""
    build = choose(of or machine())
    files = wheels(build.name)
    there = sum(_there(folder / "files" / wheel.name, wheel) for wheel in files)
    total = sum(wheel.size for wheel in files)
    unpacked = int(total * UNPACKED) + PYTHON_BYTES
    return SetupPlan(build, folder, files, total - there + PYTHON_BYTES // 4, unpacked)


def wheels(build: str, target: Target | None = None) -> tuple[Wheel, ...]:
    """Every file of ``build`` for ``target`` (the Python that uv brings, when None), uv's own included."""
    own = blenders_own().target
    major, minor = PYTHON.split(".")
    target = target or Target((int(major), int(minor)), own.system, own.glibc)
    chosen = selected(read(LOCKS / f"pylock.{build}.toml"), target)
    return tuple(wheel for _, wheel in [*chosen, *selected(read(LOCKS / "pylock.uv.toml"), target)])


def offline_list(build: str) -> str:
    """What a computer without network needs in its folder of wheels: one address and hash per line."""
    listed = wheels(build, blenders_own().target)
    return "".join(f"{wheel.url}  sha256 {wheel.sha256}  {wheel.size} bytes\n" for wheel in listed)


def _there(path: Path, wheel: Wheel) -> int:
    """Bytes of ``wheel`` that have arrived earlier."""
    for candidate in (path, path.with_name(f"{path.name}.part")):
        if candidate.is_file():
            return min(candidate.stat().st_size, wheel.size)
    return 0
