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


class _LatticeSearch:
    """The ways that a phrase may have been said so far: ``phrase``, ``node``, ``before`` (the word before the one that
    is being said), ``score``, and ``borders`` (D,), at which frames the phones of that word began; what lies beyond the
    node's depth means nothing. Before the ways, row 0 is no way at all, and then each phrase has a row for the words
    that begin now: node N, the best score with which one may, and the word before.
    """

    def __init__(self, fits: Array, lengths: Ints, vocabulary: Vocabulary, costs: LatticeCosts) -> None:
        count, frames, classes = fits.shape
        self.fits = np.ascontiguousarray(fits.transpose(1, 0, 2)).reshape(frames, count * classes)
        self.classes = classes
        self.lengths, self.words, self.costs = lengths, vocabulary, costs
        self.nodes = len(vocabulary.classes)
        self.gain = vocabulary.ahead[:-1] - vocabulary.ahead[vocabulary.above]
        self.first = 1 + count  # row of the first way
        self.phrase = np.maximum(np.arange(-1, count, dtype=np.int32), 0)
        self.node, self.before = (np.full(self.first, each, np.int32) for each in (self.nodes, vocabulary.pause))
        self.score = np.append(NEVER, np.zeros(count, np.float32))
        self.borders = np.zeros((self.first, int(vocabulary.depth.max()) + 1), np.int32)
        self.place = np.zeros(0, np.int32)  # of each way among all phrases' nodes
        self.row = np.zeros(count * self.nodes, np.int32)  # of the way at each place
        self.floor = np.full(count, NEVER)  # below which a phrase's ways are given up
        self.entered = np.full((count, frames), NEVER)  # score with which a word begins
        self.arcs: list[tuple[npt.NDArray[np.generic], ...]] = []

    def step(self, t: int) -> None:
        """One frame on: every way stays or goes on, the frame is heard, and what lies far behind is given up."""
        self.entered[:, t] = self.score[1 : self.first]
        source, node, score = self._going_on()
        stay = len(self.node) - self.first
        source = np.concatenate([np.arange(self.first, len(self.node)), source])
        node, score = np.concatenate([self.node[self.first :], node]), np.concatenate([self.score[self.first :], score])
        phrase = self.phrase[source]
        score += self.fits[t][phrase * self.classes + self.words.classes[node]]
        best = np.full(len(self.lengths), NEVER)
        np.maximum.at(best, phrase, score)
        best[self.lengths <= t] = np.inf  # nothing of a phrase that is over lives on
        self.floor = best - np.float32(self.costs.beam)
        near = (score > self.floor[phrase]).nonzero()[0]
        borders, moved = self.borders[source[near]], np.arange(near.searchsorted(stay), len(near))
        borders[moved, self.words.depth[node[near[moved]]]] = t
        self._keep(source[near], node[near], score[near], borders)
        self._end_words(t, best - np.float32(self.costs.end))

    def _going_on(self) -> tuple[Whole, Ints, Array]:
        """Where ways and words that begin lead: from which rows to which nodes below theirs, and with which scores.

        A way that is there already is given up for a better one, and else stays the only one.
        """
        source, node = members(self.node[1:], self.words.first_below, self.words.below)
        source += 1
        score = self.score[source] + self.gain[node]
        phrase = self.phrase[source]
        near = (score > self.floor[phrase]).nonzero()[0]
        source, node, score = source[near], node[near], score[near]
        row = self.row[phrase[near] * self.nodes + node]
        better = (score > self.score[row]).nonzero()[0]
        self.score[row[better]] = NEVER
        return source[better], node[better], score[better]

    def _keep(self, source: Whole, node: Ints, score: Array, borders: Ints) -> None:
        """Only the ways that came from the rows ``source`` live on."""
        begin = slice(self.first)
        self.row[self.place] = 0
        self.before = np.concatenate([self.before[begin], self.before[source]])
        self.phrase = np.concatenate([self.phrase[begin], self.phrase[source]])
        self.node = np.concatenate([self.node[begin], node])
        self.score = np.concatenate([self.score[begin], score])
        self.borders = np.concatenate([self.borders[begin], borders])
        self.place = self.phrase[self.first :] * self.nodes + node
        self.row[self.place] = np.arange(self.first, len(self.node), dtype=np.int32)

    def _end_words(self, t: int, reach: Array) -> None:
        v, begin = self.words, slice(1, self.first)
        self.score[begin] = NEVER
        near = (self.score > reach[self.phrase]).nonzero()[0]
        source, at = members(self.node[near], v.first_word, v.ends)
        way, word = near[source], v.words[at]
        said = self.score[way] - v.ahead[self.node[way]]
        score = said + chances(v, self.before[way], word, self.costs)
        kept = (score > reach[self.phrase[way]]).nonzero()[0]
        way, word, score = way[kept], word[kept], score[kept]
        phrase, node, borders = self.phrase[way], self.node[way], self.borders[way]
        start, after = borders[:, 0], np.where(word == v.pause, self.before[way], word)
        fit = said[kept] - self.entered[phrase, start]
        self.arcs.append((phrase, word, start, np.full(len(kept), t + 1, np.int32), fit, node, after, borders))
        order = score.argsort(kind="stable")  # the best of a phrase is written last
        self.score[begin][phrase[order]], self.before[begin][phrase[order]] = score[order], after[order]

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
