"""From the names of a mesh's keys to entries of its map: exact names first, families next, near misses last."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from ..channels import CHANNELS
from . import families
from .keymap import Entry, KeyMap
from .mouth_shapes import mouth_shapes
from .names import Reading, common_words, distance, is_noise, readings, side_suffix, tokens
from .parts import parts_of

LEAST_SCORE = 0.7
"""Matches below this are not proposed at all: better a missing channel than a wrong one."""

SURE = 0.85
"""From here on a match needs no second look."""


def match(keys: Sequence[str]) -> KeyMap:
    """The map for a mesh with these key names (the basis left out), every entry with its score and reason.

    Each channel is driven by the best match alone; what loses stays in the map, switched off, with its reason.
    """
    return _match(tuple(keys))


@lru_cache(maxsize=256)
def _match(keys: tuple[str, ...]) -> KeyMap:
    common = common_words(keys)
    table = families.spoken_by(keys, common)
    read = {key: _read(key, common, table) for key in keys}
    alone = _alone(read)
    shapes = mouth_shapes([key for key in keys if key in alone or not _is_sure(read[key])], common)
    shown = {entry.key for entry in shapes}
    partial = [key for key in keys if not read[key] or _is_part(read[key])]
    split = _fuller(parts_of(partial, lambda name: _read(name, common, table)), read)
    numbered = Counter(tokens(key)[:-1] for key in keys if tokens(key)[-1:] and tokens(key)[-1].isdecimal())
    found = [
        entry for key in keys
        for entry in split.get(key) or read[key] or (() if numbered[tokens(key)[:-1]] > 1 else _near(key))
    ]  # fmt: skip
    # V_Open among other visemes is a viseme, not a common name for an open jaw.
    found = [entry for entry in found if entry.key not in shown]
    return KeyMap(tuple(_decided(keys, found + shapes)))


def _alone(read: dict[str, list[Entry]]) -> set[str]:
    """Keys that move mouth or jaw to one side, where no key moves them to the other: Mouth_L among letters is an L."""
    sides = {entry.source: key for key, entries in read.items() for entry in entries}
    ways = [(f"{stem}Left", f"{stem}Right") for stem in families.ONE_WAY]
    return {sides[one] for pair in ways for one, other in (pair, pair[::-1]) if one in sides and other not in sides}


def _is_part(entries: list[Entry]) -> bool:
    return bool(entries) and all(entry.reason.startswith(("a part of", "one side of")) for entry in entries)


def _fuller(split: dict[str, list[Entry]], read: dict[str, list[Entry]]) -> dict[str, list[Entry]]:
    """Those of ``split`` for channels some of whose parts no family names: a channel is split in one way on a mesh, and
    half of another way would move half of the lips.
    """
    unread = {entry.source for key, entries in split.items() if not read[key] for entry in entries}
    return {key: entries for key, entries in split.items() if unread.issuperset(entry.source for entry in entries)}


def _is_sure(entries: list[Entry]) -> bool:
    return bool(entries) and entries[0].score >= SURE


def _read(key: str, common: frozenset[str], table: families.Table) -> list[Entry]:
    """The best way to read one key by the names that are known, or nothing."""
    best: list[Entry] = []
    for reading in readings(key):
        if not is_noise(reading, common):
            continue
        for entries in (_arkit(key, reading), families.named(key, reading, table)):
            if entries and (not best or entries[0].score > best[0].score):
                best = entries
    return best


_BY_STEM: dict[tuple[str, str], str] = {}
for _channel in CHANNELS:
    _words = tokens(_channel)
    _BY_STEM["".join(_words), ""] = _channel
    if _words[-1] in ("left", "right"):
        _BY_STEM["".join(_words[:-1]), "L" if _words[-1] == "left" else "R"] = _channel
        _BY_STEM["".join(_words[:-1]) + _words[-1][0], ""] = _channel
        for _at in range(len(_words) - 1):  # with the side in another place, and nothing to tell it by
            _BY_STEM["".join((*_words[:_at], _words[-1], *_words[_at:-1])), ""] = _channel


def _arkit(key: str, reading: Reading) -> list[Entry]:
    """Entries for ARKit's own names in any case, separator and style of side."""
    rest = 0.03 * bool(reading.rest or reading.rest_after)
    channel = _BY_STEM.get((reading.stem, reading.side))
    if channel is not None:
        if key == channel:
            return [Entry(key, channel)]
        return [Entry(key, channel, score=0.99 - rest, reason=_reason(reading))]
    central = _BY_STEM.get((reading.stem, "")) if reading.side else None
    if central is not None and not central.endswith(("Left", "Right")):
        return [Entry(key, central, score=0.95 - rest, reason=f"one side of {central}")]
    both = [_BY_STEM.get((reading.stem, side)) for side in "LR"]
    if not reading.side and reading.stem not in families.ONE_WAY and both[0] and both[1]:
        reason = f"both sides of {reading.stem} in one key"
        return [Entry(key, channel, 0.5, 0.9 - rest, reason) for channel in both if channel]
    return []


