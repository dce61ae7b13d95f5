"""Which words may have been said, and when: a search through the prefix tree with a beam, several phrases at once.

Every node keeps the best way that leads into it (the word-pair approximation of Ney and Aubert 1994); each end of a
word within reach of the best way becomes an arc of the lattice.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model_server.cancel import Progress, silent
from model_server.speech.words.vocabulary import Vocabulary

Array = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Whole = npt.NDArray[np.intp]

NEVER = np.float32(-1e30)
_PLACE, _PHRASE, _NODE, _BEFORE, _BORDERS = 0, 1, 2, 3, 4
"""Columns of a way: node and phrase in one number, phrase, node, the word before the one that is being said, and from
the last on the frames at which its phones began."""


@dataclass(frozen=True)
class Costs:
    """Natural logs. word: what each word or pause costs; beam: how far a way may lie behind the best of its phrase, and
    end: how far one that ends a word there."""

    word: float = 4.0
    beam: float = 14.0
    end: float = 11.0


@dataclass(frozen=True)
class Lattice:
    """Words that may have been said, ordered by phrase and end; the (A,) arrays tell of each:

    phrase: which; word: number in the vocabulary; start, end: its first frame and the one after its last; fit: log
    likelihood of its frames; node: the tree's that it ends with; after: the word that counts as the one before what
    follows, the last that was no pause. borders (A, D): at which frame each of its phones begins.
    """

    phrase: Ints
    word: Ints
    start: Ints
    end: Ints
    fit: Array
    node: Ints
    after: Ints
    borders: Ints


def lattice(
    fits: Array, lengths: Ints, vocabulary: Vocabulary, costs: Costs | None = None, progress: Progress = silent
) -> Lattice:
    """Words of phrases with log likelihoods ``fits`` (P, T, K), of which the first ``lengths`` (P,) frames count.

    A phrase that the beam loses has no word that ends with it.
    """
    search = _Search(fits, lengths, vocabulary, costs or Costs())
    for t in range(fits.shape[1]):
        if t % 8 == 0:
            progress(t / fits.shape[1], "Listening for words")
        search.step(t)
    return search.found()


@dataclass
class _Moves:
    """Ways that go on: which of the ways, the node it leads to, phrase, score, and the row of the way that is there
    already, -1 where none is."""

    source: Whole
    node: Ints
    phrase: Ints
    score: Array
    row: Ints


class _Search:
    """``ways`` (W, 4 + D) and ``score`` (W,) are what lives: the ways that a phrase may have been said so far."""

    def __init__(self, fits: Array, lengths: Ints, vocabulary: Vocabulary, costs: Costs) -> None:
        count, frames, classes = fits.shape
        self.fits = np.ascontiguousarray(fits.transpose(1, 0, 2)).reshape(frames, count * classes)
        self.class_of = vocabulary.classes, classes
        self.lengths, self.words, self.costs = lengths, vocabulary, costs
        self.nodes = len(vocabulary.classes)
        self.gain = vocabulary.ahead[:-1] - vocabulary.ahead[vocabulary.above]
        self.ways = np.zeros((0, _BORDERS + int(vocabulary.depth.max()) + 1), np.int32)
        self.score = np.zeros(0, np.float32)
        self.row = np.full(count * self.nodes, -1, np.int32)  # of each phrase's nodes among the ways
        self.floor = np.full(count, NEVER)  # below which a phrase's ways are given up
        self.top, self.before = np.zeros(count, np.float32), np.full(count, vocabulary.pause, np.int32)
        self.entered = np.full((count, frames), NEVER)  # score with which a word begins
        self.arcs: list[tuple[npt.NDArray[np.generic], ...]] = []

    def step(self, t: int) -> None:
        """One frame on: every way stays or goes on, the frame is heard, and what lies far behind is given up.

        Only ways that live on are written down; most of those that go on do not.
        """
        self.entered[:, t] = self.top
        ways, on = self._going_on()
        again = on.row >= 0  # where a way was already, and a worse one
        self.score[on.row[again]] = on.score[again]
        self.score += self._heard(t, self.ways[:, _PHRASE], self.ways[:, _NODE])
        on.score += self._heard(t, on.phrase, on.node)
        best = np.full(len(self.lengths), NEVER)
        np.maximum.at(best, self.ways[:, _PHRASE], self.score)
        np.maximum.at(best, on.phrase, on.score)
        best[self.lengths <= t] = np.inf  # nothing of a phrase that is over lives on
        self.floor = best - np.float32(self.costs.beam)
        alive = on.score > self.floor[on.phrase]
        worse, new = np.flatnonzero(alive & again), np.flatnonzero(alive & ~again)
        self.ways[on.row[worse]] = self._moved(t, ways, on, worse)
        self._keep(self._moved(t, ways, on, new), on.score[new])
        self._end_words(t, best - np.float32(self.costs.end))

    def _going_on(self) -> tuple[Ints, "_Moves"]:
        """All ways and those that begin; where they lead: to nodes below their own, if nothing better is there."""
        v, began = self.words, np.flatnonzero(self.top > NEVER)
        fresh = np.zeros((len(began), self.ways.shape[1]), np.int32)
        fresh[:, _PHRASE], fresh[:, _NODE], fresh[:, _BEFORE] = began, self.nodes, self.before[began]
        ways = np.concatenate([self.ways, fresh])
        source, node = members(ways[:, _NODE], v.first_below, v.below)
        score = np.concatenate([self.score, self.top[began]])[source] + self.gain[node]
        phrase = ways[:, _PHRASE][source]
        near = np.flatnonzero(score > self.floor[phrase])
        source, node, score, phrase = source[near], node[near], score[near], phrase[near]
        row = self.row[phrase * self.nodes + node]
        better = np.flatnonzero(score > np.append(self.score, NEVER)[row])
        return ways, _Moves(source[better], node[better], phrase[better], score[better], row[better])

    def _heard(self, t: int, phrase: Ints, node: Ints) -> Array:
        classes, width = self.class_of
        heard: Array = self.fits[t][phrase * width + classes[node]]
        return heard

    def _moved(self, t: int, ways: Ints, on: "_Moves", some: Whole) -> Ints:
        """Some of the moves as ways of their own."""
        node = on.node[some]
        moved: Ints = ways[on.source[some]]
        moved[:, _PLACE], moved[:, _NODE] = on.phrase[some] * self.nodes + node, node
        moved[np.arange(len(some)), _BORDERS + self.words.depth[node]] = t
        return moved

    def _keep(self, new: Ints, score: Array) -> None:
        """Give up ways below the floor; add new ones."""
        near = np.flatnonzero(self.score > self.floor[self.ways[:, _PHRASE]])
        self.row[self.ways[:, _PLACE]] = -1
        self.ways = np.concatenate([self.ways[near], new])
        self.score = np.concatenate([self.score[near], score])
        self.row[self.ways[:, _PLACE]] = np.arange(len(self.ways), dtype=np.int32)

    def _end_words(self, t: int, reach: Array) -> None:
        v = self.words
        self.top = np.full(len(self.lengths), NEVER)
        near = np.flatnonzero(self.score > reach[self.ways[:, _PHRASE]])
        source, at = members(self.ways[near, _NODE], v.first_word, v.ends)
        ways, word = self.ways[near[source]], v.words[at]
        phrase, node, before = ways[:, _PHRASE], ways[:, _NODE], ways[:, _BEFORE]
        said = self.score[near[source]] - v.ahead[node]
        score = said + chances(v, before, word, self.costs)
        kept = np.flatnonzero(score > reach[phrase])
        phrase, word, node, before, score = phrase[kept], word[kept], node[kept], before[kept], score[kept]
        borders = ways[kept, _BORDERS:]
        start, after = borders[:, 0], np.where(word == v.pause, before, word)
        fit = said[kept] - self.entered[phrase, start]
        self.arcs.append((phrase, word, start, np.full(len(kept), t + 1, np.int32), fit, node, after, borders))
        order = np.argsort(score, kind="stable")  # the best of a phrase is written last
        self.top[phrase[order]], self.before[phrase[order]] = score[order], after[order]

    def found(self) -> Lattice:
        """All words so far, in order."""
        columns = [np.concatenate(column) for column in zip(*self.arcs, strict=True)]
        order = np.lexsort([columns[3], columns[0]])
        return Lattice(*(column[order] for column in columns))


def chances(vocabulary: Vocabulary, before: Ints, word: Ints, costs: Costs) -> Array:
    """Log likelihood of each word or pause after the word before it, less what it costs."""
    follows = np.where(word == vocabulary.pause, np.float32(0), vocabulary.follows(before, word))
    found: Array = follows - np.float32(costs.word)
    return found


def members(of: Ints, first: Ints, count: Ints) -> tuple[Whole, Ints]:
    """(index into ``of``, member) of all the members first[n], first[n] + 1 … that each of ``of`` has."""
    many = count[of]
    source = np.arange(len(of)).repeat(many)
    member = np.arange(len(source), dtype=np.int32) + (first[of] - np.cumsum(many, dtype=np.int32) + many)[source]
    return source, member
