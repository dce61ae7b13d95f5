"""``s2f evaluate``: how good are the lips, against hand labels and against captures."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from model_server.cancel import Progress, part
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.track import FaceTrack
from s2f_blender_addon.core.whole_file import whole_file

from .options import Device, Model
from .progress import JsonProgress, Report, reporting
from .speak import engine_for

SOUNDS = (".wav", ".flac", ".opus", ".ogg", ".mp3")


def evaluate(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Recordings, each beside its labels (.phn) or its capture (.csv).")
    ],
    tracks: Annotated[
        Path | None, typer.Option(help="Score these tracks (named as the recordings are) instead of our own.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Also write the figures to this .json file.")] = None,
    through: Annotated[str, typer.Option(help="Spoil the sound first: noise, room or telephone.")] = "",
    fps: Annotated[float, typer.Option(help="Frames a second.", min=1, max=1000)] = 60.0,
    model: Model = "",
    device: Device = "auto",
    json_progress: JsonProgress = False,
) -> None:
    """Measure lips against phone labels and captured performances, in millimetres on one reference head."""
    from model_server.emotion.perceived import perceive
    from model_server.evaluation import capture, labels, lips

    labelled, captured = pairs(folder, ".phn"), pairs(folder, ".csv")
    if not labelled and not captured:
        raise UserError(
            f"{folder} holds no recording beside a .phn or .csv file of the same name; choose such a folder."
        )
    figures: dict[str, object] = {}
    reads: Counter[str] = Counter()
    with reporting(json_progress) as report:
        make = _maker(tracks, folder, through, fps, model, device)
        total = lips.LipCount()
        jobs = len(labelled) + len(captured)
        for i, (sound, reference) in enumerate([*labelled, *captured]):
            track = make(sound, report.part(i / jobs, (i + 1) / jobs, sound.name))
            values, times = mixed(track, Mix(intensity=0)), track.times - track.start
            reads[perceive(mixed(track, Mix()), track.fps).emotion] += 1
            if reference.suffix == ".phn":
                lips.count(total, times, values, labels.read_labels(reference))
            else:
                truth = formats.read(reference)
                found = capture.compare(truth.times - truth.start, truth.talk, times, values)
                figures[f"capture {sound.stem}"] = found
        if labelled:
            figures = {"lips": total.figures(), **figures}
        figures["tracks that read as"] = dict(reads.most_common())
        show(report, figures)
    if out is not None:
        with whole_file(out) as temporary:
            temporary.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def _maker(
    tracks: Path | None, folder: Path, through: str, fps: float, model: str, device: str
) -> Callable[[Path, Progress], FaceTrack]:
    """What turns a recording into the track to score."""
    if tracks is not None:

        def read(sound: Path, progress: Progress) -> FaceTrack:
            relative = sound.relative_to(folder).with_suffix("")
            found = [tracks / f"{name}.csv" for name in (sound.stem, "_".join(relative.parts))]
            existing = [path for path in found if path.exists()]
            if not existing:
                raise UserError(f"{tracks} holds no track for {sound.name}; it would be named {found[0].name}.")
            return formats.read(existing[0])

        return read
    engine = engine_for(model, device)

    def infer(sound: Path, progress: Progress) -> FaceTrack:
        from model_server.audio.decode import decode
        from model_server.audio.sound import Sound
        from model_server.evaluation.distort import distorted

        heard = decode(sound, part(progress, 0.0, 0.1))
        if through:
            heard = Sound(distorted(heard.samples, through))
        return engine.infer(heard, {}, 0, fps, part(progress, 0.1, 1.0))

    return infer


def pairs(folder: Path, suffix: str) -> list[tuple[Path, Path]]:
    """(recording, reference) below ``folder``: files of one name, the reference ending in ``suffix``."""
    found = []
    for reference in sorted(p for p in folder.rglob("*") if p.suffix.lower() == suffix):
        sounds = [p for p in (reference.with_suffix(s) for s in SOUNDS) if p.exists()]
        found += [(sound, reference) for sound in sounds[:1]]
    return found


def show(report: Report, figures: dict[str, object]) -> None:
    """One row a figure."""
    rows = []
    for what, values in figures.items():
        assert isinstance(values, dict)
        flat = {**values, **{f"r {k}": v for k, v in values.get("r", {}).items()}}
        rows += [(what, name, str(value)) for name, value in flat.items() if name != "r"]
    report.table(("measured", "figure", "value"), rows, figures=figures)
