"""How people write one and the same name: letter case, separators, sides, prefixes and suffixes."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
_GLUED = re.compile(r"^phoneme(?!s?$)|^viseme(?!s?$)|(?<=^phoneme).+|(?<=^viseme).+")
"""What stands in front of a sound without anything between: visemeaa."""
_DUPLICATE = re.compile(r"\.\d{3}$")
_SIDES = {"l": "L", "left": "L", "lf": "L", "r": "R", "right": "R", "rt": "R"}

NOISE = frozenset(
    [
        "a",
        "ak",
        "ar",
        "arkit",
        "blend",
        "blendshape",
        "blendshapes",
        "bs",
        "c",
        "char",
        "character",
        "ctrl",
        "exp",
        "expression",
        "expressions",
        "face",
        "facial",
        "facs",
        "geo",
        "h",
        "head",
        "jnt",
        "key",
        "keys",
        "m",
        "mesh",
        "mh",
        "morph",
        "morphs",
        "def",
        "modifier",
        "phoneme",
        "phonemes",
        "gui",
        "bsh",
        "mtg",
        "perfect",
        "sync",
        "shape",
        "shapes",
        "skin",
        "sk",
        "target",
        "targets",
    ]
)
"""Words that say where a key comes from, never what it does."""


@dataclass(frozen=True)
class Reading:
    """One way to read a name: ``stem`` in small letters without separators, ``side`` 'L', 'R' or '', and the rest."""

    stem: str
    side: str
    rest: tuple[str, ...]
    rest_after: tuple[str, ...]


def tokens(name: str) -> tuple[str, ...]:
    """The words of ``name`` in small letters: 'CTRL_eyeBlinkL' -> ctrl, eye, blink, l. Blender's .001 is dropped."""
    found = (word.lower() for word in _TOKEN.findall(_DUPLICATE.sub("", name)))
    return tuple(word for whole in found for word in (_GLUED.findall(whole) or [whole]))


def common_words(names: Iterable[str]) -> frozenset[str]:
    """Words that most of ``names`` share, which therefore say nothing about any one of them."""
    listed = list(names)
    if len(listed) < 4:
        return frozenset()
    seen = Counter(word for name in listed for word in set(tokens(name)))
    shared = (word for word, count in seen.items() if count > 0.6 * len(listed))
    return frozenset(word for word in shared if word not in _SIDES)


def readings(name: str) -> Iterator[Reading]:
    """Every run of words in ``name`` as a stem, with and without the one side in it, the longest run first."""
    words = tokens(name)
    for length in range(len(words), 0, -1):
        for begin in range(len(words) - length + 1):
            run, before, after = words[begin : begin + length], words[:begin], words[begin + length :]
            # With its side first: noseWrinkleR is a nose wrinkle on the right, not the wrinkler of a nose.
            for at in _places_of_side(run):
                yield Reading("".join(run[:at] + run[at + 1 :]), _SIDES[run[at]], before, after)
            yield Reading("".join(run), "", before, after)


def _places_of_side(run: tuple[str, ...]) -> list[int]:
    """Where the word for the side may stand: at the end, else at the beginning, else where the only one is."""
    if len(run) < 2:
        return []
    places = [at for at, word in enumerate(run) if word in _SIDES]
    if len(places) > 1:
        return [at for at in (len(run) - 1, 0) if at in places]
    return places


def is_noise(reading: Reading, common: frozenset[str]) -> bool:
    """Whether what a reading leaves out may be ignored.

    A number in front counts the keys (``AK_25_JawOpen``); a number behind makes an in-between of it.
    """
    before = all(word in NOISE or word in common or word.isdigit() for word in reading.rest)
    return before and all(word in NOISE or word in common for word in reading.rest_after)


def side_of(name: str) -> str:
    """'L', 'R' or '' by the one word in ``name`` that tells a side."""
    found = {_SIDES[word] for word in tokens(name) if word in _SIDES}
    return found.pop() if len(found) == 1 else ""


def side_suffix(side: str) -> str:
    """ARKit's ending for a side: 'L' -> 'Left'."""
    return {"L": "Left", "R": "Right"}.get(side, "")


def distance(one: str, other: str, limit: int) -> int:
    """Edits (insert, delete, replace, swap of neighbours) between two words; ``limit`` + 1 when there are more.

    Optimal string alignment distance.
    """
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, above, row = row, before, [i]
        for j, against in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)
