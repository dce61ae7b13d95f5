"""Which words taught a model: where most of a sentence is none of them, the model has no evidence and says nothing.

The words are kept as a Bloom filter ("Space/time trade-offs in hash coding with allowable errors", CACM 1970), since no
list of words ships: 16 KB, and of words that taught nothing about one in a hundred passes.
"""

import re
from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from model_server.emotion.word_features import tokens

Floats = npt.NDArray[np.float32]

BITS = 1 << 17
TIMES = 4
"""Bits of a word."""
FEW = 2
"""Words of a sentence of which one that is known is enough; of more it must be most."""
_MARKS = frozenset(".,;:!?…'\"()[]-–—/*&“”‘’«»¿¡。、！？")


def filter_of(words: Iterable[str]) -> npt.NDArray[np.int8]:
    """(BITS / 8,) the filter that ``words`` (small letters) pass."""
    bits = np.zeros(BITS, np.uint8)
    for word in words:
        bits[_places(word)] = 1
    return np.packbits(bits).view(np.int8)


def known(sentence: str, kept: Floats) -> bool:
    """Whether enough of the words of ``sentence`` pass ``kept``, ``filter_of`` as float32: not where it has no word.

    Numbers are known, and so is what is written with repeated letters or joined by hyphens where the plain form is.
    """
    bits = kept.astype(np.int8).view(np.uint8)
    words = words_of(sentence)
    passed = sum(_known(word, bits) for word in words)
    return 2 * passed > len(words) or (passed > 0 and len(words) <= FEW)


def words_of(sentence: str) -> list[str]:
    """The words of ``sentence`` in small letters, and its signs that are no punctuation: a smiling face says much."""
    return [token for token in tokens(sentence) if not set(token) <= _MARKS]


def _known(word: str, bits: npt.NDArray[np.uint8]) -> bool:
    plain = re.sub(r"(.)\1+", r"\1", word)
    return any(all(_passes(part, bits) for part in form.split("-") if part) for form in (word, plain))


def _passes(word: str, bits: npt.NDArray[np.uint8]) -> bool:
    return word.isdecimal() or all(bits[place >> 3] >> (7 - (place & 7)) & 1 for place in _places(word))


def _places(word: str) -> list[int]:
    numbers = np.frombuffer(blake2b(word.encode(), digest_size=4 * TIMES).digest(), "<u4")
    return [int(number) % BITS for number in numbers]
