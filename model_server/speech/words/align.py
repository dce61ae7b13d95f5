"""Forced alignment: given the words, when is each of their phones said?

Tolerant: words of the text that nobody says are left out, and speech that is not in the text is passed over.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model_server.audio.features import RATE
from model_server.cancel import Progress, part, silent
from model_server.speech.phones import CLASSES
from model_server.speech.words.graph import UNEXPECTED, Graph, Ints, Pronunciation, graph
from model_server.speech.words.likelihood import log_likelihoods
from model_server.speech.words.search import AlignmentCosts, BeamLimits, best_path
from s2f_blender_addon.core.script import SpokenWord

Array = npt.NDArray[np.float32]

UNKNOWN = ""
"""Name of a stretch of speech that is not in the text."""
FINER = 2
"""Frames at 100 Hz that a border between two phones may move after the search, which goes in steps of two."""
HEARD = 0.05
"""Confidence from which on a word counts as found."""
CUE_SLACK = 0.6
"""Seconds by which subtitles may come early or late."""




@dataclass(frozen=True)
class Word:
    """A word of the text and the ways to say it, as phone classes by name; the first is the usual one.

    earliest, latest: seconds between which it is said, where a subtitle tells.
    """

    text: str
    ways: tuple[Pronunciation, ...]
    earliest: float = 0.0
    latest: float = float("inf")


@dataclass(frozen=True)
class Phone:
    """name: of ``phones.CLASSES``, or UNKNOWN; seconds; word: number in the text, -1 between words.

    fit: natural log of its likelihood over that of the phone that fits best, mean over its frames; 0 is perfect.
    """

    name: str
    start: float
    end: float
    word: int
    fit: float


@dataclass(frozen=True)
class Alignment:
    """phones: without holes from 0 to the end of the sound; words: one for each that was given, in order."""

    phones: tuple[Phone, ...]
    words: tuple[SpokenWord, ...]


def align(
    posteriors: Array, words: Sequence[Word], costs: AlignmentCosts | None = None, progress: Progress = silent
) -> Alignment:
    """When ``words`` are said, from the posteriors (T, K) of the phone classes at 100 Hz (frame i is at i / 100 s).

    Memory grows with T and the number of words, not with their product; JobCancelled where ``progress`` raises it.
    """
    sayable = [i for i, word in enumerate(words) if word.ways]
    g = graph([words[i].ways for i in sayable])
    fits = log_likelihoods(posteriors, part(progress, 0.0, 0.05))
    paired = np.concatenate([fits, fits[-1:]]) if len(fits) % 2 else fits
    limits = _limits([words[i] for i in sayable], len(paired) // 2)
    path = best_path(paired[0::2] + paired[1::2], g, costs, limits, part(progress, 0.05, 0.95))
    states = path.repeat(2)[: len(fits)]
    phones = [
        Phone(p.name, p.start, p.end, sayable[p.word] if p.word >= 0 else -1, p.fit) for p in _phones(states, g, fits)
    ]
    return Alignment(tuple(phones), tuple(_words(words, phones)))


def _limits(words: Sequence[Word], frames: int) -> BeamLimits | None:
    """When which words may come, from what is known of each, on the search's frames; None where nothing is."""
    if all(word.earliest <= 0 and word.latest == float("inf") for word in words):
        return None
    earliest = np.array([word.earliest - CUE_SLACK for word in words])
    latest = np.array([word.latest + CUE_SLACK for word in words])
    earliest = np.minimum.accumulate(earliest[::-1])[::-1]  # neither falls, whatever the subtitles say
    latest = np.maximum.accumulate(latest)
    times = np.arange(frames) * 2 / RATE
    first = np.searchsorted(latest, times, side="left").astype(np.int32)
    end = np.searchsorted(earliest, times, side="right").astype(np.int32)
    return BeamLimits(first, np.maximum(first, end))


def _phones(path: Ints, g: Graph, fits: Array) -> list[Phone]:
    """Stretches of one phone along the path; a frame stands for the 10 ms around it."""
    classes, word, number = g.classes[path], g.word[path], g.phone[path]
    changes = (np.diff(classes) != 0) | (np.diff(word) != 0) | (np.diff(number) != 0)
    starts = np.concatenate([[0], np.flatnonzero(changes) + 1])
    middles = starts.copy()
    starts[1:] += _finer(starts, classes[starts], fits)
    stops = np.concatenate([starts[1:], [len(path)]])
    found = []
    for at, a, b in zip(middles.tolist(), starts.tolist(), stops.tolist(), strict=True):
        name = UNKNOWN if classes[at] == UNEXPECTED else CLASSES[classes[at]]
        start, end = max(0.0, (a - 0.5) / RATE), (b - 0.5) / RATE
        inside = int(word[at]) if number[at] >= 0 else -1
        fit = float((fits[a:b, classes[at]] - fits[a:b, UNEXPECTED]).mean())
        found.append(Phone(name, start, end, inside, fit))
    return found


def _finer(starts: npt.NDArray[np.int64], classes: Ints, fits: Array) -> npt.NDArray[np.int64]:
    """Frames by which each border but the first is better moved; the search goes in steps of two frames."""
    lengths = np.diff(np.concatenate([starts, [len(fits)]]))
    room = np.clip((lengths - 1) // 2, 0, FINER)
    before, after, border = classes[:-1], classes[1:], starts[1:]
    known = (before != UNEXPECTED) & (after != UNEXPECTED)
    moves = np.arange(-FINER, FINER + 1)
    near = np.clip(border[:, None] + np.arange(-FINER, FINER), 0, len(fits) - 1)
    gain = fits[near, before[:, None]] - fits[near, after[:, None]]  # of giving the frame to the phone before
    total = np.concatenate([np.zeros((len(border), 1), np.float32), gain.cumsum(1)], 1)
    allowed = (-moves <= room[:-1, None]) & (moves <= room[1:, None]) & (known[:, None] | (moves == 0))
    found: npt.NDArray[np.int64] = moves[np.where(allowed, total, -np.inf).argmax(1)]
    return found


def _words(words: Sequence[Word], phones: list[Phone]) -> list[SpokenWord]:
    of: dict[int, list[Phone]] = {}
    for phone in phones:
        if phone.word >= 0:
            of.setdefault(phone.word, []).append(phone)
    found, now = [], 0.0
    for i, word in enumerate(words):
        if i in of and (sure := confidence(of[i])) >= HEARD:
            now = of[i][-1].end
            found.append(SpokenWord(word.text, of[i][0].start, now, sure))
        else:
            found.append(SpokenWord(word.text, now, now, 0.0))
    return found


def confidence(phones: Sequence[Phone]) -> float:
    """0-1 of one word's phones: the geometric mean of how well they fit."""
    return float(np.exp(np.mean([max(phone.fit, -6.0) for phone in phones])))
