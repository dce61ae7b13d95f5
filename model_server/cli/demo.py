"""``s2f demo``: the whole job on the sample recording and the demo head."""

from pathlib import Path
from typing import Annotated

import typer

from model_server.in_blender.rig_files import DEMO
from model_server.in_blender.shot import ShotLine
from model_server.sample import SAMPLE
from s2f_blender_addon.core.request import Request

from .bake import TRACK_FPS
from .progress import JsonProgress, Report, reporting
from .shot import bake_shot, preview
from .speak import spoken

SCENE_FPS = 24.0
PREVIEW_SIZE = 512
SEED = 0


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="The folder for the files.")] = Path("demo"),
    json_progress: JsonProgress = False,
) -> None:
    """Make our head speak the sample recording: a .blend file, a preview .mp4 with sound, a .png of the curves."""
    with reporting(json_progress) as report:
        make_demo(out, PREVIEW_SIZE, report)


def make_demo(folder: Path, size: int, report: Report) -> None:
    """Write ``hello.blend``, ``.mp4`` (``size`` pixels high) and ``.png`` into ``folder``."""
    from model_server.audio.decode import decode
    from model_server.audio.sound import SAMPLE_RATE

    from .plot import plot

    blend, video, picture = (folder / f"{SAMPLE.stem}{suffix}" for suffix in (".blend", ".mp4", ".png"))
    track = spoken(SAMPLE, Request(seed=SEED, fps=TRACK_FPS), "", "auto", report.part(0.0, 0.1)).track
    report.progress(0.1, "drawing the curves")
    plot(track, decode(SAMPLE).samples, SAMPLE_RATE, "“Hello! My name is Poppy …” as ARKit curves", picture)
    report.wrote(picture)
    done = bake_shot(
        [(track, ShotLine("", SAMPLE.stem, str(SAMPLE), seed=SEED))], DEMO, blend, report.part(0.15, 0.25), SCENE_FPS
    )
    report.wrote(blend)
    preview(blend, video, round(done["first"]), round(done["last"]), size, report.part(0.25, 1.0))
    report.wrote(video)
