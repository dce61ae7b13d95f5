"""The GPU runtime in the add-on's preferences: its state, and the one thing to do next."""


from bpy.types import Context, UILayout

from .. import runtime_session
from ..operators.runtime import why_offline
from ..runtime.installation import News
from ..runtime.plan import SetupPlan
from ..runtime.state import RuntimeState
from .text import sentence

_STATES = {
    RuntimeState.NOT_INSTALLED: ("Not installed: the model runs on the CPU", "Set Up GPU Runtime…"),
    RuntimeState.READY: ("Ready", "Repair…"),
    RuntimeState.UPDATE_REQUIRED: ("An update is there", "Update…"),
    RuntimeState.BROKEN: ("Broken", "Repair…"),
}


def draw_runtime(layout: UILayout, context: Context) -> None:
    """A box with state, progress, question or failure, and their buttons."""
    current = runtime_session.current
    box = layout.box()
    box.label(text="GPU Runtime (NVIDIA)", icon="MEMORY")
    if current.work is not None:
        _progress(box, current.work.latest)
        return
    if current.error:
        sentence(box, context, current.error, "ERROR")
    if current.plan is not None:
        _question(box, context, current.plan)
        return
    found = current.found
    state, button = _STATES[found.state]
    card = f": {found.installed.card} ({found.installed.build})" if found.installed else ""
    box.label(text=f"{state}{card}", icon="CHECKMARK" if found.state is RuntimeState.READY else "INFO")
    if found.why:
        sentence(box, context, found.why, "BLANK1")
    box.label(text=f"Folder: {current.folder}", icon="FILE_FOLDER")
    row = box.row()
    row.operator("s2f.runtime_look", text="Asking the graphics driver…" if current.looking else button)
    row.operator("s2f.runtime_folder")
    row.operator("s2f.runtime_remove", text="Remove")
    row = box.row()
    row.operator("s2f.runtime_list", text="Copy List of Files")
    row.operator("s2f.runtime_report", text="Copy Report")


def _progress(box: UILayout, news: News) -> None:
    box.progress(factor=news.fraction, text=f"{round(news.fraction * 100)}%")
    box.label(text=news.doing)
    box.operator("s2f.runtime_cancel", icon="CANCEL")


def _question(box: UILayout, context: Context, plan: SetupPlan) -> None:
    for line in plan.question:
        sentence(box, context, line, "DOT")
    if why_offline():
        sentence(box, context, f"{why_offline()}.", "ERROR")
    row = box.row()
    row.operator("s2f.runtime_install", text=f"Fetch {plan.fetched / 1e9:.1f} GB and Install", icon="IMPORT")
    row.operator("s2f.runtime_install_offline")
    row.operator("s2f.runtime_decline")
