"""The text model that ships: a linear classifier over hashed features of a sentence (``word_features``). English.

It learned from comments and film lines that people labelled and from phrases of our own (``training.emotion``).
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model_server.emotion.eight_bits import unpacked
from model_server.emotion.word_features import SIZE, features
from model_server.speech import weights
from model_server.speech.acoustics import softmax
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.errors import UserError

Floats = npt.NDArray[np.float32]

BUNDLED = Path(__file__).parent.parent / "weights" / "words.safetensors"
FORMAT = "speech2face-words/1"
CLASSES = ("neutral", *EMOTIONS)
RAISED = 0.5
"""Power to which the share of a class's side scales the class."""
TORN = 0.4
"""Share that moves to neutral where pleasant and unpleasant are even."""
_PLEASANT, _UNPLEASANT = ("happy", "calm"), ("sad", "angry", "fear", "disgust", "contempt")
_SIDES = np.array(
    [[name not in _PLEASANT + _UNPLEASANT, name in _PLEASANT, name in _UNPLEASANT] for name in CLASSES], np.float32
)


@dataclass(frozen=True)
class WordCard:
    """What a file is. made: data and figures."""

    id: str
    licence_track: str
    licence: str
    made: dict[str, Any]

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT, **self.__dict__}, ensure_ascii=False)


class WordModel:
    """The TextModel in the file ``path``. Raises UserError when it is no such file."""

    def __init__(self, path: Path = BUNDLED) -> None:
        arrays, notes = weights.read(path)
        try:
            data = json.loads(notes["card"])
            if data.pop("format") != FORMAT:
                raise ValueError
            self.card = WordCard(**data)
            self._arrays = unpacked(arrays)
            if self._arrays["weight"].shape != (SIZE, len(CLASSES)):
                raise ValueError
        except (KeyError, TypeError, ValueError):
            raise UserError(f"{path} is no model of words; make one with s2f train emotion.") from None

    @property
    def id(self) -> str:
        return self.card.id

    @property
    def licence_track(self) -> str:
        return self.card.licence_track

    def score(self, sentence: str) -> Floats:
        """(8,) 0-1 in the order of EMOTIONS."""
        return np.asarray(self.shares(sentence)[1:], np.float32)

    def shares(self, sentence: str) -> Floats:
        """(9,) probabilities of CLASSES."""
        return shares(features(sentence), self._arrays["weight"], self._arrays["bias"])


def shares(found: npt.NDArray[np.int64], weight: Floats, bias: Floats) -> Floats:
    """(9,) probabilities of CLASSES for the features ``found``, those of the side that is likelier raised.

    What is pleasant and what is unpleasant are compared as wholes first: five unpleasant classes that share a sentence
    must not lose it to one pleasant one. Where the two sides are nearly even, the sentence counts as neutral.
    """
    plain = softmax(weight[found].sum(0) / np.sqrt(max(len(found), 1)) + bias)
    sides = plain @ _SIDES
    raised = plain * (_SIDES @ sides) ** RAISED
    raised /= raised.sum()
    pleasant, unpleasant = (raised @ _SIDES)[1:]
    torn = min(pleasant, unpleasant) / max(pleasant, unpleasant, 1e-6)
    raised[1:] *= 1 - TORN * torn
    raised[0] += 1 - raised.sum()
    return np.asarray(raised, np.float32)


@cache
def bundled() -> WordModel:
    """The model that ships, read once."""
    return WordModel()
