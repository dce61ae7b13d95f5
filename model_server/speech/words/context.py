"""Phones in the light of the English words that they may belong to: what a listener knows before a sound is over.

The network hears moments; which words there are, and which follow which, tells p from t where the sound does not. Words
are searched only in phrases with lips of which the sound is unsure, and in speech that the network hears as clearly as
English; what the sound is sure of, and speech that English words do not fit, stay as they were heard.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model_server.cancel import Progress, part, silent
from model_server.speech.phones import BILABIAL, CLASS_INDEX
from model_server.speech.words.forward_backward import SHARPNESS, expected
from model_server.speech.words.lattice import LatticeCosts, lattice
from model_server.speech.words.likelihood import kindred
from model_server.speech.words.vocabulary import english
from s2f_blender_addon.core.runs import true_runs

Array = npt.NDArray[np.float32]
Span = tuple[int, int]
"""First frame of the search, of 20 ms, and the one after the last."""

SCALE = 0.5
"""Share of the log likelihood of a frame of the sound that counts: neighbours say much the same."""
PRIOR_SHARE, EVEN_FRAMES = 0.5, 300.0
"""Power of the prior that likelihoods are taken over; frames of evenly spread classes that it begins with."""
FLOOR = 3e-4
"""Likelihood that any frame leaves to any phone."""
KIN, RELATED = 0.05, 0.01
"""What a phone takes of the likelihood of its kin, and of phones of its manner."""
TRUST = 0.5
"""Share of the words in the result where speech is English."""
ENGLISH, FOREIGN = 0.66, 0.74
"""Log likelihood, to the power ``SHARPNESS``, that a frame of speech loses by being words as English speakers say them
instead of any phones: up to the first it is English, from the second on it is not. Half of our English recordings lose
less than 0.6; ten-second pieces of five Mandarin ones have medians of 0.75 to 0.80."""
POOL = 150.0
"""Frames for which the whole recording counts when a phrase is judged."""
NEAR = 2
"""Frames of the sound to either side of a border between two phones in which the sound decides where it is."""
UNEXPECTED, UNHEARD = 3e-3, 1e-3
"""What is left to a phone that no word has there, and to one that is not heard there."""
UNSURE, SURE = 0.05, 0.8
"""Probability of p, b or m that has to be looked into from the first on, and that stands, whatever the words say, from
the second on; so does any other phone."""
CLEAR = 1.4
"""Mean entropy (nats) of the classes in speech above which it is not searched: clean English has 0.5 to 0.8, English
through noise and lively Mandarin about 1.2. Words are of most use in noise."""
PAUSE, EDGE, LONGEST = 15, 5, 1000
"""Frames of silence that part two phrases, of silence that a phrase begins and ends with, and of a phrase at most."""
AT_ONCE = 16
"""Phrases that are searched together."""

_SILENCE = CLASS_INDEX["sil"]
_LIPS = [CLASS_INDEX[name] for name in BILABIAL]


@dataclass(frozen=True)
class _Phrase:
    """words (T, K): what its words have at each frame; lost: log likelihood that they lose against whatever phones fit
    best; spoken: frames of speech."""

    span: Span
    words: npt.NDArray[np.float16]
    lost: float
    spoken: int


def in_context(posteriors: Array, progress: Progress = silent) -> Array:
    """(T, K) posteriors at 100 Hz as English words make them likely, and as they were where the speech is not English.

    Memory grows with T by two copies at most; JobCancelled where ``progress`` raises it.
    """
    result = posteriors.copy()
    if not clear(posteriors):
        return result
    found = list(_understood(posteriors, part(progress, 0.0, 0.95)))
    lost, spoken = sum(one.lost for one in found), sum(one.spoken for one in found)
    for one in found:
        a_frame = (one.lost + POOL * lost / max(1, spoken)) / (one.spoken + POOL)
        trust = TRUST * float(np.clip((FOREIGN - a_frame) / (FOREIGN - ENGLISH), 0, 1))
        if trust > 0 and one.words.any():
            frames = slice(2 * one.span[0], 2 * one.span[1])
            heard = posteriors[frames]
            open_to = np.maximum(heard.max(1), heard[:, _LIPS].sum(1)) < SURE
            result[frames] += trust * open_to[:, None] * (_as_words(heard, one.words) - heard)
    return result


def clear(posteriors: Array) -> bool:
    """Whether (T, K) posteriors are as sure of their speech as of English; cheap, and wrong now and then."""
    speech = posteriors[posteriors[:, _SILENCE] < 0.5]
    if not len(speech):
        return False
    entropy = -(speech * np.log(np.maximum(speech, 1e-7))).sum(1).mean()
    return bool(entropy < CLEAR)


def unsure(posteriors: Array) -> bool:
    """Whether lips may shut somewhere in (T, K) posteriors without the sound being sure of it."""
    lips = posteriors[:, _LIPS].sum(1)
    return any(lips[start:stop].max() < SURE for start, stop in true_runs(lips > UNSURE))


def phrases(silence: Array) -> list[Span]:
    """Where somebody speaks, from the probability (T,) of silence in the frames of the search.

    A phrase that is too long is parted where silence is likeliest.
    """
    edges = np.diff(np.concatenate([[0], silence <= 0.5, [0]]).astype(np.int8))
    starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    apart = starts[1:] - stops[:-1] >= PAUSE
    first = starts[np.concatenate([[True], apart])] if len(starts) else starts
    end = stops[np.concatenate([apart, [True]])] if len(stops) else stops
    found: list[Span] = []
    for low, high in zip(first.tolist(), end.tolist(), strict=True):
        found += _parted(silence, max(0, low - EDGE), min(len(silence), high + EDGE))
    return found


def _parted(silence: Array, first: int, end: int) -> Iterator[Span]:
    while end - first > LONGEST:
        middle = first + LONGEST // 2
        cut = middle + int(silence[middle : first + LONGEST].argmax())
        yield first, cut
        first = cut
    yield first, end


def _understood(posteriors: Array, progress: Progress) -> Iterator[_Phrase]:
    """Every phrase, those of like length searched together."""
    count, frames = posteriors.shape[1], len(posteriors) // 2
    prior = (posteriors.sum(0, dtype=np.float64) + EVEN_FRAMES / count) / (len(posteriors) + EVEN_FRAMES)
    accepts = (kindred(KIN, RELATED) / (prior * count) ** PRIOR_SHARE).astype(np.float32).T
    spans = phrases(posteriors[: 2 * frames, _SILENCE].reshape(-1, 2).mean(1))
    spans = [span for span in spans if unsure(posteriors[2 * span[0] : 2 * span[1]])]
    spans.sort(key=lambda span: span[0] - span[1])
    for at in range(0, len(spans), AT_ONCE):
        together = spans[at : at + AT_ONCE]
        step = part(progress, at / len(spans), min(1.0, (at + AT_ONCE) / len(spans)))
        yield from _searched(together, [_fits(posteriors[2 * a : 2 * b], accepts) for a, b in together], step)


def _fits(posteriors: Array, accepts: Array) -> Array:
    """(T // 2, K) log likelihoods of two frames each."""
    fits: Array = np.log(posteriors @ accepts + np.float32(FLOOR)).reshape(-1, 2, posteriors.shape[1]).sum(1)
    return fits


def _searched(spans: Sequence[Span], fits: Sequence[Array], progress: Progress) -> Iterator[_Phrase]:
    """Phrases, the longest first."""
    vocabulary, costs = english(), LatticeCosts()
    lengths = np.array([len(one) for one in fits], np.int32)
    batch = np.zeros((len(fits), int(lengths[0]), fits[0].shape[1]), np.float32)
    for n, one in enumerate(fits):
        batch[n, : len(one)] = one * np.float32(SCALE)
    found, likelihood = expected(lattice(batch, lengths, vocabulary, costs, progress), lengths, vocabulary, costs)
    for n, (span, one) in enumerate(zip(spans, fits, strict=True)):
        words = found[n, : len(one)]
        spoken = int((one.argmax(1) != _SILENCE).sum())
        best = SHARPNESS * SCALE * float(one.max(1).sum())
        lost = best - float(likelihood[n]) if words.any() else 2 * FOREIGN * spoken
        yield _Phrase(span, words.astype(np.float16), lost, spoken)


def _as_words(heard: Array, words: npt.NDArray[np.float16]) -> Array:
    """(T, K): the phones that the words have there, borders between them as ``heard`` (T, K)."""
    wide = words.astype(np.float32).repeat(2, 0)
    near = wide.copy()
    for shift in range(1, NEAR + 1):
        np.maximum(near[shift:], wide[:-shift], out=near[shift:])
        np.maximum(near[:-shift], wide[shift:], out=near[:-shift])
    said = (heard @ kindred(KIN, RELATED).T + np.float32(UNHEARD)) * (near + np.float32(UNEXPECTED))
    result: Array = said / said.sum(1, keepdims=True)
    return result
