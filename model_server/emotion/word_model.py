"""The text model that ships: a linear classifier over hashed features of a sentence (``word_features``). English.

It learned from comments and film lines that people labelled and from phrases of our own (``training.emotion``).
"""

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model_server.emotion.card_file import EmotionCard, refused
from model_server.emotion.untaught import widened
from model_server.emotion.word_features import SIZE, features
from model_server.speech.layers import softmax
from s2f_blender_addon.core.emotions import EMOTIONS, RECORDS

Floats = npt.NDArray[np.float32]

BUNDLED = Path(__file__).parent.parent / "weights" / "words.safetensors"
CLASSES = ("neutral", *EMOTIONS)
RAISED = 0.5
"""Power to which the share of a class's side scales the class."""
TORN = 0.4
"""Share that moves to neutral where pleasant and unpleasant are even."""
_VALENCES = (0.0, *(record.valence for record in RECORDS.values()))
_SIDES = np.array([[abs(one) < 0.3, one >= 0.3, one <= -0.3] for one in _VALENCES], np.float32)


class WordCard(EmotionCard):
    """What a file is."""

    FORMAT = "speech2face-words/1"


class WordModel:
    """The TextModel in the file ``path``. Raises UserError when it is no such file."""

    def __init__(self, path: Path = BUNDLED) -> None:
        with refused(path, "model of words", "s2f train emotion"):
            self.card, known = WordCard.read(path)
            self._weight, self._bias = widened(known["weight"], known["bias"], len(CLASSES))
            if self._weight.shape != (SIZE, len(CLASSES)):
                raise ValueError

    @property
    def id(self) -> str:
        return self.card.id

    @property
    def licence_track(self) -> str:
        return self.card.licence_track

    def score(self, sentence: str) -> Floats:
        """(E,) 0-1 in the order of EMOTIONS."""
        return np.asarray(self.shares(sentence)[1:], np.float32)

    def shares(self, sentence: str) -> Floats:
        """(1 + E,) probabilities of CLASSES."""
        return shares(features(sentence), self._weight, self._bias)


def shares(found: npt.NDArray[np.int64], weight: Floats, bias: Floats) -> Floats:
    """(1 + E,) probabilities of CLASSES for the features ``found``, those of the side that is likelier raised.

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
