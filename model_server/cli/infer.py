"""``s2f infer``: recordings to track files."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from model_server.cancel import Progress, part
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.blend import Mix
from s2f_blender_addon.core.errors import UserError

from .options import Device, Emotion, Intensity, Model, Seed, sliders
from .progress import JsonProgress, reporting
from .speak import engine_for

DEFAULT_SUFFIX = ".csv"


def infer(
    sources: Annotated[list[Path], typer.Argument(metavar="IN...", help="Recordings, anything libsndfile reads.")],
    out: Annotated[
        str, typer.Option("--out", "-o", metavar="OUT", help="A .csv, .json or .s2f file, or a folder/ for .csv files.")
    ],
    fps: Annotated[float, typer.Option(help="Frames a second.", min=1, max=1000)] = 60.0,
    emotion: Emotion = "",
    intensity: Intensity = 1.0,
    seed: Seed = 0,
    model: Model = "",
    device: Device = "auto",
    json_progress: JsonProgress = False,
) -> None:
    """Turn recordings into blendshape curves for a face."""
    wanted = sliders(emotion)
    targets = plan(sources, out)
    problems: list[UserError] = []
    with reporting(json_progress) as report:
        engine = engine_for(model, device)

        def write(source: Path, target: Path, progress: Progress) -> None:
            from model_server.audio.decode import decode

            sound = decode(source, part(progress, 0.0, 0.1))
            track = engine.infer(sound, wanted, seed, fps, part(progress, 0.1, 0.9))
            progress(0.9, "Writing the curves")
            formats.write(target, track, Mix(intensity=intensity))

        for i, (source, target) in enumerate(zip(sources, targets, strict=True)):
            label = source.name if len(sources) > 1 else ""
            try:
                write(source, target, report.part(i / len(sources), (i + 1) / len(sources), label))
                report.wrote(target)
            except UserError as error:  # one bad file does not stop the others
                problems.append(error)
    for problem in problems[:-1]:
        print("s2f: " + " ".join(str(problem).split()), file=sys.stderr)
    if problems:
        raise problems[-1]


def plan(sources: list[Path], out: str) -> list[Path]:
    """Where the track of each source goes. Raises UserError for outputs that cannot all be written."""
    folder = out.endswith(("/", os.sep)) or Path(out).is_dir()
    if not folder:
        if len(sources) > 1:
            raise UserError(f"{out}: several recordings need a folder; write {out}/ for one.")
        if not formats.is_track(out):
            raise UserError(f"{out}: a track file ends in {', '.join(formats.BY_SUFFIX)}, a folder in /.")
        return [Path(out)]
    targets: dict[Path, Path] = {}
    for source in sources:
        target = Path(out) / (source.stem + DEFAULT_SUFFIX)
        if target in targets:
            raise UserError(f"{targets[target]} and {source} would both become {target}; rename one of them.")
        targets[target] = source
    return list(targets)
