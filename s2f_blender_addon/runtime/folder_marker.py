"""The runtime's folder is ours alone: a marker in it says so, and nothing is deleted where there is none."""

import os
from pathlib import Path

from ..core import patient
from ..core.errors import UserError
from ..core.whole_file import whole_file

MARKER = "speech2face-runtime.txt"
CHOICE = "folder.txt"
"""The one file of ours that may be in the folder before it is the runtime's; see ``place``."""

_LINE = "This folder belongs to the GPU runtime of Speech2Face."
_MORE = "Speech2Face deletes what is in it when the runtime is updated or removed; keep nothing of your own here."


def is_ours(folder: Path) -> bool:
    """Whether ``folder`` is a folder, not a link to one, that ``take`` marked."""
    marker = folder / MARKER
    try:
        if folder.is_symlink() or marker.is_symlink() or not marker.is_file():
            return False
        return marker.read_text(encoding="utf-8").startswith(_LINE)
    except (OSError, UnicodeDecodeError):
        return False


def take(folder: Path) -> None:
    """Make ``folder`` and mark it as ours. Raises UserError where it is there already with something in it, OSError."""
    if is_ours(folder):
        return
    if folder.is_symlink():
        raise UserError(f"{folder} is a link; choose the folder to which it leads.")
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    foreign = sorted(set(os.listdir(folder)) - {CHOICE})
    if foreign:
        raise UserError(
            f"{folder} holds files that are not the GPU runtime's ({foreign[0]}); move them elsewhere, "
            "or choose another folder."
        )
    with whole_file(folder / MARKER) as temporary:
        temporary.write_text(f"{_LINE}\n{_MORE}\n", encoding="utf-8")


def must_be_ours(folder: Path) -> None:
    """Raise UserError unless ``take`` marked ``folder``."""
    if not is_ours(folder):
        raise UserError(
            f"{folder} lacks the file {MARKER}, by which Speech2Face knows its folder, so nothing in it is deleted; "
            "delete by hand what you do not need."
        )


def delete(folder: Path, *names: str) -> list[Path]:
    """Delete the folders ``names`` in ``folder``; returns those that are still there, as while a program runs in one.

    A link in place of such a folder stays, and so does what it leads to. Raises UserError where ``folder`` is not ours.
    """
    must_be_ours(folder)
    for name in names:
        patient.delete_folder(folder / name)
    return [folder / name for name in names if os.path.lexists(folder / name)]
