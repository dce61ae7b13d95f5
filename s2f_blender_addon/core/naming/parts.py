"""Keys that are parts of one channel: lips split into upper and lower, left and right, in whatever order of words."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from .keymap import Entry
from .names import side_of, tokens

SCORE = 0.9
"""Below every whole name, so that parts never stand beside a key for the whole."""

SPLIT = ("mouth", "brow", "eye", "cheek", "nose")
"""Beginnings of channels that have parts; a jaw that goes down and a tongue that goes up are none."""

INSIDE_AND_OUT = ("brow", "eye", "cheek", "nose")
"""Those of SPLIT of which in and out are parts: lips roll in and out, one the opposite of the other."""

_LIPS = frozenset(["lip", "lips"])
"""Words that say nothing beside one for a part."""

PARTS = {
    "upper": "upper", "top": "upper", "up": "upper", "u": "upper", "t": "upper",
    "lower": "lower", "bottom": "lower", "down": "lower", "dn": "lower", "low": "lower", "d": "lower", "b": "lower",
    "superior": "upper", "inferior": "lower",
    "inner": "inner", "in": "inner", "outer": "outer", "out": "outer",
    "mid": "middle", "middle": "middle", "center": "middle", "centre": "middle", "corner": "corner",
}  # fmt: skip
"""Words for a part of lips, lids or brows."""


def parts_of(keys: Sequence[str], read: Callable[[str], list[Entry]]) -> dict[str, list[Entry]]:
    """key -> its entries, for those of ``keys`` that are a channel's name and a word for a part of it.

    ``read`` gives the entries of a whole name. One part alone is none: its counterpart must be there too. Of halves
    beside a middle all three are parts.
    """
    found: dict[str, list[Entry]] = {}
    kinds: dict[str, set[str]] = {}

    def add(key: str, part: str, whole: str, entries: list[Entry]) -> None:
        found[key] = [
            replace(e, key=key, score=SCORE, reason=f"a part of {e.source}", family=f"{e.family} in parts")
            for e in entries
        ]
        for entry in entries:  # of a lower lip that rolls "lower" tells no part, but its side does
            kinds.setdefault(entry.source, set()).add(part + side_of(whole) * (part in tokens(entry.source)))

    for key in keys:
        for part, whole in _without_part(key):
            entries = read(whole)
            beginnings = INSIDE_AND_OUT if part in ("inner", "outer") else SPLIT
            if entries and all(entry.source.startswith(beginnings) for entry in entries):
                add(key, part, whole, entries)
                break
    middles = {source for source, parts in kinds.items() if parts == {"middle"}}
    for key in keys:
        entries = read(key) if key not in found else []
        if entries and middles.issuperset(entry.source for entry in entries):
            add(key, "side", key, entries)
    return {key: entries for key, entries in found.items() if all(len(kinds[e.source]) > 1 for e in entries)}


def _without_part(key: str) -> Iterable[tuple[str, str]]:
    """(part, the name without its word) for each word of ``key`` that may be one; UL counts as upper and left."""
    words = tokens(key)
    for at in range(len(words) - 1, -1, -1):
        word, others = words[at], (words[:at], words[at + 1 :])
        if word in PARTS:
            yield PARTS[word], "_".join((*others[0], *others[1]))
            if _LIPS.intersection(words[max(at - 1, 0) : at + 2]):
                yield PARTS[word], "_".join(other for other in (*others[0], *others[1]) if other not in _LIPS)
        elif len(word) == 2 and (word[0] in PARTS or word[0] == "l") and word[1] in "lr":
            yield PARTS.get(word[0], "lower"), "_".join((*others[0], word[1], *others[1]))
        elif len(word) == 2 and (word[1] in PARTS or word[1] == "l") and word[0] in "lr":
            yield PARTS.get(word[1], "lower"), "_".join((*others[0], word[0], *others[1]))
