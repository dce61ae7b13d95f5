"""What the words say: a small lexicon with negation and degree, sentence by sentence. English, offline, ours.

The rules are in the spirit of VADER (Hutto and Gilbert, ICWSM 2014): degree words and capitals scale, a negator within
three words turns, what follows "but" counts more, exclamation marks add force. The word list was written for this
project. It knows common words and nothing of irony; a trained classifier can take its place (``TextModel``).
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.messages import FeltSentence

Floats = npt.NDArray[np.float32]

_REACH = 3  # words over which a negator or a degree word acts
_STRONGER, _WEAKER = 1.35, 0.6
_AFTER_TURN, _BEFORE_TURN = 1.3, 0.5
_FULL = 1.2
"""Evidence at which a sentence shows 63 % of an emotion."""

NEGATED = {
    "happy": ("sad", 0.5), "sad": ("calm", 0.4), "angry": ("calm", 0.4), "fear": ("calm", 0.4),
    "disgust": ("calm", 0.2), "surprise": ("calm", 0.3), "contempt": ("calm", 0.2), "calm": ("fear", 0.3),
}  # fmt: skip
"""What a negated emotion word speaks for instead, and how much of it."""


class TextModel(Protocol):
    """Anything that reads a sentence. ``id`` goes into the provenance."""

    @property
    def id(self) -> str: ...
    @property
    def licence_track(self) -> str: ...
    def score(self, sentence: str) -> Floats:
        """(8,) 0-1 in the order of EMOTIONS."""
        ...


@dataclass(frozen=True)
class Sentence:
    """A sentence, when it is said (seconds) and what a TextModel reads in it: (8,) 0-1."""

    text: str
    start: float
    end: float
    scores: Floats

    def told(self, since: float = 0.0) -> FeltSentence:
        """What a user is shown, times from ``since`` on."""
        named = zip(EMOTIONS, self.scores, strict=True)
        emotion = {name: round(float(score), 2) for name, score in named if score >= 0.05}
        return FeltSentence(self.text, self.start + since, self.end + since, emotion)


@dataclass(frozen=True)
class _Lexicon:
    words: dict[str, tuple[str, float]]
    negators: frozenset[str]
    stronger: frozenset[str]
    weaker: frozenset[str]
    turns: frozenset[str]


@cache
def _lexicon() -> _Lexicon:
    data = json.loads(Path(__file__).with_name("lexicon.json").read_text("utf-8"))
    words = {
        word: (name, float(weight))
        for name in EMOTIONS
        for weight, listed in data[name].items()
        for word in listed.split()
    }
    sets = (frozenset(data[key].split()) for key in ("negators", "stronger", "weaker", "turns"))
    return _Lexicon(words, *sets)


def lexicon_words(emotion: str) -> frozenset[str]:
    """The words that speak for ``emotion``."""
    return frozenset(word for word, (name, _) in _lexicon().words.items() if name == emotion)


class LexiconModel:
    """The offline TextModel."""

    id = "word list 1"
    licence_track = "product"

    def score(self, sentence: str) -> Floats:
        """(8,) 0-1; all zero for a sentence without an emotion word."""
        lexicon = _lexicon()
        tokens = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", sentence)
        lower = [token.lower().replace("’", "'") for token in tokens]
        turn = max((i for i, word in enumerate(lower) if word in lexicon.turns and i), default=-1)
        shouting = sentence.upper() == sentence
        evidence = dict.fromkeys(EMOTIONS, 0.0)
        for i, word in enumerate(lower):
            found = _look_up(word, lexicon.words)
            if found is None or (word in lexicon.stronger and _degree_of_next(lower, i, lexicon)):
                continue
            name, weight = found
            before = lower[max(0, i - _REACH) : i]
            if any(w in lexicon.stronger for w in before):
                weight *= _STRONGER
            if any(w in lexicon.weaker for w in before):
                weight *= _WEAKER
            if tokens[i].isupper() and len(word) > 2 and not shouting:
                weight *= _STRONGER
            if turn >= 0:
                weight *= _AFTER_TURN if i > turn else _BEFORE_TURN
            if sum(w in lexicon.negators for w in before) % 2:
                name, share = NEGATED[name]
                weight *= share
            evidence[name] += weight
        force = 1 + 0.15 * min(sentence.count("!"), 3)
        total = np.array([evidence[name] for name in EMOTIONS], np.float32) * force
        return np.asarray(1 - np.exp(-total / _FULL), np.float32)


def _degree_of_next(words: list[str], i: int, lexicon: _Lexicon) -> bool:
    """A degree word that strengthens what follows is not itself an emotion ("really happy")."""
    return any(_look_up(word, lexicon.words) for word in words[i + 1 : i + 1 + _REACH])


def _look_up(word: str, words: dict[str, tuple[str, float]]) -> tuple[str, float] | None:
    """The entry of ``word`` or of what English endings leave of it."""
    if word in words:
        return words[word]
    for ending in ("'s", "ies", "ied", "ily", "iness", "es", "ed", "ing", "ly", "ness", "s", "d", "er", "est"):
        if not word.endswith(ending) or len(word) - len(ending) < 3:
            continue
        stem = word[: -len(ending)]
        for candidate in (stem, stem + "e", stem + "y", stem[:-1] if stem[-1] == stem[-2] else stem):
            if candidate in words:
                return words[candidate]
    return None


def sentences(text: str) -> list[str]:
    """``text`` cut after . ! ? … and at line ends; nothing is lost but white space."""
    parts = re.split(r"(?<=[.!?…。！？])[\"'”’)]*\s+|\n+", text)
    return [part.strip() for part in parts if part.strip()]


def read(text: str, model: TextModel, spoken: list[tuple[float, float]]) -> list[Sentence]:
    """Sentences of ``text`` with scores and times.

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
    return [Sentence(s, start, end, model.score(s)) for s, (start, end) in zip(said, times, strict=True)]


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
    """(count, 8) 0-1: each sentence's scores from its start to the next one's."""
    track = np.zeros((count, len(EMOTIONS)), np.float32)
    for i, sentence in enumerate(said):
        stop = said[i + 1].start if i + 1 < len(said) else sentence.end
        track[round(sentence.start * fps) : max(round(stop * fps), round(sentence.start * fps) + 1)] = sentence.scores
    return track
