"""Naming families as data: the files in ``families`` but visemes.json, which ``mouth_shapes`` reads.

A file lists ``keys``: a name without its side -> a channel without its side, or several with weights; ``parts``: a
channel -> the keys that show it together; and ``otherwise``: keys that count where nothing better shows their channel.
Names that mean something else elsewhere belong to a file with ``told_by``: it is used for meshes that have at least two
of those keys.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..channels import INDEX
from ..json_object import JsonObject
from .keymap import Entry
from .names import Reading, is_noise, readings, side_suffix

FOLDER = Path(__file__).parent / "families"
SCORE = 0.93
OTHERWISE = 0.86
TELLING = 2
"""How many of the keys in ``told_by`` tell that a mesh follows a file."""

ONE_WAY = ("jaw", "mouth")
"""Stems whose two sides are opposite movements, so that one key cannot be both."""


@dataclass(frozen=True)
class Alias:
    """What a name stands for: ``wanted`` maps channels, with or without a side, to weights."""

    family: str
    wanted: dict[str, float]
    score: float
    part: bool


Table = dict[tuple[str, str], Alias]
"""(stem, side) -> what it stands for; side '' is either."""


def named(key: str, reading: Reading, table: Table) -> list[Entry]:
    """Entries for a key that a naming family knows; empty when none does. ``table`` is that of ``spoken_by``."""
    alias = table.get((reading.stem, reading.side)) or table.get((reading.stem, ""))
    if alias is None:
        return []
    score = alias.score - 0.03 * bool(reading.rest or reading.rest_after)
    entries = []
    for name, weight in alias.wanted.items():
        channels = _sided(name, reading.side)
        if not channels:
            return []
        for channel in channels:
            whole = alias.part or (reading.side and not channel.endswith(side_suffix(reading.side)))
            reason = f"a part of {channel}, {alias.family} name" if whole else f"{alias.family} name"
            entries.append(Entry(key, channel, weight / len(channels), score, reason, alias.family))
    return entries


def _sided(name: str, side: str) -> tuple[str, ...]:
    """The channels that ``name`` of a table means for a key of ``side``: itself, its side, or both sides."""
    if name in INDEX:
        return (name,)
    if side:
        return (name + side_suffix(side),)
    return () if name in ONE_WAY else (f"{name}Left", f"{name}Right")


def spoken_by(keys: Sequence[str], common: frozenset[str]) -> Table:
    """The names that count for a mesh with these ``keys``: those of everybody, and of the files that its keys tell."""
    stems = {(r.stem, r.side) for key in keys for r in readings(key) if is_noise(r, common)}
    table = _aliases()
    for told_by, names in _special():
        if len(told_by & stems) >= TELLING:
            table = {**table, **names}
    return table


@cache
def _aliases() -> Table:
    """The names of all files without ``told_by``; the higher score wins, then the first file in alphabetical order."""
    table: Table = {}
    for path, document in _documents():
        if "told_by" not in document:
            for name, alias in _table(path.name, document).items():
                if name not in table or alias.score > table[name].score:
                    table[name] = alias
    return table


@cache
def _special() -> tuple[tuple[frozenset[tuple[str, str]], Table], ...]:
    """(the keys that tell a file, its names) of each file with ``told_by``."""
    found = []
    for path, document in _documents():
        if "told_by" in document:
            told_by = frozenset((r.stem, r.side) for r in (next(readings(name)) for name in document["told_by"]))
            found.append((told_by, _table(path.name, document)))
    return tuple(found)


def _documents() -> Iterator[tuple[Path, JsonObject]]:
    for path in sorted(FOLDER.glob("*.json")):
        if path.name != "visemes.json":
            yield path, json.loads(path.read_text(encoding="utf-8"))


def _table(file: str, document: JsonObject) -> Table:
    """The names in ``document``. Raises KeyError for a channel that is none."""
    table: Table = {}
    for name, alias in _listed(document):
        for channel in alias.wanted:
            if channel not in INDEX and f"{channel}Left" not in INDEX:
                raise KeyError(f"{file}: {name} stands for {channel}, which is no channel")
        whole = next(readings(name))
        table.setdefault((whole.stem, whole.side), alias)
    return table


def _listed(document: JsonObject) -> Iterator[tuple[str, Alias]]:
    family, score = document["family"], document.get("score", SCORE)
    for section, worth in (("keys", score), ("otherwise", OTHERWISE)):
        for name, wanted in document.get(section, {}).items():
            yield name, Alias(family, {wanted: 1.0} if isinstance(wanted, str) else wanted, worth, False)
    for channel, names in document.get("parts", {}).items():
        for name in names:
            yield name, Alias(family, {channel: 1.0}, score, True)
