"""uv, and the Python under the environment.

uv comes from the package registry with its hash, or is found on this computer. The Python is one that uv brings (it
then outlives every Blender), or else Blender's own.
"""

import json
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.request import getproxies

from ..core import launch, patient
from . import children
from .children import Failed
from .download import fetch
from .installation import Installation
from .pylock import Lock, Target, selected

PYTHON = "3.12"
"""What uv is asked for: the version for which every build has its packages."""

_ASK = (
    "import sys, platform, json; print(json.dumps([sys.version_info[:2], sys.platform, platform.machine(), "
    "platform.libc_ver(sys.executable)]))"
)


@dataclass(frozen=True)
class Base:
    """A Python to build on. ``managed``: fetched by uv into the runtime's own folder."""

    executable: Path
    target: Target
    managed: bool


@dataclass(frozen=True)
class Shop:
    """The folders in which an installation works, all on one disk, and the variables of the programs that it runs."""

    root: Path

    @property
    def files(self) -> Path:
        return self.root / "files"

    @property
    def cache(self) -> Path:
        return self.temporary / "uv"

    @property
    def temporary(self) -> Path:
        return self.root / "tmp"

    def environment(self) -> dict[str, str]:
        """Variables: nothing of another Python's, no settings that could change what is installed, proxies kept."""
        foreign = ("PIP_", "UV_", "CONDA", "_CONDA", "POETRY_", "PIPENV_")
        kept = {name: value for name, value in launch.environment().items() if not name.upper().startswith(foreign)}
        for scheme, address in getproxies().items():  # Windows and macOS keep them elsewhere
            variable = f"{scheme.upper()}_PROXY"
            if scheme in ("http", "https", "no") and not any(v in kept for v in (variable, variable.lower())):
                kept[variable] = address
        temporary = str(self.temporary)
        return kept | {
            "UV_CACHE_DIR": str(self.cache), "UV_PYTHON_INSTALL_DIR": str(self.root / "python"),
            "UV_NO_CONFIG": "1", "UV_NO_PROGRESS": "1", "UV_HTTP_TIMEOUT": "300", "UV_HTTP_RETRIES": "5",
            "UV_SYSTEM_CERTS": "1", "UV_PYTHON_INSTALL_BIN": "0", "UV_PYTHON_INSTALL_REGISTRY": "0",
            "PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_CACHE_DIR": "1",
            "TMPDIR": temporary, "TEMP": temporary, "TMP": temporary,
        }  # fmt: skip

    def run(self, command: list[str | Path], installation: Installation, tick: Callable[[], None] | None = None) -> str:
        """``children.run`` with these folders and variables."""
        self.temporary.mkdir(parents=True, exist_ok=True)
        parts = [str(part) for part in command]
        return children.run(parts, self.environment(), installation.log, tick or installation.tick)


def fetched_uv(shop: Shop, lock: Lock, installation: Installation, said: Callable[[int], None]) -> Path:
    """uv from its locked wheel, fetched where it is not there yet. Raises UserError, OSError."""
    _, wheel = selected(lock, blenders_own().target)[0]
    return unpacked_uv(fetch(wheel, shop.files, said), shop.root / "tool")


def unpacked_uv(wheel: Path, folder: Path) -> Path:
    """The program in uv's ``wheel``, made a program in ``folder``."""
    program = "uv.exe" if sys.platform == "win32" else "uv"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        member = next(name for name in archive.namelist() if name.endswith(f".data/scripts/{program}"))
        handle, name = tempfile.mkstemp(dir=folder)
        with archive.open(member) as source, os.fdopen(handle, "wb") as target:
            shutil.copyfileobj(source, target)
    os.chmod(name, 0o755)
    patient.replace(Path(name), folder / program)
    return folder / program


def found_uv() -> Path | None:
    """A uv that the user has."""
    name = "uv.exe" if sys.platform == "win32" else "uv"
    places = (launch.found("uv"), Path.home() / ".local" / "bin" / name, Path.home() / ".cargo" / "bin" / name)
    return next((Path(place) for place in places if place and Path(place).is_file()), None)


def managed_python(shop: Shop, uv: Path, installation: Installation, online: bool) -> Base | None:
    """uv's own Python in the runtime's folder, fetched where ``online``; None where it cannot be had."""
    try:
        if online:
            shop.run([uv, "python", "install", PYTHON], installation)
        output = shop.run([uv, "python", "find", PYTHON, "--managed-python", "--no-python-downloads"], installation)
        return asked(shop, Path(output.splitlines()[-1].strip()), installation, managed=True)
    except (Failed, OSError, TimeoutError, IndexError, ValueError) as error:
        installation.log(f"No Python by uv ({error}); Blender's own is used.")
        return None


def asked(shop: Shop, executable: Path, installation: Installation, managed: bool = False) -> Base:
    """The Base of ``executable``, as it says itself. Raises Failed, OSError, ValueError."""
    version, platform, _, libc = json.loads(shop.run([executable, "-I", "-c", _ASK], installation).splitlines()[-1])
    return Base(executable, Target((version[0], version[1]), _system(platform), _glibc(libc)), managed)


def blenders_own() -> Base:
    """The Python that runs this."""
    import platform

    target = Target(
        (sys.version_info[0], sys.version_info[1]), _system(sys.platform), _glibc(platform.libc_ver(sys.executable))
    )
    return Base(Path(sys.executable), target, managed=False)


def _system(platform: str) -> str:
    return {"win32": "windows", "darwin": "macos"}.get(platform, "linux")


def _glibc(libc: tuple[str, str] | list[str]) -> tuple[int, int]:
    name, version = libc
    parts = version.split(".")
    return (int(parts[0]), int(parts[1])) if name == "glibc" and len(parts) >= 2 else (0, 0)
