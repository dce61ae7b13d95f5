"""``s2f evaluate``: how good are the lips, against hand labels and against captures."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from model_server.cancel import Progress, part
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.core.script import Script
from s2f_blender_addon.core.track import FaceTrack
from s2f_blender_addon.core.whole_file import whole_file

from .evaluation_table import show
from .options import Device, Model, read_style
from .progress import JsonProgress, reporting
from .speak import engine_for
from .transcripts import beside, script_in

if TYPE_CHECKING:
    from s2f_blender_addon.core.style import Style

    from .evaluation_run import Condition, Make


def evaluate(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            help="Recordings, each beside labels (.phn) or a capture (.csv, .json, .npy); or faces measured on video.",
        ),
    ],
    tracks: Annotated[
        Path | None, typer.Option(help="Score these tracks (named as the recordings are) instead of our own.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Also write the figures to this .json file.")] = None,
    through: Annotated[str, typer.Option(help="Spoil the sound first: noise, room or telephone.")] = "",
    words: Annotated[
        bool, typer.Option("--words", help="Give the words: a .txt or .srt beside each recording.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--every", help="The whole table: as it is, with the words, through every distortion.")
    ] = False,
    mixed: Annotated[
        int,
        typer.Option(metavar="N", help="Instead: join sentences at 0 to -18 dB into N files a folder.", min=0),
    ] = 0,
    emotions: Annotated[
        bool, typer.Option("--emotions", help="Instead: closures, brows and lids under each emotion against neutral.")
    ] = False,
    aligner: Annotated[
        Path | None,
        typer.Option(metavar="MODEL", help="Instead: against the words in words.jsonl, timed by this model file."),
    ] = None,
    plots: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A picture (.png) of every recording into this folder.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON instead of a table.")] = False,
    fps: Annotated[float, typer.Option(help="Frames a second.", min=1, max=1000)] = 60.0,
    style: Annotated[
        Path | None, typer.Option(metavar="FILE.json", help="Also in this style: how much nearer does it come?")
    ] = None,
    model: Model = "",
    device: Device = "auto",
    json_progress: JsonProgress = False,
) -> None:
    """Measure lips against phone labels and captured performances, in millimetres on one reference head."""
    from model_server.evaluation.seen import is_seen

    from .evaluation_run import Condition, every_condition

    with reporting(json_progress) as report:
        if every and (through or words or tracks is not None):
            raise UserError("--every goes through all conditions by itself; leave --through, --words and --tracks out.")
        if (mixed or emotions) and (through or words or every or tracks is not None):
            alone = "--mixed joins recordings" if mixed else "--emotions speaks every recording"
            raise UserError(f"{alone} by itself; leave the other ways to measure out.")
        seen = is_seen(folder)
        other = bool(mixed) + emotions + (aligner is not None) + seen
        if other > 1 or (other and (style is not None or plots is not None)):
            raise UserError(
                "--mixed, --emotions, --aligner and faces measured on video are measured each in its own way, without "
                "--style and --plots; choose one."
            )
        conditions = every_condition(folder) if every else [Condition(through, words)]
        if mixed:
            from .evaluation_mixed import mixed_figures

            figures = mixed_figures(folder, mixed, engine_for(model, device), fps, report.progress)
        elif emotions:
            from .evaluation_emotions import emotion_figures

            figures = emotion_figures(folder, engine_for(model, device), fps, report.progress)
        elif aligner is not None:
            from .evaluation_aligned import aligned_figures

            make = _maker(tracks, folder, fps, model, device)
            figures = aligned_figures(folder, aligner, conditions, make, report.progress)
        elif seen:
            from .evaluation_seen import seen_figures

            figures = seen_figures(folder, conditions, _maker(tracks, folder, fps, model, device), report.progress)
        else:
            if style is not None and (tracks is not None or every):
                raise UserError("--style measures our own tracks with and without it; leave --tracks and --every out.")
            makers = [_maker(tracks, folder, fps, model, device)]
            if style is not None:
                makers.append(_maker(None, folder, fps, model, device, read_style(style)))
            figures = _compared(folder, conditions, makers, plots, report.progress)
        if as_json:
            print(json.dumps(figures, indent=1, ensure_ascii=False))
        else:
            show(report, figures)
            if plots is not None:
                report.note(f"The pictures are in {plots}.", plots=str(plots))
    if out is not None:
        with whole_file(out) as temporary:
            temporary.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def _compared(
    folder: Path, conditions: "list[Condition]", makers: "list[Make]", plots: Path | None, progress: Progress
) -> dict[str, Any]:
    """Figures of the first of ``makers`` and, where there is a second, of that one's style beside them."""
    from .evaluation_run import in_style, measured

    found = [
        measured(folder, conditions, make, None if i else plots, part(progress, i / len(makers), (i + 1) / len(makers)))
        for i, make in enumerate(makers)
    ]
    return in_style(*found) if len(found) > 1 else found[0]


def _maker(
    tracks: Path | None, folder: Path, fps: float, model: str, device: str, style: "Style | None" = None
) -> "Make":
    """What turns a recording into the track to score."""
    if tracks is not None:

        def read(condition: "Condition", sound: Path, progress: Progress) -> FaceTrack:
            relative = sound.relative_to(folder).with_suffix("")
            found = [tracks / f"{name}.csv" for name in (sound.stem, "_".join(relative.parts))]
            existing = [path for path in found if path.exists()]
            if not existing:
                raise UserError(f"{tracks} holds no track for {sound.name}; it would be named {found[0].name}.")
            return formats.read(existing[0])

        return read
    engine = engine_for(model, device)

    def infer(condition: "Condition", sound: Path, progress: Progress) -> FaceTrack:
        from model_server.audio.decode import decode
        from model_server.audio.sound import Sound
        from model_server.evaluation.distort import distorted

        heard = decode(sound, part(progress, 0.0, 0.1))
        if condition.through:
            heard = Sound(distorted(heard.samples, condition.through))
        script = script_in(beside(sound), "en") if condition.words else Script()
        request = Request(fps=fps, words=script.cues, language=script.language, style=style)
        return engine.infer(heard, request, part(progress, 0.1, 1.0))

    return infer
