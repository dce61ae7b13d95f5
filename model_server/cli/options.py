"""Options that several commands have, declared once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.errors import UserError

if TYPE_CHECKING:
    from model_server.face.life import Liveliness

AUTO = "auto"
"""``--emotion auto``: from the recording itself."""


def sliders(text: str, own: Sequence[str] = ()) -> dict[str, float]:
    """``happy=0.8,sad=0.1`` as a dict. Raises UserError for a name (of EMOTIONS or ``own``) or a value that is none."""
    result: dict[str, float] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = (part.strip() for part in item.partition("="))
        if name not in EMOTIONS and name not in own:
            raise UserError(f"--emotion {item}: the emotions are {', '.join((*EMOTIONS, *own))}.")
        try:
            result[name] = float(value)
        except ValueError as error:
            raise UserError(f"--emotion {item}: write a number, for example {name}=0.8.") from error
        if not 0 <= result[name] <= 1:
            raise UserError(f"--emotion {item}: a slider goes from 0 to 1.")
    return result


def liveliness(text: str) -> "Liveliness":
    """``blinks=0.5,gaze=2`` as strengths. Raises UserError for a name or a value that does not exist."""
    from model_server.face.life import Liveliness

    strengths: dict[str, object] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = (part.strip() for part in item.partition("="))
        try:
            strengths[name] = float(value)
        except ValueError as error:
            raise UserError(f"--life {item}: write a number, for example blinks=0.5.") from error
    try:
        return Liveliness.named(strengths)
    except UserError as error:
        raise UserError(f"--life {text}: {error}") from error


Emotion = Annotated[
    str,
    typer.Option(
        help=f"Sliders 0-1, for example happy=0.8,sad=0.1, or {AUTO}: from the voice.", show_default="neutral"
    ),
]
Intensity = Annotated[float, typer.Option(help="Scales the emotion.", min=0.0, max=2.0)]
Seed = Annotated[int, typer.Option(help="Decides blinks and gaze; same seed, same track.", min=0)]
Life = Annotated[
    str,
    typer.Option(
        metavar="NAME=0-2,…",
        help="Strengths of blinks, gaze, brows, head and flesh, for example blinks=0.5,gaze=0.",
        show_default="all 1",
    ),
]
Transcript = Annotated[
    str,
    typer.Option(
        metavar="TEXT|FILE|DIR/",
        help=f"What is said (.txt or .srt): the lips follow the words; with --emotion {AUTO} their mood counts, too.",
        show_default=False,
    ),
]
Language = Annotated[
    str, typer.Option(help="Of the transcript: en, or whatever an installed espeak-ng speaks (de, fr, …).")
]
Model = Annotated[str, typer.Option(help="A weights file.", show_default="the bundled model")]
Device = Annotated[str, typer.Option(help="cpu, cuda, or auto: the CPU for one command, the card for a server.")]
