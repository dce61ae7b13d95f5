"""What is installed in a folder, as the files in it say.

``runtime.json`` points to the environment in use. It is written last and replaced whole, so an installation that was
cut is never taken for a runtime.
"""

import json
import sys
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path

from ..core.errors import UserError
from ..core.whole_file import whole_file
from . import folder_marker, pylock
from .builds import LOCKS

POINTER = "runtime.json"
ENVIRONMENTS = "env-"
FORMAT = 1


class RuntimeState(Enum):
    """In which state a runtime is; the second group only while something works on it."""

    NOT_INSTALLED = "not installed"
    BROKEN = "broken"
    UPDATE_REQUIRED = "update required"
    READY = "ready"

    INSTALLING = "installing"
    VERIFYING = "verifying"
    REMOVING = "removing"


@dataclass(frozen=True)
class Installed:
    """A runtime that answered with a real inference. ``lock`` is the digest of what it was made from."""

    environment: str
    build: str
    lock: str
    device: str
    card: str
    format: int = FORMAT


@dataclass(frozen=True)
class Found:
    """What a folder holds. ``why`` says more about BROKEN and UPDATE_REQUIRED."""

    state: RuntimeState
    installed: Installed | None = None
    why: str = ""


def inspect(root: Path) -> Found:
    """Look at ``root``; quick enough for the main thread now and then, not for every redraw."""
    installed = read(root)
    if installed is None:
        if (root / POINTER).exists():
            return Found(RuntimeState.BROKEN, None, f"{root / POINTER} is damaged; press Repair.")
        return Found(RuntimeState.NOT_INSTALLED)
    if not _stands(root / installed.environment):
        why = f"Files in {root / installed.environment}, or the Python below them, are gone; press Repair."
        return Found(RuntimeState.BROKEN, installed, why)
    try:
        wanted = pylock.read(LOCKS / f"pylock.{installed.build}.toml").digest
    except UserError:
        wanted = ""
    if installed.lock != wanted:
        why = "This version of Speech2Face comes with other packages; the runtime works on until you press Update."
        return Found(RuntimeState.UPDATE_REQUIRED, installed, why)
    return Found(RuntimeState.READY, installed)


def python(root: Path) -> Path | None:
    """The Python of the runtime in ``root``; None when there is none that can start."""
    installed = read(root)
    if installed is None or not _stands(root / installed.environment):
        return None
    return python_of(root / installed.environment)


def python_of(environment: Path) -> Path:
    """Where the Python of a virtual environment is."""
    return environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def read(root: Path) -> Installed | None:
    """What the pointer says; None when there is none, or none that makes sense."""
    try:
        values = json.loads((root / POINTER).read_text(encoding="utf-8"))
        installed = Installed(**values)
    except (OSError, ValueError, TypeError):
        return None
    if not all(type(v) is str for v in (installed.environment, installed.build, installed.lock, installed.device)):
        return None
    name = installed.environment
    if installed.format != FORMAT or not name.startswith(ENVIRONMENTS) or Path(name).name != name:
        return None
    return installed


def write(root: Path, installed: Installed) -> None:
    """Point to ``installed``. Raises OSError."""
    with whole_file(root / POINTER) as temporary:
        temporary.write_text(json.dumps(asdict(installed), indent=1) + "\n", encoding="utf-8")


def new_environment(root: Path, digest: str) -> Path:
    """A folder that does not exist yet, for an environment made from the lock ``digest``; its name is short."""
    for number in range(1, 1000):
        folder = root / f"{ENVIRONMENTS}{digest[:8]}-{number}"
        if not folder.exists():
            return folder
    raise UserError(f"{root} is full of old environments; press Remove and set the GPU runtime up again.")


def sweep(root: Path, keep: str = "") -> list[Path]:
    """Delete every environment but ``keep``; returns what could not be deleted, as while a model process runs in it.

    Raises UserError where ``root`` is not the runtime's own.
    """
    return folder_marker.delete(root, *(folder.name for folder in root.glob(f"{ENVIRONMENTS}*") if folder.name != keep))


def _stands(environment: Path) -> bool:
    """Whether the environment's Python is there, and the Python that it was made from."""
    try:
        if not python_of(environment).is_file():
            return False
        for line in (environment / "pyvenv.cfg").read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            if name.strip() == "home":
                return Path(value.strip()).is_dir()
    except (OSError, UnicodeDecodeError):
        pass
    return False
