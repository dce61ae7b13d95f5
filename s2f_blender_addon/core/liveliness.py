"""How strongly a face lives besides what it says and feels.

A new part is a field here and its motion in ``model_server.face.life``: panel, terminal and HTTP have it from here.
"""

from dataclasses import dataclass
from typing import Annotated

from . import codec
from .codec import FieldLabel, Formerly, Within

STRONGEST = 2.0
Strength = Annotated[float, Within(0.0, STRONGEST, "Liveliness")]


@dataclass(frozen=True)
class Liveliness:
    """Strengths, 0-2; 1 is human, 0 switches off. Changing one moves nothing of the others, but ``effort``:
    how far the voice drives brows, head and mouth.

    Raises UserError for a strength that does not exist.
    """

    blinks: Annotated[Strength, FieldLabel("Blinks", "How often the eyes blink; 1 is about 17 times a minute")] = 1.0
    gaze: Annotated[Strength, FieldLabel("Gaze", "How far the eyes look about, and the lids with them")] = 1.0
    brows: Annotated[Strength, FieldLabel("Brows", "How far the brows underline what is said")] = 1.0
    head: Annotated[
        Strength, FieldLabel("Head", "How far the head nods and sways; “Head and Breath” puts that on bones")
    ] = 1.0
    breath: Annotated[
        Strength, Formerly("flesh"),
        FieldLabel("Breath", "Breath, nostrils, cheeks, and two halves of a mouth that are not quite alike"),
    ] = 1.0  # fmt: skip
    effort: Annotated[
        Strength, FieldLabel("Effort", "How far a louder or softer voice than usual drives jaw, lips, brows and head")
    ] = 1.0

    def __post_init__(self) -> None:
        codec.check(self)


HUMAN = Liveliness()
PARTS = codec.labels(Liveliness)
"""The parts by name, with what a user is shown of them."""
