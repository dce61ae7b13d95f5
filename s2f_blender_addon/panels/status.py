"""The running bake in Blender's status bar, where Blender shows its own jobs: in view whatever else is."""

from typing import Any

from .. import session
from .progress import draw_progress


def draw_status(header: Any, context: Any) -> None:
    """At the end of the status bar; nothing while nothing runs."""
    running = session.current.jobs.running
    if running is not None:
        row = header.layout.row(align=True)
        row.label(text=running.doing, icon="REC")
        draw_progress(row, running)
