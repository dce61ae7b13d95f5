"""How strongly a face lives besides what it says and feels."""

from dataclasses import dataclass, fields
from typing import Annotated

from . import codec
from .codec import Within

STRONGEST = 2.0
Strength = Annotated[float, Within(0.0, STRONGEST, "Liveliness")]


@dataclass(frozen=True)
class Liveliness:
    """Strengths, 0-2; 1 is human, 0 switches off. Changing one moves nothing of the others.

    blinks: how many there are. gaze: how far the eyes go, and the lids with them. brows: how far they move. head: how
    far it nods and sways. flesh: breath, nostrils, cheeks, corners and the unevenness of the two halves.
    Raises UserError for a strength that does not exist.
    """

    blinks: Strength = 1.0
    gaze: Strength = 1.0
    brows: Strength = 1.0
    head: Strength = 1.0
    flesh: Strength = 1.0

    def __post_init__(self) -> None:
        codec.check(self)


HUMAN = Liveliness()
PARTS = tuple(part.name for part in fields(Liveliness))
