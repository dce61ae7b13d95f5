"""A shot handed to Blender, which runs as a child: baked, exported, previewed; and what is told of it."""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from model_server.cancel import Progress
from model_server.in_blender import BlenderCrash, run_in_blender
from model_server.in_blender.rig_files import DEMO
from model_server.in_blender.shot import KeyOptions, Shot, ShotLine
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.exports import ENDINGS
from s2f_blender_addon.core.formats.columns import channel
from s2f_blender_addon.core.track import FaceTrack
from s2f_blender_addon.core.whole_file import whole_file

from .progress import Report

USUAL = KeyOptions()

MOST_NAMED = 6
"""Keys of one channel that are named; more are counted."""

ENGINES = {"BLENDER_WORKBENCH": 4096, "CYCLES": 320}
"""Engines and the largest preview each is used for. Workbench is several times faster but needs a graphics driver, if
only a software one; Cycles needs nothing."""


def check_suffix(path: Path, suffix: str) -> None:
    """Raises UserError when ``path`` cannot become a file of that kind."""
    if path.suffix.lower() != suffix:
        raise UserError(f"{path}: the name of this output ends in {suffix}.")
    if path.is_dir():
        raise UserError(f"{path}: there is a folder of this name.")


def check_export(path: Path) -> None:
    """Raises UserError when ``path`` cannot become a file for another program."""
    if path.suffix.lower() not in ENDINGS:
        raise UserError(f"{path}: an export ends in {', '.join(ENDINGS)}.")
    check_suffix(path, path.suffix.lower())


def bake_shot(
    lines: Sequence[tuple[FaceTrack | None, ShotLine]], rig: str, out: Path | None, progress: Progress,
    fps: float = 0.0, exports: Sequence[Path] = (), append: bool = False, manner: KeyOptions = USUAL,
) -> dict[str, Any]:  # fmt: skip
    """Bake ``lines`` onto ``rig``, into the file ``out`` and the exports, each whole or not at all.

    A line without a track is a vertex sequence, which only the rig can read. Returns what
    ``in_blender.bake.bake_file`` does. Raises UserError.
    """
    with tempfile.TemporaryDirectory() as folder, ExitStack() as files:
        temporary = files.enter_context(whole_file(out)) if out is not None else None
        handed_over = []
        for number, (track, line) in enumerate(lines):
            path = Path(folder) / f"{number}.s2f" if track is not None else Path(line.track)
            if track is not None:
                formats.write(path, track)
            sound = str(Path(line.sound).absolute()) if line.sound else ""
            handed_over.append(replace(line, track=str(path), sound=sound))
        shot = Shot(
            tuple(handed_over), rig if rig == DEMO else str(Path(rig).absolute()),
            str(temporary.absolute()) if temporary else "", tuple(str(path.absolute()) for path in exports), fps,
            append, manner,
        )  # fmt: skip
        try:
            return run_in_blender({"do": "bake", "shot": asdict(shot)}, progress)
        except BlenderCrash as crash:
            raise UserError(f"{rig}: Blender gave up on this file ({_last_line(crash)}).") from crash


def preview(blend: Path, out: Path, first: int, last: int, size: int, progress: Progress) -> None:
    """Render frames ``first`` … ``last`` of ``blend`` to ``out`` with the fastest engine that works here."""
    reason = ""
    for engine, largest in ENGINES.items():
        try:
            with whole_file(out) as temporary:
                job = {
                    "do": "render",
                    "blend": str(blend.absolute()),
                    "out": str(temporary.absolute()),
                    "engine": engine,
                    "first": first,
                    "last": last,
                    "size": min(size, largest),
                }
                run_in_blender(job, progress)
            return
        except BlenderCrash as crash:
            reason = _last_line(crash)
    raise UserError(f"{out}: Blender cannot render here ({reason}).")


def tell_matches(report: Report, done: dict[str, Any]) -> None:
    """Which channels move which mesh, and what the user should know besides."""
    matched: dict[str, dict[str, list[str]]] = done["matched"]
    missing = done["missing"]
    rows = [
        (mesh, str(len(channels)), ", ".join(_arrow(source, keys) for source, keys in channels.items()))
        for mesh, channels in matched.items()
    ]
    report.table(("mesh", "", "channels, → keys where names differ"), rows, matched=matched, missing=missing)
    report.note(done["coverage"] + (f"; missing: {', '.join(missing)}" if missing else ""))
    for note in done["notes"]:
        report.note(note)


def _arrow(source: str, keys: list[str]) -> str:
    """``jawOpen``, or ``browInnerUp → brow_up_L + brow_up_R`` where the keys have more than another spelling."""
    same = len(keys) == 1 and channel(keys[0]) == INDEX.get(source)
    shown = " + ".join(keys) if len(keys) <= MOST_NAMED else f"{len(keys)} keys"
    return source if same else f"{source} → {shown}"


def _last_line(crash: BlenderCrash) -> str:
    return (str(crash).strip().splitlines() or ["without a word"])[-1].strip().rstrip(".")
