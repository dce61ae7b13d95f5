"""Lock files (PEP 751): the exact wheels of a build, and which of them a Python takes."""

import hashlib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import UserError
from ..core.json_object import JsonObject


@dataclass(frozen=True)
class Wheel:
    """A file. ``size`` in bytes."""

    name: str
    url: str
    size: int
    sha256: str

    @property
    def title(self) -> str:
        """Package and version, for people."""
        return " ".join(self.name.split("-")[:2])


@dataclass(frozen=True)
class Package:
    """One package at one version; ``wheels`` for several Pythons."""

    name: str
    version: str
    wheels: tuple[Wheel, ...]


@dataclass(frozen=True)
class Lock:
    """A whole environment. ``digest`` names this very content."""

    digest: str
    packages: tuple[Package, ...]


@dataclass(frozen=True)
class Target:
    """A Python: its version, ``system`` as in ``probe.Machine``, and its glibc, (0, 0) where it has another libc."""

    python: tuple[int, int]
    system: str
    glibc: tuple[int, int] = (0, 0)


def read(path: Path) -> Lock:
    """The lock at ``path``. Raises UserError when it is missing or damaged."""
    try:
        content = path.read_bytes()
        packages = tuple(_package(entry) for entry in tomllib.loads(content.decode())["packages"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"The add-on's file {path.name} is missing or damaged; install the add-on again.") from error
    return Lock(hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest(), packages)


def _package(entry: JsonObject) -> Package:
    wheels = tuple(Wheel(w["name"], w["url"], int(w["size"]), w["hashes"]["sha256"]) for w in entry["wheels"])
    for wheel in wheels:
        if not re.fullmatch(r"[\w.+-]+\.whl", wheel.name, re.ASCII) or not re.fullmatch(r"[0-9a-f]{64}", wheel.sha256):
            raise ValueError(wheel.name)
    return Package(entry["name"], entry["version"], wheels)


def selected(lock: Lock, target: Target) -> list[tuple[Package, Wheel]]:
    """The wheel of each package for ``target``. Raises UserError naming what does not exist for it."""
    chosen, missing = [], []
    for package in lock.packages:
        ranked = [(rank, wheel) for wheel in package.wheels if (rank := _rank(wheel.name, target))]
        if ranked:
            chosen.append((package, max(ranked, key=lambda pair: pair[0])[1]))
        else:
            missing.append(package)
    if missing:
        python = f"Python {target.python[0]}.{target.python[1]}"
        if target.system == "linux" and target.glibc < (2, 28):
            raise UserError(
                f"{missing[0].name} needs a Linux with glibc 2.28 or newer (2018); update the system, or use the CPU."
            )
        raise UserError(f"{missing[0].name} {missing[0].version} does not exist for {python}; {_newer(target)}")
    return chosen


def _newer(target: Target) -> str:
    if target.python > (3, 12):
        return "use a Blender whose Python is older, or allow the runtime to fetch a Python of its own."
    return "allow the runtime to fetch a Python of its own, or use a newer Blender."


def requirements(chosen: list[tuple[Package, Wheel]]) -> str:
    """Requirements with hashes, as pip and uv read them."""
    return "".join(f"{package.name}=={package.version} --hash=sha256:{wheel.sha256}\n" for package, wheel in chosen)


def _rank(name: str, target: Target) -> int:
    """How well the wheel called ``name`` fits ``target``; 0 when it does not. See PEP 425 and PEP 600."""
    pythons, abi, platforms = name.removesuffix(".whl").split("-")[-3:]
    if not any(_platform_fits(platform, target) for platform in platforms.split(".")):
        return 0
    own = f"cp{target.python[0]}{target.python[1]}"
    if pythons == abi == own or (pythons == own and abi == "none"):
        return 3
    stable = re.fullmatch(r"cp3(\d+)", pythons)
    if abi == "abi3" and stable and (3, int(stable[1])) <= target.python:
        return 2
    return int(abi == "none" and "py3" in pythons.split("."))


def _platform_fits(platform: str, target: Target) -> bool:
    if platform == "any":
        return True
    if target.system == "windows":
        return platform == "win_amd64"
    if target.system != "linux":
        return False
    glibc = re.fullmatch(r"manylinux_(\d+)_(\d+)_x86_64", platform)
    oldest = (int(glibc[1]), int(glibc[2])) if glibc else {
        "manylinux1_x86_64": (2, 5), "manylinux2010_x86_64": (2, 12), "manylinux2014_x86_64": (2, 17),
    }.get(platform)  # fmt: skip
    return oldest is not None and target.glibc >= oldest
