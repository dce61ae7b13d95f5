"""What the small models of emotion have in common: one file, whose metadata is a card of a format of its own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from model_server.emotion.eight_bits import unpacked
from model_server.speech import weights
from s2f_blender_addon.core.errors import UserError


@dataclass(frozen=True)
class EmotionCard:
    """Of every such model. made: data and figures."""

    FORMAT: ClassVar[str]

    id: str
    licence_track: str
    licence: str
    made: dict[str, Any]

    def to_json(self) -> str:
        return json.dumps({"format": self.FORMAT, **self.__dict__}, ensure_ascii=False)

    @classmethod
    def read(cls, path: Path) -> tuple[Self, dict[str, npt.NDArray[np.float32]]]:
        """The card and the arrays in the file ``path``. Raises what ``refused`` makes a sentence of."""
        arrays, notes = weights.read(path)
        data = json.loads(notes["card"])
        if data.pop("format") != cls.FORMAT:
            raise ValueError
        return cls(**data), unpacked(arrays)


@contextmanager
def refused(path: Path, what: str, command: str) -> Iterator[None]:
    """Raises UserError where the file ``path`` turns out to be no ``what``, which ``command`` would make."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UserError(f"{path} is no {what}; make one with {command}.") from None
