"""No command writes over what it reads: one rule for all of them, whatever names lead to the same file."""

import functools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from s2f_blender_addon.core.errors import UserError

OUTPUTS = frozenset({"out", "words_out", "export", "render", "plots"})
"""What parameters are called in which commands are told where to write."""
_INTO = {"append": "rig"}
"""Options that ask for what they name to be written back into the file that another parameter names."""
_LONGEST = 4096
"""Letters of a path; a longer text is none."""

_File = tuple[int, int]


def named_files(*values: object) -> Iterator[Path]:
    """The files among ``values``, as the parameters of a command have them: paths and texts that are the name of a file
    that is there, lists of them, and records with them.
    """
    for value in values:
        if isinstance(value, str | Path):
            if len(str(value)) < _LONGEST and _identity(Path(value)) is not None:
                yield Path(value)
        elif isinstance(value, list | tuple | set | frozenset):
            yield from named_files(*value)
        elif is_dataclass(value):
            yield from named_files(*(getattr(value, one.name) for one in fields(value) if one.name not in OUTPUTS))


def keep_apart(outputs: Iterable[Path | None], inputs: Iterable[Path]) -> None:
    """Raise UserError where one of ``outputs`` is the same file as one of ``inputs``, by whatever name.

    That is by the same one, by a link, or by another spelling where the system takes it for the same.
    """
    read = {_identity(path) for path in inputs} - {None}
    for out in filter(None, outputs):
        if _identity(out) in read:
            raise UserError(f"{out}: this command reads that file, so it does not write there; choose another name.")


def guarded(command: Callable[..., Any]) -> Callable[..., Any]:
    """``command``, which is not begun where it would write over a file that its parameters name."""

    @functools.wraps(command)
    def run(**given: Any) -> Any:
        outputs = named_files(*(given[name] for name in OUTPUTS & given.keys()))
        keep_apart(outputs, _inputs(given))
        return command(**given)

    return run


def _inputs(given: Mapping[str, Any]) -> Iterator[Path]:
    written_back = {other for option, other in _INTO.items() if given.get(option)}
    lists = [str(one)[1:] for one in given.get("sources") or () if str(one).startswith("@")]
    return named_files(*(given[name] for name in given.keys() - OUTPUTS - written_back), lists)


def _identity(path: Path) -> _File | None:
    """What tells the file at ``path`` from all others; None where there is none. A folder is no file."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return None if os.path.isdir(path) else (found.st_dev, found.st_ino)
