"""The plain fusion: coarticulation rules make the mouth, and an expression is added to it afterwards."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from model_server.cancel import Progress, silent
from model_server.face.expressions import Expression
from model_server.face.life import Performance
from model_server.face.mood import mood
from model_server.slots.can import Can
from model_server.speech import coarticulation
from model_server.speech.backend import Weights
from s2f_blender_addon.core.acting import Acting
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.request import Side

Array = npt.NDArray[np.float32]


NO_ACTING = (
    "Level, person, identity, closures, smoothing and blinks are for a model that knows several; name one with "
    "--model, or leave them as they are."
)


class Rules:
    """Entry ``rules``: no weights. Content and emotion meet in the lips alone, which make up for it."""

    @staticmethod
    def tensors(settings: dict[str, Any]) -> dict[str, tuple[int, ...]]:
        return {}

    @classmethod
    def open(cls, settings: dict[str, Any], weights: Weights) -> "Rules":
        return cls()

    @property
    def can(self) -> Can:
        """Nothing."""
        return Can()

    def acted(self, acting: Acting) -> "Rules":
        """Rules know one mouth and no levels. Raises UserError for any other."""
        if acting != Acting():
            raise UserError(NO_ACTING)
        return self

    def shapes(self, phones: Array, loudness: Array, rate: float) -> Array:
        return coarticulation.neutral(phones, loudness, rate)

    def mood(
        self,
        emotion: Array,
        performance: Performance,
        expressions: Sequence[Expression] | None = None,
        side: Side = "left",
        progress: Progress = silent,
    ) -> Array:
        return mood(emotion, performance, expressions, side, progress)
