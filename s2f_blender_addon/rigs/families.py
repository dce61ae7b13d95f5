"""Naming families as data: ``families/families.json`` for keys, ``families/visemes.json`` for mouth shapes."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from ..core.channels import INDEX
from .keymap import Entry
from .names import Reading, common_words, is_noise, readings, side_suffix, tokens
from .visemes import SETS, source_of

FOLDER = Path(__file__).parent / "families"
SCORE = 0.93
GENERIC_SCORE = 0.75
"""A name that says roughly the same in many rigs (mouthOpen) ranks below one that a family defines."""


def named(key: str, reading: Reading) -> list[Entry]:
    """Entries for a key that a naming family knows; empty when none does."""
    known = _aliases().get(reading.stem)
    if known is None:
        return []
    family, wanted, score = known
    score -= 0.03 * bool(reading.rest or reading.rest_after)
    entries = []
    for name, weight in wanted.items():
        channels = _sided(name, reading.side)
        reason = f"{family} name" if len(wanted) * len(channels) == 1 else f"{family} name for several channels"
        if weight == 1.0 and len(channels) == 2:
            weight = 0.5
        entries += [Entry(key, channel, weight, score, reason, family) for channel in channels]
    return entries


def _sided(name: str, side: str) -> tuple[str, ...]:
    """The channels that ``name`` of a table means for a key of ``side``: itself, its side, or both sides."""
    if name in INDEX:
        return (name,)
    if side:
        return (name + side_suffix(side),)
    return (f"{name}Left", f"{name}Right")


@cache
def _aliases() -> dict[str, tuple[str, dict[str, float], float]]:
    """stem -> (family, {channel with or without side: weight}, score). Raises KeyError for a channel that is none."""
    document = json.loads((FOLDER / "families.json").read_text(encoding="utf-8"))
    table: dict[str, tuple[str, dict[str, float], float]] = {}
    for family, names in document["families"].items():
        for alias, wanted in names.items():
            weights = (
                wanted
                if isinstance(wanted, dict)
                else dict.fromkeys([wanted] if isinstance(wanted, str) else wanted, 1.0)
            )
            for name in weights:
                if name not in INDEX and f"{name}Left" not in INDEX:
                    raise KeyError(f"{family}: {alias} names {name}, which is no channel")
            score = GENERIC_SCORE if family == "common name" else SCORE
            table.setdefault("".join(tokens(alias)), (family, weights, score))
    return table


@cache
def _shape_names() -> dict[str, list[tuple[str, str]]]:
    """stem of a mouth shape's name -> [(set, shape)]."""
    document = json.loads((FOLDER / "visemes.json").read_text(encoding="utf-8"))
    table: dict[str, list[tuple[str, str]]] = {}
    for set_name, entry in document["sets"].items():
        for shape, names in entry["names"].items():
            for name in names:
                table.setdefault("".join(tokens(name)), []).append((set_name, shape))
    return table


def _least(set_name: str) -> int:
    document = json.loads((FOLDER / "visemes.json").read_text(encoding="utf-8"))
    return int(document["sets"][set_name]["least"])


def mouth_shapes(keys: Sequence[str], common: frozenset[str] | None = None) -> list[Entry]:
    """Entries for the mouth shapes among ``keys``: of the one set that most of them belong to.

    A single letter means nothing alone; a set needs several of its shapes before it counts.
    """
    words = common_words(keys) if common is None else common
    hits: dict[str, dict[str, str]] = {}
    for key in keys:
        for reading in readings(key):
            if reading.side or not is_noise(reading, words):
                continue
            for set_name, shape in _shape_names().get(reading.stem, ()):
                hits.setdefault(set_name, {}).setdefault(shape, key)
    enough = {name: shapes for name, shapes in hits.items() if len(shapes) >= _least(name)}
    if not enough:
        return []
    best = max(enough, key=lambda name: len(enough[name]))
    title = SETS[best].title
    return [
        Entry(key, source_of(best, shape), 1.0, 0.9, f"{title}: {shape}", title)
        for shape, key in enough[best].items()
        if SETS[best].poses[shape]
    ]
