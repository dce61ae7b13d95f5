"""The environment: a virtual environment from a Python, and wheels that are already here put into it."""

from pathlib import Path

from .installation import Installation
from .pylock import Package, Wheel, requirements
from .state import python_of
from .tools import Base, Shop

Chosen = list[tuple[Package, Wheel]]


def create(shop: Shop, uv: Path | None, base: Base, environment: Path, installation: Installation) -> None:
    """An empty environment. Without ``uv`` it gets pip from the base's ensurepip. Raises children.Failed, OSError."""
    if uv is not None:
        command: list[str | Path] = [uv, "venv", "--no-project", "--no-python-downloads", "--python", base.executable]
    else:
        command = [base.executable, "-I", "-m", "venv"]
    shop.run([*command, environment], installation)


def install(
    shop: Shop, uv: Path | None, environment: Path, files: Path, chosen: Chosen, installation: Installation,
    span: tuple[float, float],
) -> None:  # fmt: skip
    """Put ``chosen`` from the folder ``files`` into ``environment``, offline, hashes checked once more.

    ``span`` is the part of the installation's fraction that this takes. Raises children.Failed, OSError.
    """
    wanted = shop.temporary / "requirements.txt"
    wanted.parent.mkdir(parents=True, exist_ok=True)
    wanted.write_text(requirements(chosen), encoding="utf-8")
    local: list[str | Path] = ["--no-index", "--find-links", files, "--no-deps", "--require-hashes", "-r", wanted]
    python = python_of(environment)
    if uv is not None:
        command = [uv, "pip", "install", "--python", python, "--offline", *local]
    else:
        command = [python, "-I", "-m", "pip", "install", "--only-binary", ":all:", "--no-input", *local]

    def tick() -> None:
        there, unpacked = _installed(environment), _unpacked(shop)
        share = (there + unpacked) / len(chosen) / 2 if uv is not None else there / len(chosen)
        doing = f"Unpacking: {unpacked}" if unpacked > there else f"Installing: {there}"
        installation.go_on(span[0] + (span[1] - span[0]) * min(share, 1.0), f"{doing} of {len(chosen)} packages")

    shop.run(command, installation, tick)


def _installed(environment: Path) -> int:
    """How many packages are in ``environment`` by now."""
    places = ("Lib/site-packages", "lib/python3*/site-packages")
    return len({info.name for place in places for info in environment.glob(f"{place}/*.dist-info")})


def _unpacked(shop: Shop) -> int:
    """How many packages uv has unpacked, before it puts them all into the environment at once."""
    return sum(1 for _ in shop.cache.glob("archive-*/*"))
