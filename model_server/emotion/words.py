"""What the words say: sentences, when each is said, and what a model reads in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
import numpy.typing as npt

from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.messages import FeltSentence
from s2f_blender_addon.core.script import ENGLISH

Floats = npt.NDArray[np.float32]


TELLING = 3
"""Words that tell whether a sentence is in a language that is known."""
_TOLD = 0.05
"""A score below this is not worth a word."""


class TextModel(Protocol):
    """Anything that reads a sentence. ``id`` goes into the provenance."""

    @property
    def id(self) -> str: ...
    @property
    def licence_track(self) -> str: ...
    def knows(self, sentence: str, language: str) -> bool:
        """Whether it knows enough of the words of ``sentence``, which is in ``language`` (a code such as ``en``)."""
        ...

    def score(self, sentence: str) -> Floats:
        """(E,) 0-1 in the order of EMOTIONS."""
        ...


@dataclass(frozen=True)
class Sentence:
    """A sentence, when it is said (seconds) and what a TextModel reads in it: (E,) 0-1, 0 where it does not know the
    words."""

    text: str
    start: float
    end: float
    scores: Floats
    known: bool = True

    def told(self, since: float = 0.0) -> FeltSentence:
        """What a user is shown, times from ``since`` on: what is likelier than that nothing is felt."""
        named, least = zip(EMOTIONS, self.scores, strict=True), max(_TOLD, 1 - float(self.scores.sum()))
        emotion = {name: round(float(score), 2) for name, score in named if score >= least}
        return FeltSentence(self.text, self.start + since, self.end + since, emotion, self.known)


def sentences(text: str) -> list[str]:
    """``text`` cut after . ! ? … and at line ends; nothing is lost but white space."""
    parts = re.split(r"(?<=[.!?…。！？])[\"'”’)]*\s+|\n+", text)
    return [part.strip() for part in parts if part.strip()]


def read(text: str, model: TextModel, spoken: list[tuple[float, float]], language: str = ENGLISH) -> list[Sentence]:
    """Sentences of ``text``, which is in ``language``, with scores and times.

    ``spoken`` are the stretches of speech in seconds (``Prosody.phrases``, or aligned words): sentences share them out
    by their number of letters. Where exact word times are known, give one stretch for each sentence.
    """
    said = sentences(text)
    if not said:
        return []
    if len(spoken) == len(said):
        times = list(spoken)
    else:
        letters = np.cumsum([0.0] + [max(1, sum(c.isalnum() for c in s)) for s in said])
        edges = _at_share(letters / letters[-1], spoken)
        times = list(pairwise(edges))
    whole = model.knows(text, language)
    return [_judged(sentence, *time, model, language, whole) for sentence, time in zip(said, times, strict=True)]


def _judged(sentence: str, start: float, end: float, model: TextModel, language: str, whole: bool) -> Sentence:
    """``whole``: whether the text that it is from is known, which decides where it is too short to tell."""
    known = model.knows(sentence, language) and (whole or len(sentence.split()) >= TELLING)
    scores = model.score(sentence) if known else np.zeros(len(EMOTIONS), np.float32)
    return Sentence(sentence, start, end, scores, known)


def _at_share(shares: npt.NDArray[np.float64], spoken: list[tuple[float, float]]) -> list[float]:
    """Seconds at which each share of the speaking time has passed."""
    if not spoken:
        return [0.0] * len(shares)
    lengths = np.cumsum([0.0] + [end - start for start, end in spoken])
    edges = []
    for share in shares:
        passed = share * lengths[-1]
        k = min(int(np.searchsorted(lengths, passed, side="left")), len(spoken))
        k = max(k, 1)
        edges.append(spoken[k - 1][0] + passed - lengths[k - 1])
    return [float(edge) for edge in edges]


def over_time(said: list[Sentence], count: int, fps: float) -> Floats:
    """(count, E) 0-1: each sentence's scores from its start to the next one's."""
    track = np.zeros((count, len(EMOTIONS)), np.float32)
    for sentence, frames in _frames(said, fps):
        track[frames] = sentence.scores
    return track


def when_said(said: list[Sentence], count: int, fps: float) -> Floats:
    """(count,) 1 from the start of each sentence whose words are known to the next one's start, elsewhere 0."""
    track = np.zeros(count, np.float32)
    for sentence, frames in _frames(said, fps):
        track[frames] = sentence.known
    return track


def _frames(said: list[Sentence], fps: float) -> Iterator[tuple[Sentence, slice]]:
    """Each sentence with its frames at ``fps``, at least one."""
    for i, sentence in enumerate(said):
        stop = said[i + 1].start if i + 1 < len(said) else sentence.end
        start = round(sentence.start * fps)
        yield sentence, slice(start, max(round(stop * fps), start + 1))
