"""How the model process is started: which Python, and how it finds the two packages."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
"""The folder that holds both packages: the checkout, or the installed extension."""

_START = (
    "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); "
    "runpy.run_module('model_server.adapters.stdio', run_name='__main__', alter_sys=True)"
)
_FOREIGN = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONUSERBASE", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")


@dataclass(frozen=True)
class Interpreter:
    """A Python to run the model in, and the ``backend`` that it is for.

    ``title`` names it to the user; ``patience`` is how many seconds it may take to say hello.
    """

    executable: str
    arguments: tuple[str, ...]
    backend: str
    title: str
    patience: float


def blenders_own(arguments: Sequence[str]) -> Interpreter:
    """Blender's Python with the ``arguments`` that Blender recommends. Raises UserError when it is not there."""
    if not sys.executable or not Path(sys.executable).is_file():
        raise UserError("This Blender does not say where its Python is; set a Python in the add-on's preferences.")
    return Interpreter(sys.executable, (*arguments, "-X", "utf8"), "numpy", "Blender's Python", 60.0)


def with_torch(executable: str) -> Interpreter:
    """A Python of the user's. Raises UserError when there is no such file."""
    path = Path(executable).expanduser()
    if not path.is_file():
        raise UserError(
            f"There is no Python at {executable}; correct it in the add-on's preferences or leave it empty."
        )
    return Interpreter(str(path), ("-X", "utf8"), "auto", str(path), 180.0)


def of_checkout(root: Path = ROOT) -> Interpreter | None:
    """The .venv of a checkout that the add-on runs from, if there is one; an installed zip has none."""
    if not (root / "pyproject.toml").is_file():
        return None
    for inside in ("bin/python", "Scripts/python.exe"):
        python = root / ".venv" / inside
        if python.is_file():
            return Interpreter(str(python), ("-X", "utf8"), "auto", str(python), 180.0)
    return None


def command(interpreter: Interpreter, root: Path = ROOT) -> list[str]:
    """The command line. The folder goes in as an argument, since isolated Pythons ignore PYTHONPATH."""
    return [interpreter.executable, *interpreter.arguments, "-c", _START, str(root), "--backend", interpreter.backend]


def environment() -> dict[str, str]:
    """This process's environment without what belongs to another Python."""
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    return kept | {"PYTHONUTF8": "1"}
