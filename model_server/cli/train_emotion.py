"""``s2f train emotion`` and what else hears, draws and judges emotion."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from s2f_blender_addon.core.whole_file import whole_file

from .progress import JsonProgress, Report, reporting

Speech = Annotated[Path, typer.Option(help="A folder with recordings of neutral speech.")]
Seed = Annotated[int, typer.Option(help="Decides every random choice.", min=0)]
Out = Annotated[Path, typer.Option("--out", "-o", help="What to write.")]
Count = Annotated[int, typer.Option(help="How many recordings to speak with.", min=2)]
Data = Annotated[Path, typer.Option(help="The folder that holds emotional/, speech/ and text/.")]
Whisper = Annotated[Path, typer.Option(help="A folder with Whisper base (CTranslate2, float16), whole or in parts.")]
Work = Annotated[Path, typer.Option(help="Where what was heard is kept; give the same folder to go on.")]
Share = Annotated[float, typer.Option(help="Share of every corpus, to try it out.", min=0.001, max=1.0)]
WORK = Path("emotion-work")
Each = Annotated[int, typer.Option(help="Tracks of every emotion for each recording.", min=1)]


def emotion(
    data: Data,
    whisper: Whisper,
    work: Work = WORK,
    out: Out = Path("emotion.safetensors"),
    words_out: Annotated[Path, typer.Option(help="The text model to write.")] = Path("words.safetensors"),
    scale: Share = 1.0,
    seed: Seed = 0,
    json_progress: JsonProgress = False,
) -> None:
    """Make the models that ship: what hears emotion in a voice, and what reads it in words."""
    from model_server.training.emotion.recipe import EmotionWorkspace, train

    with reporting(json_progress) as report:
        figures = train(EmotionWorkspace(data, whisper, work, scale, seed), out, words_out, report.progress)
        _show(report, figures["voice"])
        rows = [(name, *map(str, found.values())) for name, found in figures["words"].items()]
        report.table(("words, recall on", *next(iter(figures["words"].values()))), rows, figures=figures["words"])
        report.wrote(out)
        report.wrote(words_out)


def measure_emotion(
    data: Data,
    whisper: Whisper,
    work: Work = WORK,
    leave_out: Annotated[
        list[str] | None,
        typer.Option(metavar="CORPUS", help="Only train without crema, marco or emogator; repeatable."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Also write the figures to this .json file.")] = None,
    scale: Share = 1.0,
    seed: Seed = 0,
    json_progress: JsonProgress = False,
) -> None:
    """Measure what hears emotion in a voice on people and corpora left out of its training, each in turn."""
    from model_server.training.emotion.recipe import EmotionWorkspace, measure

    with reporting(json_progress) as report:
        figures = measure(EmotionWorkspace(data, whisper, work, scale, seed), leave_out or (), report.progress)
        _show(report, figures)
        if out is not None:
            with whole_file(out) as temporary:
                temporary.write_text(json.dumps(figures, indent=1), "utf-8")
            report.wrote(out)


def _show(report: Report, figures: dict[str, Any]) -> None:
    """The figures of the voice, then who was taken for whom."""
    from model_server.training.emotion.figures import confusions

    rows = []
    for on, parts in figures.items():
        for name, value in parts.items():
            if isinstance(value, dict) and name != "confusion":
                rows += [(on, name, what, str(x)) for what, x in value.items() if what != "confusion"]
            elif name != "confusion":
                rows.append((on, "", name, str(value)))
    report.table(("on", "", "figure", "value"), rows, figures=figures)
    for title, columns, table in confusions(figures):
        lines = [(name, *(str(row[column]) for column in columns)) for name, row in table.items()]
        report.table((f"{title}: taken for", *columns), lines, on=title, confusion=table)


def emotion_voice(
    data: Annotated[Path, typer.Option(help="A RAVDESS folder; the file that it makes is for research only.")],
    out: Out = Path("voice-emotion.safetensors"),
    nets: Annotated[int, typer.Option(help="How many nets vote.", min=1)] = 3,
    epochs: Annotated[int, typer.Option(help="Passes over the recordings.", min=1)] = 80,
    seed: Seed = 0,
    json_progress: JsonProgress = False,
) -> None:
    """Learn voice emotion from acted recordings: actors 17 to 20 choose, all others teach."""
    from model_server.training.emotion.acted import train_acted

    with reporting(json_progress) as report:
        figures = train_acted(data, out, nets=nets, epochs=epochs, seed=seed, progress=report.progress)
        rows = [(name, str(value)) for name, value in figures.items()]
        report.table(("on actors 17 to 20", "value"), rows, figures=figures)
        report.wrote(out)


def emotion_fusion(
    data: Annotated[
        Path | None, typer.Option(help="Also a RAVDESS folder; then the file that it makes is for research only.")
    ] = None,
    out: Out = Path("emotion-fusion.safetensors"),
    count: Annotated[int, typer.Option(help="How many recordings to speak with espeak-ng.", min=8)] = 600,
    epochs: Annotated[int, typer.Option(help="Passes over the pairs.", min=1)] = 40,
    seed: Seed = 0,
    json_progress: JsonProgress = False,
) -> None:
    """Learn to fuse voice and words by gated cross-attention, and compare it with late fusion."""
    from model_server.training.emotion.fusion import train_fusion

    with reporting(json_progress) as report:
        figures = train_fusion(out, count, seed, data, epochs, report.progress)
        rows = [
            (where, how, *map(str, found.values())) for where, table in figures.items() for how, found in table.items()
        ]
        report.table(("never taught", "fusion", "unweighted recall", "slider error"), rows, figures=figures)
        report.wrote(out)


def make_emotional(
    data: Speech,
    out: Out = Path("emotional"),
    count: Count = 40,
    each: Each = 3,
    seed: Seed = 0,
    json_progress: JsonProgress = False,
) -> None:
    """Combine talking tracks with expressions into a labelled emotional set."""
    from model_server.training.emotion.perceived_recipe import make_set

    with reporting(json_progress) as report:
        tracks = make_set(data, out, count, each, seed, report.progress)
        report.note(f"{tracks} tracks in {out}", tracks=tracks)
        report.wrote(out / "emotional.safetensors")


def perceived(
    data: Speech,
    captures: Annotated[Path | None, typer.Option(help="A folder with neutral captured tracks (CSV).")] = None,
    out: Out = Path("perceived.safetensors"),
    count: Count = 40,
    each: Each = 3,
    seed: Seed = 0,
    json_progress: JsonProgress = False,
) -> None:
    """Train the classifier that says what emotion a track shows, and measure it on expressions it never saw."""
    from model_server.training.emotion.perceived_recipe import train_and_measure

    with reporting(json_progress) as report:
        figures = train_and_measure(data, captures, out, count, each, seed, report.progress)
        rows = [(name, str(value)) for name, value in figures.items()]
        report.table(("on speakers and tables never taught", "value"), rows, figures=figures)
        report.wrote(out)


def population(
    data: Annotated[Path, typer.Option(help="The folder that holds speech/.")],
    out: Out = Path("population.json"),
    seed: Seed = 0,
    json_progress: JsonProgress = False,
) -> None:
    """Measure what is ordinary for a voice, on the readers of the recorded speech."""
    from model_server.training.emotion.recipe import measure_population

    with reporting(json_progress) as report:
        measure_population(data, out, seed, report.progress)
        report.wrote(out)


def expressions(
    videos: Annotated[
        Path,
        typer.Option(
            help="A folder of clips of a face, named after what is felt (angry.mp4, angry/take 2.mp4, neutral.mp4): "
            "videos, or tracks such as Live Link Face's."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="A folder for the emotions that Import Emotion reads.")],
    tracker: Annotated[
        Path, typer.Option(help="MediaPipe's face_landmarker.task, for videos.", show_default=True)
    ] = Path("face_landmarker.task"),
    json_progress: JsonProgress = False,
) -> None:
    """Learn an actor's own emotions from clips: how large, how fast, and what goes together."""
    from model_server.training.actor.expressions import learn_folder

    with reporting(json_progress) as report:
        found, notes = learn_folder(videos, tracker, out, report.progress)
        rows = [
            (name, f"{one.seconds:.1f}", f"{one.emotion.onset:.2f}", f"{one.emotion.release:.2f}", one.strongest)
            for name, one in found.items()
        ]
        report.table(("emotion", "seconds", "onset s", "release s", "strongest channels (with the whole)"), rows)
        for note in notes:
            report.note(note)
        for one in found.values():
            report.wrote(out / f"{one.emotion.name}.json")


def add_to(app: typer.Typer) -> None:
    """The commands become part of ``s2f train``."""
    heard = (emotion, measure_emotion, emotion_voice, emotion_fusion)
    for command in (*heard, make_emotional, perceived, population, expressions):
        app.command()(command)
