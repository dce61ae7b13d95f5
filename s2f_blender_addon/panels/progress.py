"""How far a bake has come, as a bar with the way to end it."""


from bpy.types import UILayout

from ..session.jobs import Running
from .text import told


def draw_progress(row: UILayout, running: Running) -> None:
    """A bar, and a button that cancels."""
    row.progress(factor=running.fraction, text=progress_text(running), type="BAR")
    row.operator("s2f.cancel", text="", icon="X")


def progress_text(running: Running) -> str:
    """“42%, 8 s left”."""
    percent = f"{running.fraction:.0%}"
    if running.left is None:
        return percent
    seconds = round(running.left)
    if seconds < 60:
        return told("{percent}, {seconds} s left", percent=percent, seconds=seconds)
    return told("{percent}, {minutes} min left", percent=percent, minutes=round(seconds / 60))
