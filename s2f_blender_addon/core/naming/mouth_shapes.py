"""Which keys of a mesh are mouth shapes: one naming set for all of them, the one that explains most.

The sets are data in ``families/visemes.json``; what the shapes look like is in ``visemes``.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

from ..json_object import JsonObject
from .keymap import Entry
from .names import NOISE, common_words, is_noise, readings, tokens
from .visemes import FILE, SETS, source_of

_FEW = 4
"""So many keys with one word in front make it a name for the lot of them."""


def mouth_shapes(keys: Sequence[str], common: frozenset[str] | None = None) -> list[Entry]:
    """Entries for the mouth shapes among ``keys``, all of one set: that which explains most keys, and is most whole.

    A single letter or number means nothing alone: a set needs several of its shapes, and numbers must end with its
    last one.
    """
    words = common_words(keys) if common is None else common
    found = {name: _hits(name, keys, words) for name in _sets()}
    enough = {name: hits for name, hits in found.items() if len(hits) >= _sets()[name]["least"]}
    if not enough:
        return []
    best = max(enough, key=lambda name: _worth(name, enough[name]))
    title = SETS[best].title
    return [
        Entry(key, source_of(best, shape), 1.0, 0.9, f"{title}: {shape}", title)
        for shape, key in enough[best].items()
        if SETS[best].poses[shape]
    ]


def not_understood(keys: Sequence[str], used: Sequence[str]) -> tuple[str, ...]:
    """Those of ``keys`` that look like mouth shapes and are none of ``used``: a word for a mouth shape, or the word
    that several of the used ones begin with, stands in front, and a sound or a number is the rest."""
    begins = Counter(tokens(key)[0] for key in used if len(tokens(key)) > 1)
    fronts = {word for word, count in begins.items() if count >= _FEW} | (_counted() - {"mouth", "lip", "lips", "id"})
    return tuple(
        key for key in keys if key not in used and len(words := tokens(key)) > 1 and words[0] in fronts
        and (words[0] in begins or all(len(word) <= 3 for word in words[1:]))
    )  # fmt: skip


def _worth(name: str, hits: dict[str, str]) -> tuple[int, float]:
    """(how many keys the set explains, how much of it is there); a mouth at rest tells nothing."""
    poses = SETS[name].poses
    told = sum(bool(poses[shape]) for shape in hits)
    return told, told / sum(map(bool, poses.values()))


def _hits(name: str, keys: Sequence[str], common: frozenset[str]) -> dict[str, str]:
    """shape -> key, of the set ``name``."""
    hits: dict[str, str] = {}
    for key, shape in (*_by_name(name, keys, common), *_by_sound(name, keys, common), *_by_number(name, keys, common)):
        hits.setdefault(shape, key)
    return hits


def _by_name(name: str, keys: Sequence[str], common: frozenset[str]) -> Iterator[tuple[str, str]]:
    stems = _stems(name)
    taken: set[str] = set()
    open_: list[tuple[str, tuple[str, ...]]] = []
    for key in keys:
        for reading in readings(key):
            shapes = stems.get(reading.stem, ())
            if not shapes or reading.side or not is_noise(reading, common):
                continue
            if len(shapes) > 1:
                open_.append((key, shapes))
            else:
                taken.add(shapes[0])
                yield key, shapes[0]
    for key, shapes in open_:
        shape = next((shape for shape in shapes if shape not in taken), shapes[0])
        taken.add(shape)
        yield key, shape


def _by_sound(name: str, keys: Sequence[str], common: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Keys that list sounds: B_M_P and its like are one shape, that of most of them.

    Sounds written together (DST) count only behind a word that all keys have in front: a hat is no h, a and t.
    """
    spelt = {sound: shape for shape, sounds in _sets()[name].get("spelt", {}).items() for sound in sounds}
    if not spelt:
        return
    for key in keys:
        words = _bare(key, common)
        together = words != tokens(key)
        shapes = [shape for word in words for shape in _spelt(word, spelt, together)]
        shape, count = Counter(shapes).most_common(1)[0] if shapes else ("", 0)
        if "" not in shapes and 2 * count > len(shapes):
            yield key, shape


def _by_number(name: str, keys: Sequence[str], common: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Keys in a run of numbers, from 0 or 1 on, that ends where the set does."""
    shapes: list[str] = _sets()[name].get("numbers", [])
    runs: dict[tuple[str, ...], dict[int, str]] = {}
    for key in keys:
        words = tokens(key)
        at = max((i for i, word in enumerate(words) if word.isdecimal()), default=-1)
        others = words[:at] + words[at + 1 :]
        if at >= 0 and _is_counted(others, common):
            runs.setdefault(others, {}).setdefault(int(words[at]), key)
    for run in runs.values():
        first, last = min(run), max(run)
        # The silent shape is often left out, so a run that begins with 1 may count from 0.
        begin = {len(shapes) - 1: 0, len(shapes): 1}.get(last)
        if shapes and begin is not None and begin <= first <= 1:
            yield from ((key, shapes[number - begin]) for number, key in run.items() if shapes[number - begin])


def _spelt(word: str, spelt: dict[str, str], together: bool) -> list[str]:
    """The shapes of the sounds in ``word``, longest sounds first; '' for what is none."""
    if word in spelt or not together:
        return [spelt.get(word, "")]
    for length in range(min(len(word) - 1, 3), 0, -1):
        if word[:length] in spelt:
            return [spelt[word[:length]], *_spelt(word[length:], spelt, together)]
    return [""]


def _bare(key: str, common: frozenset[str]) -> tuple[str, ...]:
    """The words of ``key`` without those in front that it shares with the others."""
    words = tokens(key)
    while len(words) > 1 and (words[0] in common or words[0] in _counted() or _says_nothing(words[0])):
        words = words[1:]
    return words


def _says_nothing(word: str) -> bool:
    return (word in NOISE and len(word) > 1) or word.isdigit()


def _is_counted(words: tuple[str, ...], common: frozenset[str]) -> bool:
    """Whether a number beside ``words`` counts mouth shapes: one of them says so, the others say nothing."""
    says = [word for word in words if word in _counted()]
    return bool(says) and all(word in _counted() or word in common or word in NOISE for word in words)


@cache
def _document() -> JsonObject:
    document: JsonObject = json.loads(FILE.read_text(encoding="utf-8"))
    return document


def _sets() -> JsonObject:
    sets: JsonObject = _document()["sets"]
    return sets


@cache
def _counted() -> frozenset[str]:
    return frozenset(_document()["counted"])


@cache
def _stems(name: str) -> dict[str, tuple[str, ...]]:
    """stem of a mouth shape's name -> the shapes that are called so, mostly one."""
    table: dict[str, tuple[str, ...]] = {}
    for shape, names in _sets()[name]["names"].items():
        for stem in {"".join(tokens(spelling)) for spelling in names}:
            table[stem] = (*table.get(stem, ()), shape)
    return table
