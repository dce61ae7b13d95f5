"""How every program is started: by its full path, which nobody else can change, in a folder in which nobody else can
put files, without what belongs to another Python and without a window.
"""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import supervisor
from .errors import UserError
from .private_folder import private_folder

NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)

ISOLATED = ("-I", "-X", "utf8")
"""For a Python that brings its packages along: none of the user's folder, of PYTHONPATH or of the current folder."""

_MODULE = (
    "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); "
    "runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)"
)


def environment() -> dict[str, str]:
    """This process's variables without what belongs to another Python, or would make one import more than it should."""
    foreign = ("VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
    kept = {k: v for k, v in os.environ.items() if not k.upper().startswith("PYTHON") and k not in foreign}
    return kept | {"PYTHONUTF8": "1", "PYTHONSAFEPATH": "1"}


def module(root: Path, name: str) -> list[str]:
    """Arguments by which a Python runs the module ``name`` below ``root``; isolated ones do not heed PYTHONPATH."""
    return ["-c", _MODULE, str(root), name]


def start(
    command: Sequence[str], variables: Mapping[str, str] | None = None, runs_already: bool = False, below: str = "",
    **more: Any,
) -> "subprocess.Popen[bytes]":  # fmt: skip
    """Start ``command`` with the pipes and options in ``more``, as ``subprocess.Popen`` takes them.

    ``runs_already``: it is the program that this process runs in, so there is nothing to check. ``below``: see
    ``check``. Raises UserError where it may not be started, OSError where the system refuses.
    """
    if not runs_already and command[0] != sys.executable:
        check(command[0], below)
    folder = str(private_folder())
    if variables is None:  # what it leaves behind is swept with the folder
        variables = environment() | {"TMPDIR": folder, "TEMP": folder, "TMP": folder}
    return subprocess.Popen(list(command), cwd=folder, env=dict(variables), creationflags=NO_WINDOW, **more)


def start_guarded(
    command: Sequence[str], variables: Mapping[str, str] | None = None, runs_already: bool = False, **more: Any
) -> "subprocess.Popen[bytes]":
    """As ``start``, under ``guard``: the program and all that it started end when this process does, or when the pipe
    ``stdin`` of what is returned is closed.
    """
    if not runs_already and command[0] != sys.executable:
        check(command[0])
    return start(
        [sys.executable, *ISOLATED, supervisor.__file__, *command], variables, stdin=subprocess.PIPE,
        start_new_session=sys.platform != "win32", **more,
    )  # fmt: skip


def kill_tree(child: "subprocess.Popen[bytes]") -> None:
    """End ``child``, of ``start_guarded``, and everything that it started, and wait for it."""
    if child.poll() is None:
        supervisor.kill_tree(child.pid)
        child.kill()
    child.wait()


def found(name: str) -> str:
    """The full path of the program ``name`` in a folder of PATH; empty where there is none.

    Unlike ``shutil.which`` it never looks into the current folder, which Windows puts before all others.
    """
    names = [f"{name}.exe"] if sys.platform == "win32" and not name.lower().endswith(".exe") else [name]
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        for candidate in (os.path.join(folder, n) for n in names if os.path.isabs(folder)):
            if os.path.isfile(candidate) and os.access(candidate, os.X_OK):
                return candidate
    return ""


def check(executable: str, below: str = "") -> None:
    """Raise UserError unless ``executable`` is given by its full path and no other user can exchange it.

    With ``below``, a folder that holds it, everything from there on must moreover belong to this user or to the
    administrator. Windows is trusted to keep users apart: its rights are not in a file's mode.
    """
    if not os.path.isabs(executable):
        raise UserError(f"{executable} is no full path to a program; choose it by its whole path.")
    if sys.platform == "win32":
        return
    trusted = (0, os.getuid())
    for chain in {executable, os.path.realpath(executable)}:
        sticky = False
        for place, found in _downwards(chain):
            writable = not stat.S_ISLNK(found.st_mode) and found.st_mode & stat.S_IWOTH
            shared = bool(writable and stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX)
            if writable and not shared:
                raise UserError(
                    f"Every user of this computer can change {place}, so no program in it is started; take that right "
                    "away (chmod o-w) or use another folder."
                )
            if found.st_uid not in trusted and (sticky or (below and _within(place, below))):
                raise UserError(
                    f"{place} belongs to another user of this computer, so no program in it is started; "
                    "use a folder of your own."
                )
            sticky = shared


def _downwards(path: str) -> Iterator[tuple[Path, os.stat_result]]:
    """Every folder above ``path`` from the root on, and ``path`` itself, with what they are; links are not followed."""
    whole = Path(os.path.normpath(path))
    for place in (*reversed(whole.parents), whole):
        try:
            yield place, os.lstat(place)
        except OSError:  # what is not there, or not for us, does not start either
            return


def _within(place: Path, below: str) -> bool:
    return place.is_relative_to(below) or place.is_relative_to(os.path.realpath(below))
