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
_ROWS = 1 << 12
"""Ways that there is room for at the beginning."""


@dataclass(frozen=True)
class LatticeCosts:
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
    fits: Array, lengths: Ints, vocabulary: Vocabulary, costs: LatticeCosts | None = None, progress: Progress = silent
) -> Lattice:
    """Words of phrases with log likelihoods ``fits`` (P, T, K), of which the first ``lengths`` (P,) frames count.

    A phrase that the beam loses has no word that ends with it.
    """
    search = _LatticeSearch(fits, lengths, vocabulary, costs or LatticeCosts())
    for t in range(fits.shape[1]):
        if t % 8 == 0:
            progress(t / fits.shape[1], "Listening for words")
        search.step(t)
    return search.found()


@dataclass
class _Moves:
    """Ways that go on: which of the ways each was, its phrase, the node it leads to, the word before, its score, and
    the row of the way that is there already, -1 where none is."""

    source: Whole
    phrase: Ints
    node: Ints
    before: Ints
    score: Array
    row: Ints


class _LatticeSearch:
    """The ways that a phrase may have been said so far, W of them: ``phrase``, ``node``, ``before`` (the word before
    the one that is being said) and ``score`` (W,) and ``borders``, whose first W rows (D,) say at which frames the
    phones of that word began; what lies beyond the node's depth means nothing."""

    def __init__(self, fits: Array, lengths: Ints, vocabulary: Vocabulary, costs: LatticeCosts) -> None:
        count, frames, classes = fits.shape
        self.fits = np.ascontiguousarray(fits.transpose(1, 0, 2)).reshape(frames, count * classes)
        self.classes = classes
        self.lengths, self.words, self.costs = lengths, vocabulary, costs
        self.nodes = len(vocabulary.classes)
        self.gain = vocabulary.ahead[:-1] - vocabulary.ahead[vocabulary.above]
        self.phrase, self.node, self.before = (np.zeros(0, np.int32) for _ in range(3))
        self.score = np.zeros(0, np.float32)
        self.borders = np.zeros((_ROWS, int(vocabulary.depth.max()) + 1), np.int32)
        self.row = np.full(count * self.nodes, -1, np.int32)  # of each phrase's nodes among the ways
        self.floor = np.full(count, NEVER)  # below which a phrase's ways are given up
        self.top, self.last = np.zeros(count, np.float32), np.full(count, vocabulary.pause, np.int32)
        self.entered = np.full((count, frames), NEVER)  # score with which a word begins
        self.arcs: list[tuple[npt.NDArray[np.generic], ...]] = []

    def step(self, t: int) -> None:
        """One frame on: every way stays or goes on, the frame is heard, and what lies far behind is given up.

        Only ways that live on are written down; most of those that go on do not.
        """
        self.entered[:, t] = self.top
        on = self._going_on()
        again = on.row >= 0  # where a way was already, and a worse one
        self.score[on.row[again]] = on.score[again]
        self.score += self._heard(t, self.phrase, self.node)
        on.score += self._heard(t, on.phrase, on.node)
        best = np.full(len(self.lengths), NEVER)
        np.maximum.at(best, self.phrase, self.score)
        np.maximum.at(best, on.phrase, on.score)
        best[self.lengths <= t] = np.inf  # nothing of a phrase that is over lives on
        self.floor = best - np.float32(self.costs.beam)
        alive = on.score > self.floor[on.phrase]
        worse, new = np.flatnonzero(alive & again), np.flatnonzero(alive & ~again)
        begun = self._begun(t, on, new)  # from ways as they were
        self.borders[on.row[worse]] = self._begun(t, on, worse)
        self.before[on.row[worse]] = on.before[worse]
        self._keep(on, new, begun)
        self._end_words(t, best - np.float32(self.costs.end))

    def _going_on(self) -> "_Moves":
        """Where all ways and those that begin lead: to nodes below their own, if nothing better is there."""
        v, began = self.words, np.flatnonzero(self.top > NEVER).astype(np.int32)
        nodes = np.concatenate([self.node, np.full(len(began), self.nodes, np.int32)])
        source, node = members(nodes, v.first_below, v.below)
        score = np.concatenate([self.score, self.top[began]])[source] + self.gain[node]
        phrase = np.concatenate([self.phrase, began])[source]
        near = np.flatnonzero(score > self.floor[phrase])
        source, node, score, phrase = source[near], node[near], score[near], phrase[near]
        row = self.row[phrase * self.nodes + node]
        better = np.flatnonzero(score > np.append(self.score, NEVER)[row])
        source = source[better]
        before = np.concatenate([self.before, self.last[began]])[source]
        return _Moves(source, phrase[better], node[better], before, score[better], row[better])

    def _heard(self, t: int, phrase: Ints, node: Ints) -> Array:
        heard: Array = self.fits[t][phrase * self.classes + self.words.classes[node]]
        return heard

    def _begun(self, t: int, on: "_Moves", some: Whole) -> Ints:
        """At which frames the phones of some of the moves began."""
        found: Ints = self.borders.take(on.source[some], 0, mode="clip")
        found[np.arange(len(some)), self.words.depth[on.node[some]]] = t
        return found

    def _keep(self, on: "_Moves", new: Whole, begun: Ints) -> None:
        """Give up ways below the floor; add the ``new`` ones of those that go on."""
        near = np.flatnonzero(self.score > self.floor[self.phrase])
        self.row[self.phrase * self.nodes + self.node] = -1
        kept, many = len(near), len(near) + len(new)
        if many > len(self.borders):
            self.borders = np.concatenate([self.borders, np.zeros((many, self.borders.shape[1]), np.int32)])
        self.borders[:kept] = self.borders[near]
        self.borders[kept:many] = begun
        self.phrase = np.concatenate([self.phrase[near], on.phrase[new]])
        self.node = np.concatenate([self.node[near], on.node[new]])
        self.before = np.concatenate([self.before[near], on.before[new]])
        self.score = np.concatenate([self.score[near], on.score[new]])
        self.row[self.phrase * self.nodes + self.node] = np.arange(many, dtype=np.int32)

    def _end_words(self, t: int, reach: Array) -> None:
        v = self.words
        self.top = np.full(len(self.lengths), NEVER)
        near = np.flatnonzero(self.score > reach[self.phrase])
        source, at = members(self.node[near], v.first_word, v.ends)
        way, word = near[source], v.words[at]
        said = self.score[way] - v.ahead[self.node[way]]
        score = said + chances(v, self.before[way], word, self.costs)
        kept = np.flatnonzero(score > reach[self.phrase[way]])
        way, word, score = way[kept], word[kept], score[kept]
        phrase, node, borders = self.phrase[way], self.node[way], self.borders[way]
        start, after = borders[:, 0], np.where(word == v.pause, self.before[way], word)
        fit = said[kept] - self.entered[phrase, start]
        self.arcs.append((phrase, word, start, np.full(len(kept), t + 1, np.int32), fit, node, after, borders))
        order = np.argsort(score, kind="stable")  # the best of a phrase is written last
        self.top[phrase[order]], self.last[phrase[order]] = score[order], after[order]

    def found(self) -> Lattice:
        """All words so far, in order."""
        columns = [np.concatenate(column) for column in zip(*self.arcs, strict=True)]
        order = np.lexsort([columns[3], columns[0]])
        return Lattice(*(column[order] for column in columns))


def chances(vocabulary: Vocabulary, before: Ints, word: Ints, costs: LatticeCosts) -> Array:
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
