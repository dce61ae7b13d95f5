"""``s2f add-keys``: all 52 keys on a head that has none."""

from pathlib import Path
from typing import Annotated, Any

import typer

from model_server.in_blender import BlenderCrash, run_in_blender
from model_server.in_blender.rig_files import BARE, check_head
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.whole_file import whole_file

from .progress import JsonProgress, Report, reporting
from .shot import check_suffix


def add_keys(
    rig: Annotated[str, typer.Argument(metavar="RIG", help=f"A head without keys: {', '.join(BARE)}.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="OUT.blend", help="The file to save.")],
    landmarks: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.json",
            help="Where the features of the face are: names with places or vertices.",
            show_default="looked for",
        ),
    ] = None,
    missing: Annotated[bool, typer.Option("--missing", help="On a face with keys, add only those it lacks.")] = False,
    json_progress: JsonProgress = False,
) -> None:
    """Make all 52 keys on a head that has none, carried over from the demo head, and save."""
    check_head(rig)
    check_suffix(out, ".blend")
    if landmarks is not None and not landmarks.is_file():
        raise UserError(f"{landmarks}: there is no such file.")
    with reporting(json_progress) as report, whole_file(out) as temporary:
        job = {
            "do": "add_keys",
            "rig": str(Path(rig).absolute()),
            "out": str(temporary.absolute()),
            "landmarks": str(landmarks.absolute()) if landmarks is not None else "",
            "missing_only": missing,
        }
        try:
            done = run_in_blender(job, report.part(0.0, 1.0))
        except BlenderCrash as crash:
            raise UserError(f"{rig}: Blender gave up on this file.") from crash
        _tell(report, done)
    report.wrote(out)


def _tell(report: Report, done: dict[str, Any]) -> None:
    """What was added where, what was guessed and what the user should look at."""
    rows = [(mesh, str(count)) for mesh, count in done["added"].items()]
    report.table(("mesh", "keys"), rows, added=done["added"], face=done["face"])
    report.note(done["coverage"])
    if done["found"]:
        guessed = f"; guessed: {', '.join(done['guessed'])}" if done["guessed"] else ""
        report.note(f"{done['found']} landmarks found on {done['face']}{guessed}")
    for note in done["notes"]:
        report.note(note)
