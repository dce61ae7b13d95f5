"""Phrases of a few words: most say nothing of a feeling (things, places, numbers, names, short answers), cries do.

The sets of others have hardly any of the first, so a model of words takes a rare noun for whatever it was near once.
Lists of our own (``short_phrases.json``) give their form, and the pronouncing dictionary words that no line was felt
with: whatever a word hashes to is then neutral until a feeling teaches otherwise.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model_server.emotion.word_features import tokens
from model_server.speech.words import dictionary
from model_server.training.emotion.phrases import Shares

Floats = npt.NDArray[np.float32]

NEUTRAL: Shares = {"neutral": 1.0}
PLAIN = ("qualities", "places", "numbers", "names", "machine", "answers", "acts")
STEM = 5
"""Letters by which words are kin."""
DOUBT, TELLING = 30, 0.08
"""Lines of the usual mixture that are added to a word's own, and by how much more than usual they must then be of one
emotion for it to stand for that."""
WORDS = 4000
"""How many words of the dictionary are said that no line has."""
_FRAMES = ("a {}", "the {}", "{}", "this {}", "some {}", "another {}", "that {} over there", "two {}",
           "the {} and the {}", "near the {}", "{} or {}", "a {} {}", "the {} one", "under the {}", "of {}",
           "{}, {}, {}")  # fmt: skip


@cache
def lists() -> dict[str, Any]:
    """Plain phrases by kind; under ``cries`` those of each emotion."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name("short_phrases.json").read_text("utf-8"))
    return found


def plain(seed: int) -> list[tuple[str, Shares]]:
    """Phrases of our lists that nothing is felt in, with what ends them drawn by ``seed``."""
    rng = np.random.default_rng(seed)
    made = [*chain.from_iterable(lists()[kind] for kind in PLAIN), *_things(rng)]
    return [(_ended(text, str(rng.choice([".", ".", ".", "", ",", "?", "!"]))), NEUTRAL) for text in made]


def cries() -> Iterator[tuple[str, Shares]]:
    """Short phrases that something is felt in."""
    for emotion, texts in lists()["cries"].items():
        for text in texts:
            yield from ((_ended(text, end), {emotion: 1.0}) for end in ("." if emotion == "calm" else "!", ".", ""))
            yield _ended(f"oh, {text}", "!"), {emotion: 1.0}


def of_dictionary(lines: Sequence[tuple[str, Floats]], seed: int) -> list[tuple[str, Shares]]:
    """Neutral phrases around words of the dictionary: all those that ``lines``, each with its shares (1 + E,), have and
    that stand for no feeling, and ``WORDS`` of the others.
    """
    rng = np.random.default_rng(seed)
    more = _more_than_usual(lines)
    felt = {stem for stem, found in more.items() if found[0] < 0 or found[1:].max() >= TELLING}
    words = [word for word in dictionary.words() if word.isalpha() and len(word) > 2]
    plain = [word for word in words if word[:STEM] not in felt]
    known = {token for text, _ in lines for token in tokens(text)}
    there = [word for word in plain if word in known]
    drawn = [*there, *rng.choice(plain, WORDS)]
    order = iter([str(drawn[k]) for k in rng.permutation(len(drawn))])
    made = []
    for word in order:
        frame = str(rng.choice(_FRAMES))
        others = [next(order, word) for _ in range(frame.count("{}") - 1)]
        made.append((_ended(frame.format(word, *others), str(rng.choice([".", ".", ".", "", "?"]))), NEUTRAL))
    return made


def _more_than_usual(lines: Sequence[tuple[str, Floats]]) -> dict[str, Floats]:
    """By the beginnings of words: how much more of each class (1 + E,) the lines with them have than all lines."""
    usual = np.mean([shares for _, shares in lines], axis=0)
    total, count = defaultdict[str, Floats](lambda: np.zeros_like(usual)), defaultdict[str, int](int)
    for text, shares in lines:
        for stem in {token[:STEM] for token in tokens(text)}:
            total[stem] = total[stem] + shares - usual
            count[stem] += 1
    return {stem: found / (DOUBT + count[stem]) for stem, found in total.items()}


def _things(rng: np.random.Generator) -> Iterator[str]:
    found = lists()
    for thing in found["things"]:
        one, other = (str(rng.choice(found[kind])) for kind in ("qualities", "things"))
        yield from (f"{'an' if thing[0] in 'aeiou' else 'a'} {thing}", f"the {thing}", f"the {one} {thing}", thing)
        yield from (f"{thing} and {other}", f"my {thing}", f"two of the {thing}s", f"the {thing} is {one}")


def _ended(text: str, end: str) -> str:
    return text[:1].upper() + text[1:] + end
