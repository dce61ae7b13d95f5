"""Phones as the words of a lattice have them: each word counts by its probability (forward and backward, Baum 1972)."""

import numpy as np
import numpy.typing as npt

from model_server.speech.phones import CLASSES
from model_server.speech.words.lattice import Lattice, LatticeCosts, chances, members
from model_server.speech.words.vocabulary import Vocabulary

Array = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Whole = npt.NDArray[np.intp]

SHARPNESS = 0.7
"""Power to which likelihoods are raised: neighbouring frames say much the same, so their product is too sure."""
LEAST = 1e-3
"""Probability below which a word is passed over."""
_NEVER = -1e30


def expected(found: Lattice, lengths: Ints, vocabulary: Vocabulary, costs: LatticeCosts) -> tuple[Array, Floats]:
    """(P, T, K) probability of each class at each frame, (P,) log likelihood of each phrase as words of the vocabulary.

    Likelihoods are raised to ``SHARPNESS``; a phrase without a way through has probabilities of 0.
    """
    chance, likelihood = probabilities(found, lengths, vocabulary, costs)
    frames = int(lengths.max(initial=0)) + 1
    change = np.zeros(len(lengths) * frames * len(CLASSES))
    words = np.flatnonzero(chance > LEAST)
    node, end = found.node[words], found.end[words]
    while len(words):  # from the last phone of each word to its first
        start, offset = found.borders[words, vocabulary.depth[node]], found.phrase[words] * frames
        phone = vocabulary.classes[node]
        np.add.at(change, (offset + start) * len(CLASSES) + phone, chance[words])
        np.add.at(change, (offset + end) * len(CLASSES) + phone, -chance[words])
        inside = vocabulary.above[node] >= 0
        words, node, end = words[inside], vocabulary.above[node[inside]], start[inside]
    mass = change.reshape(len(lengths), frames, len(CLASSES)).cumsum(1)[:, :-1]
    return np.clip(mass, 0, 1).astype(np.float32), likelihood


def probabilities(found: Lattice, lengths: Ints, vocabulary: Vocabulary, costs: LatticeCosts) -> tuple[Floats, Floats]:
    """(A,) how probable each word is, given all others of its phrase; (P,) log likelihood of all ways together."""
    frames = int(lengths.max(initial=0)) + 1
    phrase = found.phrase.astype(np.int64) * frames
    low, high = (np.searchsorted(phrase + found.end, phrase + found.start, side=side) for side in ("left", "right"))
    every = np.arange(len(low), dtype=np.int32)
    later, earlier = members(every, low.astype(np.int32), (high - low).astype(np.int32))  # one begins, the other ends
    pair = SHARPNESS * chances(vocabulary, found.after[earlier], found.word[later], costs).astype(np.float64)
    begin = chances(vocabulary, np.full_like(found.word, vocabulary.pause), found.word, costs).astype(np.float64)
    fit = SHARPNESS * found.fit.astype(np.float64)
    forward = np.where(found.start > 0, _NEVER, SHARPNESS * begin) + fit
    for words, pairs, first in _by_frame(later, found.end):
        forward[words] = np.logaddexp.reduceat(forward[earlier[pairs]] + pair[pairs], first) + fit[words]
    last = found.end == lengths[found.phrase]
    backward = np.where(last, 0.0, _NEVER)
    for words, pairs, first in reversed(_by_frame(earlier, found.end)):
        on = later[pairs]
        sums = np.logaddexp.reduceat(pair[pairs] + fit[on] + backward[on], first)
        backward[words] = np.logaddexp(backward[words], sums)
    total = np.full(len(lengths), _NEVER)
    np.logaddexp.at(total, found.phrase[last], forward[last])
    whole = total[found.phrase]
    return np.where(whole > _NEVER / 2, np.exp(np.minimum(forward + backward - whole, 0)), 0.0), total


def _by_frame(words: Ints, end: Ints) -> list[tuple[Ints, Whole, Whole]]:
    """For each frame at which any of ``words`` (pairs,) ends: which, each once; their pairs; where each one's begin."""
    if not len(words):
        return []
    order = np.lexsort([words, end[words]])
    ordered = words[order]
    first = np.flatnonzero(np.diff(ordered, prepend=-1))
    frame = np.flatnonzero(np.diff(end[ordered[first]], prepend=-1)).tolist()
    borders = [*first[frame].tolist(), len(order)]
    return [
        (ordered[first[a:b]], order[low:high], first[a:b] - low)
        for a, b, low, high in zip(frame, [*frame[1:], len(first)], borders, borders[1:], strict=False)
    ]
