"""The running bake in Blender's status bar, where Blender shows its own jobs: in view whatever else is."""


from bpy.types import Context, Header

from .. import session
from .progress import draw_progress


def draw_status(header: Header, context: Context) -> None:
    """At the end of the status bar; nothing while nothing runs."""
    running = session.current.jobs.running
    if running is not None:
        row = header.layout.row(align=True)
        row.label(text=running.doing, icon="REC")
        draw_progress(row, running)
