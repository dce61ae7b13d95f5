"""How every command says what it is doing: a bar on the terminal, or one JSON object a line for programs."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from model_server.cancel import Progress

JsonProgress = Annotated[bool, typer.Option("--json-progress", help="Print one JSON object a line instead of text.")]
"""The option as every command declares it."""

SECONDS_BETWEEN_LINES = 0.1


Show = Callable[[float, str, str], None]
"""Draws (fraction, what is being done, how long it will take)."""


class Report:
    """What a command tells its user. ``show`` draws it; None prints JSON lines to stdout."""

    def __init__(self, show: Show | None) -> None:
        self._show = show
        self._last_line = 0.0
        self._began = time.monotonic()

    def progress(self, fraction: float, doing: str) -> None:
        """``fraction`` 0-1 of the command is done; ``doing`` says what is going on in a few words."""
        passed = time.monotonic() - self._began
        self.of_hours(fraction, doing, passed * (1 - fraction) / fraction if passed > 1 and 0 < fraction < 1 else None)

    def of_hours(self, fraction: float, doing: str, left: float | None) -> None:
        """As ``progress``, of work that knows how many seconds are ``left``."""
        if self._show is not None:
            self._show(fraction, doing, "" if left is None else _duration(left))
        elif fraction >= 1 or time.monotonic() - self._last_line >= SECONDS_BETWEEN_LINES:
            self._last_line = time.monotonic()
            seconds = {} if left is None else {"left": round(left, 1)}
            self._line(event="progress", fraction=round(min(fraction, 1.0), 4), doing=doing, **seconds)

    def part(self, start: float, end: float, label: str = "") -> Progress:
        """A callback for a step that takes the command from ``start`` to ``end``, both 0-1."""

        def progress(fraction: float, doing: str) -> None:
            self.progress(start + (end - start) * fraction, f"{label}: {doing}" if label else doing)

        return progress

    def wrote(self, path: Path) -> None:
        """An output file is complete."""
        if self._show is None:
            self._line(event="wrote", path=str(path))
        else:
            print(path)

    def note(self, sentence: str, **fields: Any) -> None:
        """Something the user should know; ``fields`` say the same to a program."""
        if self._show is None:
            self._line(event="note", text=sentence, **fields)
        else:
            print(sentence)

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]], **fields: Any) -> None:
        """Rows of text below ``header``; ``fields`` say the same to a program."""
        if self._show is None:
            self._line(event="table", **fields)
            return
        from rich.box import SIMPLE
        from rich.console import Console
        from rich.table import Table

        table = Table(*header, box=SIMPLE)
        for row in rows:
            table.add_row(*row)
        Console().print(table)

    def _line(self, **fields: Any) -> None:
        print(json.dumps(fields, ensure_ascii=False), flush=True)


@contextmanager
def reporting(json_progress: bool) -> Iterator[Report]:
    """The Report of one command. The bar goes to stderr, and only to a terminal: logs stay clean."""
    if json_progress:
        yield Report(None)
        return
    if not sys.stderr.isatty():
        yield Report(lambda fraction, doing, left: None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[left]}"))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=1.0, left="")
        yield Report(
            lambda fraction, doing, left: bar.update(task, completed=fraction, description=doing, left=left)
        )


def _duration(seconds: float) -> str:
    """As a bar says how long it will take: 2:05, 1:02:05."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
