"""``s2f feel``: what is heard in recordings: emotion, effort, sounds without words."""

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from model_server.cancel import Progress, part
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.core.whole_file import whole_file

from .each import Each
from .options import EarOption, Transcript, ear_of
from .outputs import keep_apart, named_files
from .progress import reporting
from .sources import DEFAULT_SUFFIX, plan, recordings
from .transcripts import script_files, scripts

if TYPE_CHECKING:
    from model_server.emotion.feel import FeltTrack
    from model_server.voice.reference import VoiceReference
    from s2f_blender_addon.core.script import Script

FPS = 10.0
"""Rows a second that are written."""
LEAST = 0.02
"""A slider that never goes beyond this gets no column."""


def feel(
    sources: Annotated[
        list[str], typer.Argument(metavar="IN", help="Recordings, folders of them, or @LIST: a file of their paths.")
    ],
    out: Annotated[
        str,
        typer.Option(
            "--out",
            "-o",
            metavar="OUT",
            help="Sliders over time for --emotion-track: a .csv, or a folder/ for many.",
            show_default=False,
        ),
    ] = "",
    reference: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Ordinary speech of the same person, or a folder of it; may be repeated."),
    ] = None,
    transcript: Transcript = "",
    ear: EarOption = "all",
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list, one object for each recording.")] = False,
) -> None:
    """Hear the emotion of recordings."""
    named = recordings(sources)
    targets, said = targets_of(named, out), scripts(transcript, named, "en")
    heard = [source for source, _ in (*named, *recordings(reference or []))]
    keep_apart(targets, named_files(heard, script_files(transcript, named)))
    asked = Request(ear=ear_of(ear))
    known = _reference(reference) if reference else None
    found: list[dict[str, Any]] = []
    each = Each(len(named))
    with reporting(False) as report:
        for i, ((source, below), script, target) in enumerate(zip(named, said, targets, strict=True)):
            step = report.part(i / len(named), (i + 1) / len(named), str(below) if len(named) > 1 else "")
            with each.alone():
                found.append(_felt(source, script, target, known, asked, step))
        if as_json:
            print(json.dumps(found, ensure_ascii=False, indent=1))
        elif found:
            rows = [(one["file"], one["emotion"], *_told(one)) for one in found]
            report.table(("file", "emotion", "shares", "arousal", "valence", "events"), rows)
        each.end(None if as_json else report)


def targets_of(sources: Sequence[tuple[Path, Path]], out: str) -> list[Path | None]:
    """Where the sliders of each of ``recordings`` go. Raises UserError for outputs that cannot all be written."""
    if not out:
        return [None] * len(sources)
    targets = plan(sources, out)
    wrong = next((target for target in targets if target.suffix.lower() != DEFAULT_SUFFIX), None)
    if wrong is not None:
        raise UserError(f"{wrong}: sliders over time are written as {DEFAULT_SUFFIX}.")
    return list(targets)


def track_csv(felt: "FeltTrack", fps: float) -> str:
    """The sliders of ``felt``, at ``fps``, in the form that ``--emotion-track`` reads (``emotion.keys_file``)."""
    shown = [k for k in range(len(EMOTIONS)) if felt.sliders[:, k].max() > LEAST] or [0]
    text = StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["time", *(EMOTIONS[k] for k in shown)])
    for i, values in enumerate(felt.sliders[:, shown]):
        rows.writerow([f"{i / fps:.3f}", *(f"{value:.4f}" for value in values)])
    return text.getvalue()


def _reference(named: list[str]) -> "VoiceReference":
    from model_server.audio.decode import decode
    from model_server.emotion.listener import bundled

    try:
        return bundled().know([decode(path).samples for path, _ in recordings(named)])
    except UserError as error:
        raise UserError(f"--reference {', '.join(named)}: {error}") from None


def _felt(
    source: Path, script: "Script", target: Path | None, reference: "VoiceReference | None", asked: Request,
    progress: Progress,
) -> dict[str, Any]:  # fmt: skip
    from model_server.audio.decode import decode
    from model_server.emotion.feel import feel as feel_sound
    from model_server.emotion.summary import summary

    sound = decode(source, part(progress, 0.0, 0.1), ear=asked.ear).meant(asked)
    text = script.text if script else ""
    felt = feel_sound(sound, FPS, text, progress=part(progress, 0.1, 1.0), reference=reference)
    if not len(felt.heard.times):
        raise UserError(f"{source} holds nothing that sounds like a voice; choose a recording of speech.")
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(target) as temporary:
            temporary.write_text(track_csv(felt, FPS), "utf-8")
    return {"file": str(source), **asdict(summary(felt))}


def _told(one: dict[str, Any]) -> tuple[str, str, str, str]:
    order = sorted(one["scores"], key=one["scores"].__getitem__, reverse=True)
    shares = ", ".join(f"{name} {one['scores'][name]:.0%}" for name in order[:3] if one["scores"][name] >= 0.05)
    events = ", ".join(f"{event['kind']} {event['start']:.1f}-{event['end']:.1f} s" for event in one["events"])
    return shares, f"{one['arousal']:+.2f}", f"{one['valence']:+.2f}", events or "-"
