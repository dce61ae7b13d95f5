"""The map of one mesh: which of its keys follow which channels, how strongly, and why."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from ..channels import CHANNELS, INDEX, REGIONS, mirrored
from ..errors import UserError
from ..json_object import JsonObject
from ..track import Array
from .visemes import SETS, pose_of, source_of, weights_of

SOURCES: tuple[str, ...] = (
    *CHANNELS,
    *(source_of(name, shape) for name, entry in SETS.items() for shape, pose in entry.poses.items() if pose),
)
"""Everything that a key can follow."""

FORMAT, VERSION = "s2f.map", 1

_LARGEST = 1 << 24
"""Characters of a map file at most: a thousand meshes of a thousand keys."""

_HEAVIEST = 1000.0
"""Weight at most; beyond it a key is no expression but damage."""


@dataclass(frozen=True)
class Entry:
    """One key follows one source.

    source: a channel, or ``visemes:SET/NAME`` or ``pose:CHANNEL=VALUE,…`` for a mouth shape that ``visemes`` finds
    among the curves.
    weight: how much of the source reaches the key; several entries of one key add up.
    score: 0-1, how sure the match is; reason: why, in a few words; family: whose naming it is.
    on: whether the entry is used; an entry that is off says by its reason why.
    """

    key: str
    source: str
    weight: float = 1.0
    score: float = 1.0
    reason: str = "exact name"
    family: str = "ARKit"
    on: bool = True

    @property
    def approximate(self) -> bool:
        """Whether this entry stands in for a key that the mesh lacks."""
        return self.reason.startswith("stands in")


@dataclass(frozen=True)
class KeyMap:
    """All entries of a mesh, in the order of its keys; keys without an entry are left alone."""

    entries: tuple[Entry, ...] = ()

    @property
    def active(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.on and entry.weight != 0)

    def keys(self) -> tuple[str, ...]:
        """The keys that are driven, each once, in order."""
        return tuple(dict.fromkeys(entry.key for entry in self.active))

    def channels(self) -> frozenset[str]:
        """The channels that reach a key of this mesh, through mouth shapes too."""
        direct = {entry.source for entry in self.active if entry.source in INDEX}
        others = (e.source for e in self.active if e.source not in INDEX)
        shapes = (pose for source in others if (pose := pose_of(source)) is not None)
        return frozenset(direct).union(*(frozenset(pose) for pose in shapes))

    def approximated(self) -> frozenset[str]:
        """Channels that no key shows by itself and that others stand in for."""
        by_key = {entry.source for entry in self.active if not entry.approximate}
        return frozenset(e.source for e in self.active if e.approximate and e.source not in by_key)

    def values(self, curves: Array) -> tuple[tuple[str, ...], Array]:
        """(keys, (T, len(keys)) values) for ``curves`` (T, 52); not clamped, since a slider may go beyond 0-1."""
        keys = self.keys()
        column = {key: i for i, key in enumerate(keys)}
        matrix = np.zeros((len(CHANNELS), len(keys)), np.float32)
        result: Array = np.zeros((len(curves), len(keys)), np.float32)
        shapes: dict[str, list[Entry]] = {}
        for entry in self.active:
            if entry.source in INDEX:
                matrix[INDEX[entry.source], column[entry.key]] += entry.weight
            else:
                shapes.setdefault(entry.source, []).append(entry)
        direct = np.flatnonzero(matrix.any(axis=1))
        if shapes:
            poses = [pose for source in shapes if (pose := pose_of(source)) is not None]
            found, shown = weights_of(curves, poses, direct)
            for values, entries in zip(found.T, shapes.values(), strict=True):
                for entry in entries:
                    result[:, column[entry.key]] += entry.weight * values
            # What a mouth shape brings to a channel that has a key of its own is taken off that key.
            curves = curves.copy()
            curves[:, direct] = np.maximum(curves[:, direct] - shown[:, direct], 0.0)
        result += _product(curves, matrix)
        return keys, result

    def without_shapes(self, reason: str) -> "KeyMap":
        """The same map with every mouth shape switched off for ``reason``."""
        return KeyMap(tuple(replace(e, on=False, reason=reason) if pose_of(e.source) else e for e in self.entries))

    def speaks(self) -> bool:
        """Whether keys of its own, without mouth shapes, are enough to shape words on this mesh."""
        mouth = self.direct().keys() & set(REGIONS["mouth"])
        return "jawOpen" in mouth and len(mouth) >= 8

    def direct(self) -> dict[str, tuple[Entry, ...]]:
        """channel -> the entries that show it themselves, without mouth shapes and stand-ins."""
        entries: dict[str, tuple[Entry, ...]] = {}
        for entry in self.active:
            if entry.source in INDEX and not entry.approximate:
                entries[entry.source] = (*entries.get(entry.source, ()), entry)
        return entries

    def with_stand_in(self, channel: str, weights: Mapping[str, float], explained: float) -> "KeyMap":
        """The same map with ``channel`` shown by the keys of the channels in ``weights``."""
        direct = self.direct()
        reason = f"stands in for {channel}, {explained:.0%} alike"
        added = [
            replace(entry, source=channel, weight=round(entry.weight * weight, 3), score=explained, reason=reason)
            for name, weight in weights.items()
            for entry in direct.get(name, ())
        ]
        return KeyMap(self.entries + tuple(added))

    def mirrored(self, keys: Sequence[str]) -> "KeyMap":
        """With each entry repeated on the other side, where the mesh has a key of the mirrored name and no entry."""
        taken = {entry.key for entry in self.entries}
        added = []
        for entry in self.entries:
            key, source = mirrored_key(entry.key), mirrored(entry.source)
            if key in keys and key not in taken and source != entry.source:
                added.append(replace(entry, key=key, source=source, reason=f"mirror of {entry.key}"))
        return KeyMap(self.entries + tuple(added))

    def to_json(self) -> JsonObject:
        return {"format": FORMAT, "version": VERSION, "entries": [asdict(entry) for entry in self.entries]}

    @staticmethod
    def from_text(text: str, name: str) -> "KeyMap":
        """The map in the JSON ``text``, which was read from ``name``. Raises UserError for anything else."""
        if len(text) > _LARGEST:
            raise UserError(f"{name} is too large for a map; choose a file that “Save Map” wrote.")
        try:
            return KeyMap.from_json(json.loads(text), name)
        except (ValueError, RecursionError) as error:
            raise UserError(f"{name} is no JSON file; choose a file that “Save Map” wrote.") from error

    @staticmethod
    def from_json(document: object, name: str) -> "KeyMap":
        """The map in ``document``, which was read from ``name``. Raises UserError for anything else."""
        if not isinstance(document, Mapping) or document.get("format") != FORMAT:
            raise UserError(f"{name} is no Speech2Face map; choose a file that “Save map” wrote.")
        if document.get("version") != VERSION:
            raise UserError(f"{name} was written by a newer Speech2Face; update the add-on to read it.")
        listing = document.get("entries")
        if not isinstance(listing, list):
            raise UserError(f"{name} has no list of entries; save the map again.")
        return KeyMap(tuple(_entry(item, name) for item in listing))


def mirrored_key(key: str) -> str:
    """The name of a key on the other side in the same style, or the name itself: 'smile_L' -> 'smile_R'."""
    for left, right in (("Left", "Right"), ("left", "right"), ("_L", "_R"), (".L", ".R"), ("_l", "_r"), (".l", ".r")):
        for here, there in ((left, right), (right, left)):
            if key.endswith(here):
                return key[: -len(here)] + there
            if len(here) > 2 and here in key:
                return key.replace(here, there)
    return key


def valid_source(source: str) -> bool:
    """Whether ``source`` names a channel or a mouth shape that exists."""
    return source in INDEX or pose_of(source) is not None


def _product(curves: Array, matrix: Array) -> Array:
    """``curves @ matrix``, by copying where each key follows one channel only, which is exact and twice as fast."""
    if not matrix.size:
        return np.zeros((len(curves), matrix.shape[1]), np.float32)
    used = matrix != 0
    if (used.sum(axis=0) <= 1).all():
        rows = used.argmax(axis=0)
        picked: Array = curves[:, rows] * matrix[rows, np.arange(matrix.shape[1])]
        return picked
    product: Array = curves @ matrix
    return product


def _entry(item: object, name: str) -> Entry:
    if not isinstance(item, Mapping) or not isinstance(item.get("key"), str):
        raise UserError(f"{name} has an entry without a key; save the map again.")
    source, weight = item.get("source"), item.get("weight", 1.0)
    if not isinstance(source, str) or not valid_source(source):
        raise UserError(f"{name} maps {item['key']} to {source!r}, which is no channel.")
    if not isinstance(weight, int | float) or not abs(weight) <= _HEAVIEST:
        raise UserError(f"{name} gives {item['key']} a weight that is no number up to {_HEAVIEST:g}.")
    texts = {field: str(item[field]) for field in ("reason", "family") if field in item}
    score = item.get("score", 1.0)
    return Entry(
        item["key"], source, float(weight), float(score) if isinstance(score, int | float) and 0 <= score <= 1 else 1.0,
        on=bool(item.get("on", True)), **texts,
    )  # fmt: skip


def merged(maps: Iterable[KeyMap]) -> frozenset[str]:
    """The channels that at least one of ``maps`` shows."""
    return frozenset().union(*(m.channels() for m in maps))
