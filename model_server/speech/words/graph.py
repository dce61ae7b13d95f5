"""Words as a graph of states: any pronunciation of each, silence and unexpected speech between them.

A state is a phone, which lasts one frame of the search at least. The states of word w lie together: silence before it,
unexpected speech before it, then its pronunciations. A path reaches them from *junction* w, where word w - 1 has just
ended or was skipped. A last block of silence and unexpected speech follows the last word.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model_server.speech.phones import CLASS_INDEX, CLASSES

Ints = npt.NDArray[np.int32]

UNEXPECTED = len(CLASSES)
"""The class, after those of the network, of speech that is not in the text."""
Pronunciation = tuple[str, ...]


@dataclass(frozen=True)
class Graph:
    """States in order. classes (S,): what each emits; word (S,): its block; first (S,): entered from a junction.

    phone (S,): number of the phone within its pronunciation, -1 for silence and unexpected speech; blocks (N + 2,):
    first state of each block and the end; last (L,): states that end a word, by word; last_of (N + 1,): where each
    word's begin in ``last``.
    """

    classes: Ints
    word: Ints
    first: npt.NDArray[np.bool_]
    phone: Ints
    blocks: Ints
    last: Ints
    last_of: Ints

    @property
    def words(self) -> int:
        return len(self.blocks) - 2


def graph(words: Sequence[Sequence[Pronunciation]]) -> Graph:
    """The graph of words, each with its ways to be spoken (phone classes by name; at least one, none empty)."""
    classes: list[int] = []
    word: list[int] = []
    first: list[bool] = []
    phone: list[int] = []
    blocks, last, last_of = [0], [], [0]
    for w, ways in enumerate([*words, ()]):
        classes += [CLASS_INDEX["sil"], UNEXPECTED]
        first += [True, True]
        phone += [-1, -1]
        for way in ways:
            for n, name in enumerate(way):
                classes.append(CLASS_INDEX[name])
                first.append(n == 0)
                phone.append(n)
            last.append(len(classes) - 1)
        word += [w] * (len(classes) - len(word))
        blocks.append(len(classes))
        last_of.append(len(last))

    def ints(values: list[int]) -> Ints:
        return np.array(values, np.int32)

    return Graph(
        ints(classes), ints(word), np.array(first), ints(phone), ints(blocks), ints(last), ints(last_of[:-1])
    )  # fmt: skip
