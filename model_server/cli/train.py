"""``s2f train``: the bundled model from scratch, in stages that go on where they stopped."""

from pathlib import Path
from typing import Annotated

import typer

from model_server.training import recipe

from . import train_emotion
from .progress import JsonProgress, Report, reporting

app = typer.Typer(help="Make the speech model: corpus, align, fit, export; or all of it.", no_args_is_help=True)

Data = Annotated[
    Path, typer.Option(help="The folder that holds speech/ with the recordings and pairs/ with captured faces.")
]
Work = Annotated[Path, typer.Option(help="Where the corpus and the runs go; give the same folder to go on.")]
Seed = Annotated[int, typer.Option(help="Decides every random choice.", min=0)]
Scale = Annotated[float, typer.Option(help="Hours and steps as a share of the full recipe, to try it out.", min=0.0001)]
Out = Annotated[Path, typer.Option("--out", "-o", help="The model file to write.")]
ModelId = Annotated[str, typer.Option("--id", help="Name and version that the model carries.")]

WORK, OUT, MODEL_ID = Path("corpus"), Path("talk.safetensors"), "talk"


@app.command()
def corpus(work: Work = WORK, seed: Seed = 0, scale: Scale = 1.0, json_progress: JsonProgress = False) -> None:
    """Let espeak-ng and flite speak, and keep the times of their phones."""
    with reporting(json_progress) as report:
        recipe.corpus(recipe.Workspace(Path(), work, seed, scale), report.progress)


@app.command()
def align(data: Data, work: Work = WORK, json_progress: JsonProgress = False) -> None:
    """Find words and phones in the real recordings with pocketsphinx."""
    with reporting(json_progress) as report:
        recipe.align(recipe.Workspace(data, work), report.progress)


@app.command()
def fit(data: Data, work: Work = WORK, seed: Seed = 0, scale: Scale = 1.0, json_progress: JsonProgress = False) -> None:
    """Fit the network to the corpus, in rounds."""
    with reporting(json_progress) as report:
        recipe.fit(recipe.Workspace(data, work, seed, scale), report.progress)


@app.command()
def export(
    work: Work = WORK,
    out: Out = OUT,
    model_id: ModelId = MODEL_ID,
    seed: Seed = 0,
    scale: Scale = 1.0,
    json_progress: JsonProgress = False,
) -> None:
    """Measure the last round on held-out voices and write the model file with its card."""
    with reporting(json_progress) as report:
        _export(recipe.Workspace(Path(), work, seed, scale), out, model_id, report)


@app.command("all")
def everything(
    data: Data,
    work: Work = WORK,
    out: Out = OUT,
    model_id: ModelId = MODEL_ID,
    seed: Seed = 0,
    scale: Scale = 1.0,
    json_progress: JsonProgress = False,
) -> None:
    """All stages, one after the other."""
    space = recipe.Workspace(data, work, seed, scale)
    with reporting(json_progress) as report:
        recipe.corpus(space, report.part(0.0, 0.15, "corpus"))
        recipe.align(space, report.part(0.15, 0.5, "align"))
        recipe.fit(space, report.part(0.5, 0.98, "fit"))
        _export(space, out, model_id, report)


def _export(space: recipe.Workspace, out: Path, model_id: str, report: Report) -> None:
    figures = recipe.export(space, out, model_id, report.part(0.98, 1.0, "export"))
    rows = [(part, name, str(value)) for part, found in figures.items() for name, value in found.items()]
    report.table(("heard by nobody in training", "figure", "value"), rows, figures=figures)
    report.wrote(out)


train_emotion.add_to(app)
