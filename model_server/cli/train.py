"""``s2f train``: the bundled model from scratch, in stages that go on where they stopped."""

from pathlib import Path
from typing import Annotated

import typer

from model_server.training.recipe import bundled
from model_server.training.recipe.workspace import RecipeWorkspace

from . import train_emotion, train_english, train_slots, train_style
from .progress import JsonProgress, Report, reporting

app = typer.Typer(help="Make the speech model: corpus, words, fit, export; or all of it.", no_args_is_help=True)

Data = Annotated[
    Path, typer.Option(help="The folder that holds speech/ with the recordings and pairs/ with captured faces.")
]
Work = Annotated[Path, typer.Option(help="Where the corpus and the runs go; give the same folder to go on.")]
Seed = Annotated[int, typer.Option(help="Decides every random choice.", min=0)]
Scale = Annotated[float, typer.Option(help="Hours and steps as a share of the full recipe, to try it out.", min=0.0001)]
Out = Annotated[Path, typer.Option("--out", "-o", help="The model file to write.")]
Whisper = Annotated[
    Path | None,
    typer.Option(help="A folder with Whisper tiny.en (CTranslate2, float16): finds words, begins the network."),
]
Aligner = Annotated[Path | None, typer.Option(help="A model file that aligns the recordings; one is made without.")]
KokoroFolder = Annotated[Path | None, typer.Option("--kokoro", help="A folder with Kokoro, a neural synthesiser.")]
ModelId = Annotated[str, typer.Option("--id", help="Name and version that the model carries.")]

WORK, OUT, MODEL_ID = Path("corpus"), Path("talk.safetensors"), "talk"


@app.command()
def corpus(work: Work = WORK, seed: Seed = 0, scale: Scale = 1.0, json_progress: JsonProgress = False) -> None:
    """Let espeak-ng and flite speak, and keep the times of their phones."""
    with reporting(json_progress) as report:
        bundled.corpus(RecipeWorkspace(Path(), work, seed, scale), report.progress)


@app.command()
def words(data: Data, work: Work = WORK, whisper: Whisper = None, json_progress: JsonProgress = False) -> None:
    """Find out what is said in the real recordings."""
    with reporting(json_progress) as report:
        bundled.words(RecipeWorkspace(data, work, whisper=whisper), report.progress)


@app.command()
def voices(
    kokoro: Annotated[Path, typer.Option(help="A folder with Kokoro (model.onnx, vocab.json, voices/).")],
    work: Work = WORK,
    seed: Seed = 0,
    scale: Scale = 1.0,
    json_progress: JsonProgress = False,
) -> None:
    """Let a neural synthesiser read sentences in dozens of voices; optional."""
    with reporting(json_progress) as report:
        bundled.voices(RecipeWorkspace(Path(), work, seed, scale, kokoro=kokoro), report.progress)


@app.command()
def fit(
    data: Data,
    work: Work = WORK,
    whisper: Whisper = None,
    aligner: Aligner = None,
    seed: Seed = 0,
    scale: Scale = 1.0,
    json_progress: JsonProgress = False,
) -> None:
    """Fit a teacher to the corpus, then what ships; the teacher aligns the recordings and says what it hears."""
    with reporting(json_progress) as report:
        bundled.fit(RecipeWorkspace(data, work, seed, scale, whisper, aligner), report.of_hours)


@app.command()
def export(
    work: Work = WORK,
    out: Out = OUT,
    model_id: ModelId = MODEL_ID,
    seed: Seed = 0,
    scale: Scale = 1.0,
    json_progress: JsonProgress = False,
) -> None:
    """Write the fitted network as a model file with its card, measured on held-out voices."""
    with reporting(json_progress) as report:
        _export(RecipeWorkspace(Path(), work, seed, scale), out, model_id, report)


@app.command()
def mixed(
    data: Data,
    work: Work = WORK,
    start: Annotated[Path | None, typer.Option(help="The model file to go on from; else the bundled one.")] = None,
    out: Out = OUT,
    model_id: ModelId = MODEL_ID,
    steps: Annotated[int | None, typer.Option(help="How many steps; else the recipe's.", min=1)] = None,
    seed: Seed = 0,
    json_progress: JsonProgress = False,
) -> None:
    """The last round: a model that hears single clean recordings learns to hear them joined, soft beside loud."""
    from dataclasses import replace

    from model_server.training.recipe import mixed
    from model_server.training.recipe.rounds import MIXED

    plan = replace(MIXED.plan, steps=steps or MIXED.plan.steps, seed=seed)
    with reporting(json_progress) as report:
        figures = mixed.train(data, work, start, out, model_id, plan, report.of_hours)
        _show(report, figures, out)


@app.command()
def measure(
    model: Annotated[Path, typer.Argument(help="The model file.")],
    data: Annotated[Path | None, typer.Option(help="As for fit; with it, recordings are spoilt as well.")] = None,
    work: Work = WORK,
    json_progress: JsonProgress = False,
) -> None:
    """Count a model file's closures on held-out voices, as heard and in context, clean and spoilt."""
    from model_server.training.recipe.development import measured

    columns = ("closure_f1", "recall", "precision", "frames_right", "centre_offset_ms", "centre_iqr_ms")
    with reporting(json_progress) as report:
        found = measured(model, work, data, report.progress)
        rows = [
            (part, way, *(f"{figures[name]:g}" for name in columns))
            for part, ways in found.items() for way, figures in ways.items()
        ]  # fmt: skip
        report.table(("heard by nobody in training", "", *columns), rows, figures=found)


@app.command("all")
def everything(
    data: Data,
    work: Work = WORK,
    whisper: Whisper = None,
    kokoro: KokoroFolder = None,
    aligner: Aligner = None,
    out: Out = OUT,
    model_id: ModelId = MODEL_ID,
    seed: Seed = 0,
    scale: Scale = 1.0,
    json_progress: JsonProgress = False,
) -> None:
    """All stages, one after the other, from nothing to what ships; the same command goes on where it was stopped."""
    from model_server.training.recipe import complete

    space = RecipeWorkspace(data, work, seed, scale, whisper, aligner, kokoro)
    with reporting(json_progress) as report:
        _show(report, complete.train(space, out, model_id, report.of_hours), out)


def _export(space: RecipeWorkspace, out: Path, model_id: str, report: Report) -> None:
    figures = bundled.export(space, out, model_id, report.progress)
    _show(report, figures, out)


def _show(report: Report, figures: dict[str, dict[str, float]], out: Path) -> None:
    rows = [(part, name, str(value)) for part, found in figures.items() for name, value in found.items()]
    report.table(("heard by nobody in training", "figure", "value"), rows, figures=figures)
    report.wrote(out)


train_emotion.add_to(app)
train_english.add_to(app)
train_slots.add_to(app)
train_style.add_to(app)
