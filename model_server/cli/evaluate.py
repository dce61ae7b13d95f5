"""``s2f evaluate``: how good are the lips, against hand labels and against captures."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import typer

from model_server.cancel import Progress, part
from model_server.evaluation.labels import Label
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.track import FaceTrack
from s2f_blender_addon.core.whole_file import whole_file

from .evaluation_table import show
from .options import Device, Model
from .progress import JsonProgress, reporting
from .speak import engine_for
from .transcripts import beside, script_in

Floats = npt.NDArray[np.float64]
Curves = npt.NDArray[np.float32]
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
    words: Annotated[
        bool, typer.Option("--words", help="Give the words: a .txt or .srt beside each recording.")
    ] = False,
    plots: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A picture (.png) of every recording into this folder.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON instead of a table.")] = False,
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
        make = _maker(tracks, folder, through, words, fps, model, device)
        total = lips.LipCount()
        jobs = len(labelled) + len(captured)
        for i, (sound, reference) in enumerate([*labelled, *captured]):
            track = make(sound, report.part(i / jobs, (i + 1) / jobs, sound.name))
            values, times = mixed(track, Mix(intensity=0)), track.times - track.start
            reads[perceive(mixed(track, Mix()), track.fps).emotion] += 1
            if reference.suffix == ".phn":
                said = labels.read_labels(reference)
                lips.count(total, times, values, said)
                if plots is not None:
                    _draw_lips(sound, folder, times, values, said, plots)
            else:
                truth = formats.read(reference)
                found = capture.compare(truth.times - truth.start, truth.talk, times, values)
                figures[f"capture {sound.stem}"] = found
                if plots is not None:
                    _draw_capture(sound, folder, times, values, truth, found, plots)
        if labelled:
            figures = {"lips": total.figures(), **figures}
        figures["tracks that read as"] = dict(reads.most_common())
        if as_json:
            print(json.dumps(figures, indent=1, ensure_ascii=False))
        else:
            show(report, figures)
            if plots is not None:
                report.note(f"Pictures of {jobs} recordings are in {plots}.", plots=str(plots))
    if out is not None:
        with whole_file(out) as temporary:
            temporary.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def _maker(
    tracks: Path | None, folder: Path, through: str, words: bool, fps: float, model: str, device: str
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
        from model_server.speech.words.script import Script

        heard = decode(sound, part(progress, 0.0, 0.1))
        if through:
            heard = Sound(distorted(heard.samples, through))
        script = script_in(beside(sound), "en") if words else Script()
        return engine.infer(heard, {}, 0, fps, part(progress, 0.1, 1.0), script=script)

    return infer


def _draw_lips(sound: Path, folder: Path, times: Floats, values: Curves, labels: list[Label], plots: Path) -> None:
    from model_server.audio.decode import decode
    from model_server.audio.sound import SAMPLE_RATE

    from .evaluation_plot import plot_lips

    plot_lips(times, values, labels, decode(sound).samples, SAMPLE_RATE, *_picture(sound, folder, plots))


def _draw_capture(
    sound: Path, folder: Path, times: Floats, values: Curves, truth: FaceTrack, figures: dict[str, Any], plots: Path
) -> None:
    from .evaluation_plot import plot_capture

    captured = truth.times - truth.start
    plot_capture(times, values, captured, truth.talk, figures, *_picture(sound, folder, plots))


def _picture(sound: Path, folder: Path, plots: Path) -> tuple[str, Path]:
    """Title and file: recordings of one name in several folders keep apart."""
    name = "_".join(sound.relative_to(folder).with_suffix("").parts)
    return name, plots / f"{name}.png"


def pairs(folder: Path, suffix: str) -> list[tuple[Path, Path]]:
    """(recording, reference) below ``folder``: files of one name, the reference ending in ``suffix``."""
    found = []
    for reference in sorted(p for p in folder.rglob("*") if p.suffix.lower() == suffix):
        sounds = [p for p in (reference.with_suffix(s) for s in SOUNDS) if p.exists()]
        found += [(sound, reference) for sound in sounds[:1]]
    return found
