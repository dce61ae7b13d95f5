"""``s2f train style``: a captured minute of an actor becomes their way to speak."""

from pathlib import Path
from typing import Annotated

import typer

from s2f_blender_addon.core.errors import UserError

from .progress import JsonProgress, reporting


def style(
    data: Annotated[
        str,
        typer.Option(
            metavar="FOLDER|@LIST",
            help="Recordings beside captures: Live Link CSV, Audio2Face JSON, .npy of 3D-ETF; or a list of them.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="STYLE.json", help="The style to write.")],
    actor: Annotated[
        str, typer.Option(help="Whose captures, where FOLDER holds several actors'.", show_default="the only one")
    ] = "",
    name: Annotated[str, typer.Option(help="What the style is called.", show_default="the actor's")] = "",
    leave_out: Annotated[
        list[str] | None, typer.Option(metavar="STEM", help="A recording to keep for s2f evaluate. Once or more.")
    ] = None,
    seconds: Annotated[float, typer.Option(help="How much to learn from, evenly of each recording.", min=10)] = 300.0,
    research: Annotated[
        bool, typer.Option("--research", help="The captures are not for commercial use, so tracks say that.")
    ] = False,
    beside: Annotated[
        bool,
        typer.Option(
            "--beside/--not-beside",
            help="Keep what ours makes of the recordings beside them, where their folder can be written to.",
        ),
    ] = True,
    json_progress: JsonProgress = False,
) -> None:
    """Learn an actor's amplitudes, asymmetry and habits from captures; minutes on a processor."""
    from model_server.training.actor import captures

    from .speak import engine_for

    if out.suffix.lower() != ".json":
        raise UserError(f"{out}: the name of a style ends in .json.")
    with reporting(json_progress) as report:
        left_out = set(leave_out or ())
        found = captures.pairs(data)
        actors = sorted({pair.actor for pair in found})
        if not actor and len(actors) > 1:
            raise UserError(f"{data} holds {len(actors)} actors ({', '.join(actors[:5])}…); choose one with --actor.")
        mine = [pair for pair in found if pair.actor == (actor or actors[0]) and pair.sound.stem not in left_out]
        if not mine:
            known = ", ".join(actors)
            raise UserError(f"{data} holds no capture of {actor or actors[0]} to learn from; its actors: {known}.")
        from model_server.training.actor.style import about, compared, cut, fitted
        from model_server.training.corpus.features import Features
        from s2f_blender_addon.core.style import write_file

        engine, seen, features = engine_for("", "cpu"), [], Features(beside=beside)
        for i, pair in enumerate(mine):
            watch = report.part(i / len(mine), (i + 1) / len(mine), pair.sound.name)
            seen.append(compared(engine, pair, features, watch))
        seen = cut(seen, seconds)
        made = fitted(seen, name or (actor or actors[0]), "research" if research else "product")
        told = about(made, seen)
        write_file(out, made, {**told, "recordings": [pair.sound.name for pair in mine]})
        report.table(("against ours", ""), [(what, str(value)) for what, value in told.items()], style=told)
        report.wrote(out)
        report.note(features.told)


def add_to(app: typer.Typer) -> None:
    """The command becomes part of ``s2f train``."""
    app.command()(style)
