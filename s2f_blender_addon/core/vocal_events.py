"""Sounds without words that were heard in a recording, which the face acts."""

import math
from dataclasses import dataclass
from typing import Annotated, Literal

from . import codec
from .codec import Within

Kind = Literal["laugh", "sigh", "gasp", "sob"]
KINDS: tuple[Kind, ...] = ("laugh", "sigh", "gasp", "sob")


@dataclass(frozen=True)
class VocalEvent:
    """From ``start`` to ``end``, seconds of the recording. Raises UserError for another kind or a negative time."""

    kind: Kind
    start: Annotated[float, Within(0.0, math.inf, "A time in seconds")]
    end: Annotated[float, Within(0.0, math.inf, "A time in seconds")]

    def __post_init__(self) -> None:
        codec.check(self)