def _reason(reading: Reading) -> str:
    left_out = " ".join(reading.rest + reading.rest_after)
    return f"same name without “{left_out}”" if left_out else "same name, written differently"


def _near(key: str) -> list[Entry]:
    """A misspelt ARKit name: one edit, two in long names, and only when one channel alone is that near."""
    word = "".join(tokens(key))
    if len(word) < 6:
        return []
    limit = 1 if len(word) < 16 else 2
    letters = set(word)
    # Most names are ruled out by their length or their letters, so that a thousand unknown keys cost nothing.
    near = [
        (distance(word, name, limit), channel)
        for name, known, channel in _spelt()
        if abs(len(word) - len(name)) <= limit and len(letters ^ known) <= 2 * limit
    ]
    if not near:
        return []
    closest = min(edits for edits, _ in near)
    channels = {channel for edits, channel in near if edits == closest}
    if closest > limit or len(channels) != 1:
        return []
    channel = channels.pop()
    return [Entry(key, channel, score=0.8 - 0.05 * (closest - 1), reason=f"a guess: nearly {channel}", family="guess")]


@lru_cache(maxsize=1)
def _spelt() -> tuple[tuple[str, frozenset[str], str], ...]:
    """(a name in one word, its letters, the channel) of all that a misspelt name may be near."""
    names = [
        (stem + side_suffix(side).lower(), channel)
        for (stem, side), channel in _BY_STEM.items()
        if stem.endswith(("left", "right")) or side or _is_central(channel)
    ]
    return tuple((name, frozenset(name), channel) for name, channel in names)


def _is_central(channel: str) -> bool:
    return not channel.endswith(("Left", "Right"))


def _decided(keys: Sequence[str], found: list[Entry]) -> list[Entry]:
    """``found`` in the order of ``keys``, with entries switched off where a better key already shows the channel."""
    order = {key: i for i, key in enumerate(keys)}
    ranked = sorted(found, key=lambda e: (-e.score, -e.weight, order[e.key]))
    owner: dict[str, Entry] = {}
    decided: list[Entry] = []
    for entry in ranked:
        holder = owner.get(entry.source)
        if entry.score < LEAST_SCORE:
            continue
        if entry.weight < 0:  # what one key has too much of another channel it takes back, whoever else shows that
            decided.append(entry)
            continue
        if holder is not None and not _together(entry, holder):
            decided.append(replace(entry, on=False, reason=f"not needed: {holder.key} shows {entry.source}"))
            continue
        owner.setdefault(entry.source, entry)
        decided.append(entry)
    shown = {entry.key for entry in decided if entry.on and entry.weight > 0}
    idle = "not needed: other keys show what it does"
    decided = [e if e.weight > 0 or e.key in shown else replace(e, on=False, reason=idle) for e in decided]
    return sorted(_pairs_whole(decided), key=lambda e: order[e.key])


def _half_lost(entries: list[Entry]) -> list[str]:
    """Keys for a pair of sides of which another key shows one, and nobody the other."""
    of: dict[str, list[Entry]] = {}
    for entry in entries:
        of.setdefault(entry.key, []).append(entry)
    pairs = {key: (found[0], found[1]) for key, found in of.items() if len(found) == 2}
    return [
        key for key, (one, other) in pairs.items()
        if one.on != other.on and one.weight == other.weight and _without_side(one) == _without_side(other)
    ]  # fmt: skip


def _without_side(entry: Entry) -> str:
    return entry.source.removesuffix("Left").removesuffix("Right")


def _together(entry: Entry, holder: Entry) -> bool:
    """Whether both keys are parts of one channel, e.g. the left and the right half of browInnerUp."""
    return (
        entry.key != holder.key
        and entry.score == holder.score
        and entry.reason == holder.reason
        and (entry.reason.startswith(("one side of", "a part of")))
    )


def _pairs_whole(entries: list[Entry]) -> list[Entry]:
    """A key for both sides is switched off whole when both have keys of their own; where one side has none, the key for
    both is the better one.
    """
    for both in _half_lost(entries):
        sides = {e.source for e in entries if e.key == both}
        told = f"not needed: {both} shows both sides, and the other one has no key"
        entries = [
            replace(e, on=True, reason="both sides in one key") if e.key == both
            else replace(e, on=False, reason=told) if e.on and e.source in sides else e
            for e in entries
        ]  # fmt: skip
    lost = {e.key for e in entries if not e.on and e.weight != 1.0}
    return [
        replace(e, on=False, reason=f"not needed: the sides of {e.key} have keys of their own")
        if e.on and e.key in lost and e.weight != 1.0 else e
        for e in entries
    ]  # fmt: skip
