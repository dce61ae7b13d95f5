"""How the model process is started: which Python, and how it finds the two packages."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import UserError
from ..core.launch import ISOLATED, module

ROOT = Path(__file__).resolve().parents[2]
"""The folder that holds both packages: the checkout, or the installed extension."""


@dataclass(frozen=True)
class Interpreter:
    """A Python to run the model in, and the ``backend`` that it is for.

    ``title`` names it to the user; ``patience`` is how many seconds it may take to say hello. ``below``: the folder
    from which on everything must belong to this user, see ``launch.check``.
    """

    executable: str
    arguments: tuple[str, ...]
    backend: str
    title: str
    patience: float
    below: str = ""


def blenders_own(arguments: Sequence[str]) -> Interpreter:
    """Blender's Python with the ``arguments`` that Blender recommends. Raises UserError when it is not there."""
    if not sys.executable or not Path(sys.executable).is_file():
        raise UserError("This Blender does not say where its Python is; set a Python in the add-on's preferences.")
    isolated = [word for word in arguments if word not in ISOLATED]
    return Interpreter(sys.executable, (*isolated, *ISOLATED), "numpy", "Blender's Python", 60.0)


def with_torch(executable: str) -> Interpreter:
    """A Python of the user's, with the packages of the user's folder. Raises UserError when there is no such file, or
    what is given is no full path: beside a .blend, or in the current folder, lies what others put there.
    """
    path = Path(executable).expanduser()
    if executable.startswith("//") or not path.is_absolute():
        raise UserError(
            f"{executable} is no full path to a Python; choose it by its whole path in the add-on's preferences, "
            "or leave it empty."
        )
    if not path.is_file():
        raise UserError(
            f"There is no Python at {executable}; correct it in the add-on's preferences or leave it empty."
        )
    return Interpreter(str(path), ("-P", "-X", "utf8"), "auto", str(path), 180.0)


def of_runtime(python: Path, root: Path, patience: float = 180.0) -> Interpreter:
    """The ``python`` of the GPU runtime in the folder ``root``."""
    return Interpreter(str(python), ISOLATED, "auto", "the GPU runtime", patience, str(root))


def of_checkout(root: Path = ROOT) -> Interpreter | None:
    """The .venv of a checkout that the add-on runs from, if there is one; an installed zip has none."""
    if not (root / "pyproject.toml").is_file():
        return None
    for inside in ("bin/python", "Scripts/python.exe"):
        python = root / ".venv" / inside
        if python.is_file():
            return Interpreter(str(python), ISOLATED, "auto", str(python), 180.0)
    return None


def command(interpreter: Interpreter, root: Path = ROOT) -> list[str]:
    """The command line."""
    start = module(root, "model_server.adapters.stdio")
    return [interpreter.executable, *interpreter.arguments, *start, "--backend", interpreter.backend]
