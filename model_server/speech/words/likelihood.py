"""How well each frame fits each phone, once we know which phones may come.

A hybrid system (Bourlard and Morgan 1994): posteriors over the prior of their class are likelihoods up to a factor.
The prior is the recording's own mean, drawn towards an even one where the recording is short.
"""

import numpy as np
import numpy.typing as npt

from model_server.cancel import Progress, silent
from model_server.speech.phones import CLASS_INDEX, CLASSES, VOWELS

Array = npt.NDArray[np.float32]

EVEN_FRAMES = 300.0
"""Frames of evenly spread classes that are added to a recording's own before its prior is taken."""
FLOOR = 3e-4
"""Likelihood that any frame leaves to any phone: a phone that the network cannot hear at all is still possible."""
KINDRED_SHARE = 0.12
"""What a phone takes of the likelihood of its kin."""

KIN: tuple[tuple[str, ...], ...] = (
    ("p", "b", "m"), ("f", "v"), ("th", "dh"), ("t", "d", "rr", "n", "ch", "jh"), ("dh", "d", "t"), ("s", "z"),
    ("sh", "zh", "ch", "jh"), ("k", "g"), ("ng", "n"), ("x", "h", "k"), ("r", "er", "rr"), ("l", "o", "uh"),
    ("j", "i"), ("w", "u", "uh"), ("i", "ih", "ix", "e"), ("eh", "e", "ae", "ih"), ("a", "aa", "ao", "ah", "ae"),
    ("o", "ao", "uh", "u", "ax"), ("ax", "ah", "ih", "ix", "uh", "er", "eh"), ("y", "u", "i", "ix"), ("oe", "eh", "er"),
)  # fmt: skip
"""Phones that are heard for one another, by ear or by accent."""

_BLOCK = 6000
RELATED_SHARE = 0.03
RELATED: tuple[tuple[str, ...], ...] = (
    ("m", "n", "ng"), ("p", "t", "k"), ("b", "d", "g", "v", "dh"), ("f", "th", "s", "h", "p"), ("v", "m", "w", "b"),
    VOWELS,
)  # fmt: skip
"""Phones of one manner: what a noisy recording leaves of them."""


def kindred(kin: float = KINDRED_SHARE, related: float = RELATED_SHARE) -> Array:
    """(K, K): row k is what class k accepts of each class, its own as 1, of its kin and of its manner these shares."""
    table = np.zeros((len(CLASSES), len(CLASSES)), np.float32)
    for groups, share in ((RELATED, related), (KIN, kin)):
        for group in groups:
            ids = [CLASS_INDEX[name] for name in group]
            table[np.ix_(ids, ids)] = share
    np.fill_diagonal(table, 1.0)
    return table


def log_likelihoods(posteriors: Array, progress: Progress = silent) -> Array:
    """(T, K + 1) natural log of how well each frame fits each class; the last column is the best of them."""
    count = len(CLASSES)
    prior = (posteriors.sum(0, dtype=np.float64) + EVEN_FRAMES / count) / (len(posteriors) + EVEN_FRAMES)
    result = np.empty((len(posteriors), count + 1), np.float32)
    accepts = (kindred() / (prior * count)).astype(np.float32).T
    for start in range(0, len(posteriors), _BLOCK):
        progress(start / len(posteriors), "Finding the words")
        block = result[start : start + _BLOCK]
        np.log(posteriors[start : start + _BLOCK] @ accepts + FLOOR, out=block[:, :count])
        block[:, count] = block[:, :count].max(1)
    return result
