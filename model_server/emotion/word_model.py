"""The text model that ships: a linear classifier over hashed features of a sentence (``word_features``) and a small
network over its words (``word_network``), whose answers are averaged. English.

They learned from comments and film lines that people labelled and from phrases of our own (``training.emotion``).
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model_server.emotion import known_words
from model_server.emotion.card_file import EmotionCard, refused
from model_server.emotion.untaught import widened
from model_server.emotion.word_features import SIZE, features
from model_server.emotion.word_network import logits
from model_server.speech.layers import softmax
from model_server.speech.words.script import is_english
from s2f_blender_addon.core.emotions import EMOTIONS, RECORDS
from s2f_blender_addon.core.script import ENGLISH

Floats = npt.NDArray[np.float32]

BUNDLED = Path(__file__).parent.parent / "weights" / "words.safetensors"
CLASSES = ("neutral", *EMOTIONS)
NET = "net."
LAST = f"{NET}out."
KNOWN = "known"
"""The words that taught it (``known_words``)."""
FAINT = 1e-9
RAISED = 0.5
"""Power to which the share of a class's side scales the class."""
NETWORK = 0.5
"""Weight of the network's answer, the linear model's having the rest."""
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
            self._arrays = known
            for last in ("", LAST):
                weight, bias = widened(known[f"{last}weight"], known[f"{last}bias"], len(CLASSES))
                self._arrays |= {f"{last}weight": weight, f"{last}bias": bias}
            if self._arrays["weight"].shape != (SIZE, len(CLASSES)) or known[KNOWN].shape != (known_words.BITS // 8,):
                raise ValueError
            answer("Hello.", self._arrays)

    @property
    def id(self) -> str:
        return self.card.id

    @property
    def licence_track(self) -> str:
        return self.card.licence_track

    def knows(self, sentence: str, language: str = ENGLISH) -> bool:
        """Whether it was taught enough of the words of ``sentence`` to say what is felt in them."""
        return is_english(language) and evidence(sentence, self._arrays)

    def score(self, sentence: str) -> Floats:
        """(E,) 0-1 in the order of EMOTIONS."""
        return np.asarray(self.shares(sentence)[1:], np.float32)

    def shares(self, sentence: str) -> Floats:
        """(1 + E,) probabilities of CLASSES."""
        return judged(sentence, self._arrays)


def evidence(sentence: str, arrays: Mapping[str, Floats]) -> bool:
    """Whether enough of the words of ``sentence`` taught ``arrays``, those of the file."""
    return known_words.known(sentence, arrays[KNOWN])


def judged(sentence: str, arrays: Mapping[str, Floats]) -> Floats:
    """(1 + E,) probabilities of CLASSES; neutral alone where there is no evidence."""
    if evidence(sentence, arrays):
        return shares(answer(sentence, arrays))
    return np.asarray(np.arange(len(CLASSES)) == 0, np.float32)


def answer(sentence: str, arrays: Mapping[str, Floats]) -> Floats:
    """(1 + E,) probabilities of CLASSES, the geometric mean of what both models say. ``arrays``: those of the file."""
    found = features(sentence)
    linear = arrays["weight"][found].sum(0) / np.sqrt(max(len(found), 1)) + arrays["bias"]
    network = logits(sentence, {name.removeprefix(NET): array for name, array in arrays.items()})
    return softmax((1 - NETWORK) * np.log(softmax(linear) + FAINT) + NETWORK * np.log(softmax(network) + FAINT))


def shares(plain: Floats) -> Floats:
    """(1 + E,) probabilities of CLASSES, of ``plain`` (1 + E,) those of the side that is likelier raised.

    What is pleasant and what is unpleasant are compared as wholes first: five unpleasant classes that share a sentence
    must not lose it to one pleasant one. Where the two sides are nearly even, the sentence counts as neutral; where
    likelier nothing is felt, what might be felt shows little.
    """
    sides = plain @ _SIDES
    raised = plain * (_SIDES @ sides) ** RAISED
    raised /= raised.sum()
    pleasant, unpleasant = (raised @ _SIDES)[1:]
    torn = min(pleasant, unpleasant) / max(pleasant, unpleasant, 1e-6)
    raised[1:] *= 1 - TORN * torn
    raised[1:] *= min(1.0, float(raised[1:].sum() / (1 - raised[1:].sum() + FAINT)))
    raised[0] += 1 - raised.sum()
    return np.asarray(raised, np.float32)


@cache
def bundled() -> WordModel:
    """The model that ships, read once."""
    return WordModel()
