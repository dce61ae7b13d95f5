"""What is written where: the data-blocks of a character, each with its F-curves and their values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from bpy.types import ID, Key

from ..core.track import Array
from . import compat
from .channels import Channel


@dataclass(frozen=True)
class OwnerCurves:
    """Curves for ``owner``, a Key data-block or an armature object: ``values`` (T, len(channels)).

    still: paths on ``owner`` that curves may animate without anything to be seen: keys that move no vertex, or that
    follow drivers. siblings: Keys that follow the same curves.
    """

    owner: ID
    label: str
    channels: tuple[Channel, ...]
    values: Array
    still: frozenset[str] = frozenset()
    siblings: tuple[Key, ...] = ()

    def only(self, paths: frozenset[str]) -> "OwnerCurves":
        """Without the channels whose path is not in ``paths``."""
        return self.columns([column for column, channel in enumerate(self.channels) if channel.path in paths])

    def columns(self, places: Sequence[int]) -> "OwnerCurves":
        """Those of its channels at ``places`` alone."""
        if len(places) == len(self.channels):
            return self
        return replace(self, channels=tuple(self.channels[c] for c in places), values=self.values[:, places])


def moves(key: Key, names: Sequence[str]) -> frozenset[str]:
    """Those of the keys ``names`` of a Key data-block that move any vertex."""
    moving = []
    count = 3 * len(key.reference_key.data)
    place, base = np.empty(count, np.float32), np.empty(count, np.float32)
    last = None
    for name in names:
        block = key.key_blocks[name]
        if block.relative_key != last:
            block.relative_key.points.foreach_get("co", base)
            last = block.relative_key
        block.points.foreach_get("co", place)
        if np.abs(place - base).max(initial=0.0) > 0:
            moving.append(name)
    return frozenset(moving)


def shared(parts: Sequence[OwnerCurves]) -> list[OwnerCurves]:
    """``parts`` without curves that show nothing, and those merged that one set of curves can move.

    The curves of the first serve them all: a correction of the jaw reaches the teeth. A curve that shows nothing on
    any of them is left out, but there is one for each path: something else may follow it, as a wrinkle map does.
    """
    merged: list[OwnerCurves] = []
    shown: list[frozenset[str]] = []
    for part in parts:
        seen = frozenset(channel.path for channel in part.channels) - part.still
        place = next((i for i, leader in enumerate(merged) if _agree(leader, part)), len(merged))
        if place == len(merged):
            merged.append(part)
            shown.append(seen)
        else:
            merged[place] = _with(merged[place], part)
            shown[place] |= seen
    anywhere = frozenset[str]().union(*shown)
    result = []
    for part, seen in zip(merged, shown, strict=True):
        alone = frozenset(channel.path for channel in part.channels) - anywhere
        anywhere |= alone
        result.append(part.only(seen | alone))
    return [part for part in result if part.channels]


def _agree(leader: OwnerCurves, part: OwnerCurves) -> bool:
    """Whether ``part`` may follow the curves of ``leader``: each would show on both exactly what it shows alone."""
    if leader.owner.id_type != "KEY" or part.owner.id_type != "KEY" or not _free_to_follow(leader.owner, part.owner):
        return False
    columns = {channel.path: column for column, channel in enumerate(leader.channels)}
    common = [(columns[c.path], column) for column, c in enumerate(part.channels) if c.path in columns]
    if not common or any(not np.array_equal(leader.values[:, a], part.values[:, b]) for a, b in common):
        return False
    own = {channel.path for channel in part.channels} | part.still
    bag = compat.bag_of(leader.owner)
    elsewhere = {curve.data_path for curve in bag.fcurves} if bag is not None else set()
    if any(_has(part.owner, path) for path in (columns.keys() | elsewhere) - own):
        return False
    known = columns.keys() | leader.still
    return not any(_has(key, path) for key in (leader.owner, *leader.siblings) for path in own - known)


def _free_to_follow(leader: Key, key: Key) -> bool:
    """Whether ``key`` has no animation of its own to lose."""
    if compat.bag_of(key) is None:
        return key.animation_data is None or not key.animation_data.nla_tracks
    return compat.same_curves(leader, key)


def _has(key: Key, path: str) -> bool:
    """Whether ``path``, a key's value, is there on ``key``."""
    try:
        key.path_resolve(path)
    except ValueError:
        return False
    return True


def _with(leader: OwnerCurves, part: OwnerCurves) -> OwnerCurves:
    known = {channel.path for channel in leader.channels}
    more = [column for column, channel in enumerate(part.channels) if channel.path not in known]
    return replace(
        leader, channels=(*leader.channels, *(part.channels[column] for column in more)),
        values=np.concatenate([leader.values, part.values[:, more]], axis=1),
        siblings=(*leader.siblings, part.owner), still=leader.still | part.still,
    )  # fmt: skip
