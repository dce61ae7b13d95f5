"""English words, how they are said and which follows which: a prefix tree of phones and a bigram model.

``vocabulary.npz`` is made by ``s2f train vocabulary`` from the language model of CMU Sphinx (vocabulary.LICENSE) and
the pronouncing dictionary.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

FILE = Path(__file__).with_name("vocabulary.npz")
STEP = 1 / 14
"""Natural log between two neighbouring values of what the file keeps in a byte."""


@dataclass(frozen=True)
class Vocabulary:
    """A lexicon as a prefix tree (Ney et al. 1992) and a bigram model that backs off (Katz 1987), in natural logs.

    A node is a phone, reached by the phones above it; N of them, level by level, and the top, which is node N.
    classes, depth, above (N,): what each is, how far from the first phone of its words, the node before it. What lies
    below node n are the below[n] nodes from first_below[n] on; what ends with it are the ends[n] ``words`` from
    first_word[n] on (N + 1,). ahead (N + 1,): the likeliest word at or below a node, whatever comes before it.
    unigram, backoff (V + 1,): of each word; V is a pause, and what comes before a sentence. pairs (B,): word before *
    (V + 1) + word, rising; bigram (B,): their likelihood.
    """

    classes: Ints
    depth: Ints
    above: Ints
    first_below: Ints
    below: Ints
    first_word: Ints
    ends: Ints
    words: Ints
    ahead: Array
    unigram: Array
    backoff: Array
    pairs: npt.NDArray[np.int64]
    bigram: Array

    @property
    def pause(self) -> int:
        """The word that is silence, and what stands before the first word."""
        return len(self.unigram) - 1

    def follows(self, before: Ints, words: Ints) -> Array:
        """Log likelihoods of ``words`` after the words ``before``, of one shape."""
        wanted = before.astype(np.int64) * len(self.unigram) + words
        at = np.minimum(np.searchsorted(self.pairs, wanted), len(self.pairs) - 1)
        return np.where(self.pairs[at] == wanted, self.bigram[at], self.backoff[before] + self.unigram[words])


@cache
def english() -> Vocabulary:
    """The words that the zip knows."""
    with np.load(FILE, allow_pickle=False) as file:
        return unpacked(dict(file))


def unpacked(packed: dict[str, npt.NDArray[np.generic]]) -> Vocabulary:
    """A vocabulary from the arrays of its file.

    classes (N,), below (N + 1,): how many nodes lie below the top and each node; ends (N,): how many words end there;
    words, unigram (bytes), backoff, followers (V + 1,): how many bigrams each word begins; following, bigram (bytes).
    """
    below, ends = packed["below"].astype(np.int32), packed["ends"].astype(np.int32)
    nodes, edge = len(ends), np.cumsum(below, dtype=np.int32)
    above = np.repeat(np.arange(-1, nodes, dtype=np.int32), below)
    levels, depth = [(0, int(below[0]))], np.zeros(nodes, np.int32)
    while levels[-1][0] < levels[-1][1]:
        low, high = levels[-1][1], int(edge[levels[-1][1]])
        depth[low:high] = len(levels)
        levels.append((low, high))
    words, unigram = packed["words"].astype(np.int32), -packed["unigram"].astype(np.float32) * np.float32(STEP)
    first_word = (np.cumsum(ends) - ends).astype(np.int32)
    ahead = np.full(nodes + 1, -np.inf, np.float32)
    ending = np.flatnonzero(ends)
    ahead[ending] = np.maximum.reduceat(unigram[words], first_word[ending])
    for low, high in reversed(levels[1:]):
        np.maximum.at(ahead, above[low:high], ahead[low:high])
    ahead[nodes] = 0
    followers = packed["followers"].astype(np.int64)
    before = np.repeat(np.arange(len(followers), dtype=np.int64), followers)
    return Vocabulary(
        classes=packed["classes"].astype(np.int32), depth=depth, above=above,
        first_below=np.append(edge[:-1], np.int32(0)), below=np.append(below[1:], below[0]),
        first_word=np.append(first_word, np.int32(0)), ends=np.append(ends, np.int32(0)), words=words, ahead=ahead,
        unigram=unigram, backoff=packed["backoff"].astype(np.float32),
        pairs=before * len(unigram) + packed["following"].astype(np.int64),
        bigram=-packed["bigram"].astype(np.float32) * np.float32(STEP),
    )  # fmt: skip
