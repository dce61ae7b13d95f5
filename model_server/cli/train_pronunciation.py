"""``s2f train pronunciation``: the English dictionary that ships, and the rules for words that it lacks."""

from pathlib import Path
from typing import Annotated

import typer

from .progress import JsonProgress, reporting


def add_to(app: typer.Typer) -> None:
    """Give ``s2f train`` this stage."""
    app.command()(pronunciation)


def pronunciation(
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write into.")] = Path("pronunciation"),
    json_progress: JsonProgress = False,
) -> None:
    """Pack the CMU dictionary and learn from it how words that it lacks are said."""
    from model_server.training import pronunciation as recipe

    with reporting(json_progress) as report:
        figures = recipe.make(out, report.progress)
        report.table(("on words held out", "value"), [(k, str(v)) for k, v in figures.items()], figures=figures)
        for name in recipe.FILES:
            report.wrote(out / name)
