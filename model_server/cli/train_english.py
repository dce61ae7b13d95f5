"""``s2f train pronunciation`` and ``vocabulary``: what the zip knows of English."""

from pathlib import Path
from typing import Annotated

import typer

from .progress import JsonProgress, reporting


def add_to(app: typer.Typer) -> None:
    """Give ``s2f train`` these stages."""
    app.command()(pronunciation)
    app.command()(vocabulary)


def pronunciation(
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write into.")] = Path("pronunciation"),
    json_progress: JsonProgress = False,
) -> None:
    """Pack the CMU dictionary and learn from it how words that it lacks are said."""
    from model_server.training.tables import pronunciation

    with reporting(json_progress) as report:
        figures = pronunciation.make(out, report.progress)
        report.table(("on words held out", "value"), [(k, str(v)) for k, v in figures.items()], figures=figures)
        for name in pronunciation.FILES:
            report.wrote(out / name)


def vocabulary(
    arpa: Annotated[Path, typer.Option("--arpa", help="A language model of English, bigrams at least, as ARPA text.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write into.")] = Path("vocabulary"),
    json_progress: JsonProgress = False,
) -> None:
    """Pack the likeliest words of a language model, how they are said and which follows which."""
    from model_server.speech.words.vocabulary import FILE
    from model_server.training.tables import vocabulary as table

    with reporting(json_progress) as report:
        figures = table.make(arpa, out, report.progress)
        report.table(("kept", "number"), [(k, str(v)) for k, v in figures.items()], figures=figures)
        report.wrote(out / FILE.name)
