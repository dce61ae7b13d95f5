"""``s2f bake``: from recordings to a speaking character, in a .blend file or in what other programs read."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from model_server.cancel import Progress
from model_server.in_blender.rig_files import DEMO, check_rig
from model_server.in_blender.shot import KeyOptions, ShotLine
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.exports import ENDINGS
from s2f_blender_addon.core.points import holds_points
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.core.script import Script
from s2f_blender_addon.core.track import FaceTrack
from s2f_blender_addon.core.unheard import silence

from .each import Each
from .option_records import with_records
from .options import SceneFps
from .outputs import keep_apart
from .progress import JsonProgress, Report, reporting
from .shot import bake_shot, check_export, check_suffix, preview, tell_matches
from .sources import recordings
from .speak import spoken
from .speech import Speech
from .transcripts import scripts, tell_words

TRACK_FPS = 60.0
"""Rate of the track between model and bake, which reads it at the scene's own frames."""

PREVIEW_SIZE = 480
"""Pixels of the longer side of a preview."""


class Keys(StrEnum):
    """Where keys lie in time, as the panel's list of that name has it."""

    curves = "curves"
    frames = "frames"
    twos = "twos"
    track = "track"


@with_records
def bake(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="IN", help="Recordings, tracks, vertex sequences, folders, or @LIST: a line each."),
    ],
    rig: Annotated[str, typer.Option(help=f"A .blend, .glb, .gltf, .vrm or .fbx file, or {DEMO}.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="OUT.blend", help="The file to save.", show_default=False)
    ] = None,
    export: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help=f"Also for other programs: {', '.join(ENDINGS)}. Once or more.",
            show_default=False,
        ),
    ] = None,
    render: Annotated[Path | None, typer.Option(metavar="OUT.mp4", help="Also render a preview with sound.")] = None,
    fps: SceneFps = None,
    start: Annotated[
        list[int] | None,
        typer.Option(
            metavar="FRAME",
            help="Scene frame at which a line begins. Once for each, in order.",
            show_default="the scene's first, then one after the other",
        ),
    ] = None,
    append: Annotated[
        bool, typer.Option("--append", help="Add to what the character says in the .blend already.")
    ] = False,
    keys: Annotated[
        Keys, typer.Option(help="Few with curves between, one a frame, on twos, or one for each sample of the track.")
    ] = Keys.curves,
    curve_error: Annotated[
        float, typer.Option(help="How far curves with few keys may be off at any frame.", min=0.0005, max=0.2)
    ] = 0.005,
    turn_head: Annotated[bool, typer.Option("--turn-head", help="Nod and sway the head bone with the voice.")] = False,
    *,
    speech: Speech,
    track_fps: Annotated[
        float | None,
        typer.Option(
            help="Frames a second of a track that does not tell them.", show_default="the file's", min=1, max=1000
        ),
    ] = None,
    json_progress: JsonProgress = False,
) -> None:
    """Bake speech onto every matching mesh of a rig, put the sound in, save and export."""
    check_rig(rig)
    exports = tuple(export or ())
    _check_outputs(out, exports, render)
    named = recordings(sources)
    keep_apart([out, *exports, render], (source for source, _ in named))
    starts = _starts(start or [], len(named))
    request = speech.request(TRACK_FPS)
    said = scripts(speech.transcript, named, speech.language)
    each = Each(len(named) + len(exports), "sources and exports" if exports else "sources")
    with reporting(json_progress) as report:
        lines: list[tuple[FaceTrack | None, ShotLine]] = []
        for number, ((source, _), script, begin) in enumerate(zip(named, said, starts, strict=True)):
            label = f"{number + 1} of {len(named)}, {source.name}" if len(named) > 1 else ""
            watch = report.part(0.3 * number / len(named), 0.3 * (number + 1) / len(named), label)
            with each.alone():
                lines.append(_line(source, script, begin, request, speech, track_fps, report, watch))
        if not lines:
            each.end(report)
        manner = KeyOptions(keys.value.upper(), curve_error, turn_head)
        watch = report.part(0.3, 0.5 if render else 1.0)
        done = bake_shot(lines, rig, out, watch, fps or 0.0, exports, append, manner)
        tell_matches(report, done)
        for sentence in done["failed"]:
            each.failed(sentence)
        for path in ([out] if out is not None else []) + [Path(one) for one in done["exported"]]:
            report.wrote(path)
        if render is not None and out is not None:
            preview(out, render, round(done["first"]), round(done["last"]), PREVIEW_SIZE, report.part(0.5, 1.0))
            report.wrote(render)
        each.end(report)


def _line(
    source: Path, script: Script, start: int | None, request: Request, speech: Speech, track_fps: float | None,
    report: Report, watch: Progress,
) -> tuple[FaceTrack | None, ShotLine]:  # fmt: skip
    """The track of one source and what becomes of it; no track for a vertex sequence, which the rig reads."""
    if holds_points(source):
        if request.emotion or request.hear or script:
            raise UserError(f"{source}: points already speak and feel; leave --emotion and --transcript out.")
        return None, ShotLine(str(source.absolute()), source.stem, start=start, fps=track_fps or 0.0)
    asked = replace(request, words=script.cues, language=script.language, name=source.name[:255])
    found = spoken(source, asked, speech.model, speech.device, watch, track_fps)
    if script:
        tell_words(report, found.words)
    sound = "" if formats.is_track(source) else str(source)
    if sound and (nobody := silence(found.track, source.name)):
        report.note(nobody)
    line = ShotLine("", source.stem, sound, start, dict(request.emotion), speech.intensity, speech.seed)
    return found.track, line


def _check_outputs(out: Path | None, exports: Sequence[Path], render: Path | None) -> None:
    if out is None and not exports:
        raise UserError("Say where it goes: -o OUT.blend, --export OUT.glb, or both.")
    if out is not None:
        check_suffix(out, ".blend")
    for path in exports:
        check_export(path)
    if render is not None:
        check_suffix(render, ".mp4")
        if out is None:
            raise UserError("--render is made of the .blend file; give that a place with -o OUT.blend.")


def _starts(given: Sequence[int], count: int) -> list[int | None]:
    """The frame of each line; None for those that follow the one before."""
    if len(given) > count:
        lines = f"{count} line{'s' if count > 1 else ''}"
        raise UserError(f"--start is given {len(given)} times for {lines}; give it once for each at most.")
    return [*given, *[None] * (count - len(given))]
