"""Who hears the voice, reads the words and fuses the two: chosen in the preferences, warned of in the panel."""

import math
from pathlib import Path

from bpy.types import Context, UILayout

from .. import session
from ..core.errors import UserError
from ..core.in_time import InTime
from ..emotion import models
from .text import sentence


def _look(key: tuple[str, str, int]) -> models.Choice | str | None:
    slot, path, _ = key
    try:
        return models.CHOICES[slot](path)
    except UserError as error:
        return str(error)


_known = InTime(_look, meanwhile=None, fresh=math.inf)


def draw_emotion_models(layout: UILayout, context: Context) -> None:
    """Each slot: what is chosen, under which licence, and the way back."""
    chosen = models.chosen()
    column = layout.column()
    _slot(column, context, "VOICE", "Hears the voice", chosen.voice)
    row = column.row(align=True)
    row.operator("s2f.load_research", text="Load Research Weights…", icon="FILE").slot = "VOICE"
    row.operator("s2f.choose_emotion_folder", text="", icon="FILE_FOLDER").slot = "VOICE"
    _slot(column, context, "TEXT", "Reads the words", chosen.text)
    column.operator("s2f.choose_emotion_folder", text="Choose Text Classifier…", icon="FILE_FOLDER").slot = "TEXT"
    _slot(column, context, "FUSION", "Fused by", chosen.fusion)
    column.operator("s2f.load_research", text="Load Trained Fusion…", icon="FILE").slot = "FUSION"


def draw_emotion_warnings(layout: UILayout, context: Context) -> None:
    """What the user should know of models of their own before using them; nothing for what ships."""
    chosen = models.chosen()
    column = layout.column()
    for slot, path in (("VOICE", chosen.voice), ("TEXT", chosen.text), ("FUSION", chosen.fusion)):
        choice = _choice(slot, path)
        if isinstance(choice, str):
            sentence(column, context, choice, "ERROR")
        else:
            _warn(column, context, choice)
    if chosen != models.Chosen():
        column.operator("s2f.preferences", icon="PREFERENCES")


def _slot(layout: UILayout, context: Context, slot: str, label: str, path: str) -> None:
    choice = _choice(slot, path)
    row = layout.row(align=True)
    if isinstance(choice, str):
        row.label(text=f"{label}: {Path(path).name}", icon="ERROR")
        sentence(layout, context, choice)
    else:
        row.label(text=f"{label}: {choice.title}", icon="RADIOBUT_ON" if path else "CHECKMARK")
    if path:
        row.operator("s2f.shipped_emotion_model", text="", icon="LOOP_BACK").slot = slot
    if isinstance(choice, models.Choice):
        _warn(layout, context, choice)


def _warn(layout: UILayout, context: Context, choice: models.Choice) -> None:
    """For what its results may be used, and what it lacks to run."""
    if choice.track == "research":
        sentence(layout, context, f"{choice.title}: research, not for commercial use ({choice.licence}).", "ERROR")
    if choice.torch and _without_torch():
        sentence(
            layout, context, "This needs torch, and the model runs in a Python without it: set up the GPU runtime, or "
            "name a Python with torch, in the add-on's preferences.", "ERROR",
        )  # fmt: skip


def _without_torch() -> bool:
    """Whether the model process, where one runs, has no torch."""
    hello = session.current.link.hello
    return hello is not None and hello.backend == "numpy"


def _choice(slot: str, path: str) -> models.Choice | str:
    """What is at ``path``, or why nothing is; looked up once, since drawing must be cheap."""
    found = _known((slot, path, session.current.shown.revision))
    return f"The disk with {Path(path).name} does not answer yet." if found is None else found
