"""Values onto F-curves: the stretches of a line, between what stays, with the animator's edits put back in."""

from dataclasses import dataclass

import bpy
import numpy as np
import numpy.typing as npt
from bpy.types import Action, FCurve

from ..core.track import Array
from . import compat, edits, record, stretch
from .bezier import reduced
from .channels import ERROR, GROUPS, SEALED, Channel
from .compat import Bag
from .frames import Frames
from .keyed import (
    CONSTANT,
    GENERATED,
    LINEAR,
    SAME_FRAME,
    Keys,
    Values,
    chosen,
    frames_of,
    linear,
    made,
    no_keys,
)
from .owned import found_edits, give_way, read, take_away, untouched, without_own
from .parts import OwnerCurves
from .record import Record, WrittenCurve
from .stretch import Placement

CURVES, FRAMES, TWOS, TRACK = "CURVES", "FRAMES", "TWOS", "TRACK"
"""Where keys lie: few with curves between, one on each frame, a pose held for two frames, or one for each sample."""


def value_path(key_name: str) -> str:
    """The data path of a shape key's value, quotes and backslashes in its name escaped."""
    return f'key_blocks["{bpy.utils.escape_identifier(key_name)}"].value'


@dataclass(frozen=True)
class WriteOptions:
    """How one line is written.

    place: its frames. keys: CURVES and so on. error: what reduced curves may miss where a channel misses ``ERROR``.
    origin: the scene frame of the line's second 0; rate: frames a second. line: its name in records. edits: how the
    animator's changes are kept, ``edits.OFFSET`` or ``REPLACE``; empty drops them. whole: whether the line has no
    curves but these. crossed: names of lines that lie where this one is seen from now on.
    """

    place: Placement
    keys: str
    error: float
    origin: float
    rate: float
    line: str
    edits: str
    whole: bool
    crossed: tuple[str, ...] = ()


class CurveWriter:
    """Writes the parts of one line, whose values are at ``frames`` (T,); ``seal`` (T,) 0-1 says how firmly the lips
    are to be shut there.
    """

    def __init__(self, manner: WriteOptions, frames: Frames, seal: Array) -> None:
        self.manner = manner
        self.frames = frames
        self.seal = seal
        self.keys = 0
        self.edited = 0
        self.beyond: list[Values] = []
        """For each curve with edits where the line is not seen: their scene frames."""
        self._records: dict[str, Record] = {}
        self._done: set[record.CurveId] = set()

    def write(self, action: Action, bag: Bag, part: OwnerCurves, slot: int | None = None) -> None:
        """Animate the channels of ``part`` in ``bag``, which is of ``action``; ``slot``: its handle, where the owner of
        the part does not play it.
        """
        slot = compat.slot_handle(part.owner) if slot is None else slot
        known = self._record(action)
        if self.manner.whole and not self.manner.place.within:
            self._clear(bag, known, slot, {(c.path, c.index) for c in part.channels})
        olds = [_Old(bag.fcurves.find(c.path, index=c.index), known, (slot, c.path, c.index), self.manner)
                for c in part.channels]  # fmt: skip
        self._done |= {old.id for old in olds}
        dense = self.manner.keys in (FRAMES, TRACK) and len(self.manner.place.stretches) == 1
        fast = [dense and old.is_bare for old in olds]
        for which, written in ((True, self._write_dense), (False, self._write_among)):
            places = [place for place, bare in enumerate(fast) if bare is which]
            if places:
                written(bag, part.columns(places), [olds[place] for place in places], known)

    def finish(self, action: Action) -> None:
        """All parts in ``action`` are written: remember how."""
        known = self._record(action)
        if not (self.manner.place.within and known.stretches):
            known.stretches = self.manner.place.stretches
        for curve_id in known.curves.keys() - self._done:  # of another part of the face
            was = known.curves[curve_id]
            was.edits = edits.carried(was.edits, known.origin, known.rate, self.manner.origin, self.manner.rate)
        known.origin, known.rate = self.manner.origin, self.manner.rate
        record.save(action, self.manner.line, known)

    def _record(self, action: Action) -> Record:
        if action.name not in self._records:
            for other in self.manner.crossed:
                give_way(action, other, self.manner.place.stretches)
            self._records[action.name] = record.load(action, self.manner.line) or Record()
        return self._records[action.name]

    def _clear(self, bag: Bag, known: Record, slot: int, stay: set[tuple[str, int]]) -> None:
        """Take away what this line has written for channels that it moves no more; edits wait for their return."""
        for curve_id in [i for i in known.curves if i[0] == slot and i[1:] not in stay]:
            curve = bag.fcurves.find(curve_id[1], index=curve_id[2])
            rows = _here(found_edits(curve, known.curves[curve_id], known), known, self.manner)
            if curve is not None:
                take_away(bag, curve, known.curves[curve_id], known)
            del known.curves[curve_id]
            if len(rows):
                known.curves[curve_id] = WrittenCurve(no_keys(), rows)
                self._done.add(curve_id)
                self.beyond.append(edits.beyond(rows, (), self.manner.origin))

    def _pieces(self, part: OwnerCurves, olds: list["_Old"]) -> list[list[Keys]]:
        """For each channel the keys of each stretch, grown out of what lies beside it."""
        pieces: list[list[Keys]] = [[] for _ in part.channels]
        place = self.manner.place
        for first, last in place.stretches:
            here = (self.frames >= first - SAME_FRAME) & (self.frames <= last + SAME_FRAME)
            frames = self.frames[here]
            columns = zip(part.values[here].T, olds, strict=True)
            faded = [stretch.faded(values, frames, old.below, place) for values, old in columns]
            values = np.stack(faded, axis=1).astype(np.float32)
            for own, keys in zip(pieces, self._keyed(part.channels, frames, values, self.seal[here]), strict=True):
                own.append(keys)
        return pieces

    def _keyed(self, channels: tuple[Channel, ...], frames: Frames, values: Array, seal: Array) -> list[Keys]:
        """The keys of each column of ``values`` (n, C)."""
        if self.manner.keys == CURVES:
            fit = reduced(values, self._bounds(channels, seal))
            step = float(frames[1] - frames[0]) if len(frames) > 1 else 1.0
            columns = zip(values.T, fit.keep.T, fit.left.T, fit.right.T, strict=True)
            return [made(frames[k], v[k], left[k] / step, right[k] / step) for v, k, left, right in columns]
        kind = CONSTANT if self.manner.keys == TWOS else LINEAR
        ends = np.unique([0, len(frames) - 1])
        flat = np.zeros(len(frames))
        places = [np.arange(len(frames)) if moves else ends for moves in np.ptp(values, axis=0) > 0]
        every = [made(frames[k], v[k], flat[k], flat[k], kind) for k, v in zip(places, values.T, strict=True)]
        for keys in every:
            keys["interpolation"][-1] = max(kind, LINEAR)  # the last pose is not held, but left
        return every

    def _bounds(self, channels: tuple[Channel, ...], seal: Array) -> npt.NDArray[np.float32]:
        """(n, C) by how much each sample may be missed."""
        share = np.ones((len(seal), len(channels)), np.float32)
        share[np.ix_(seal > 0, np.array([channel.parting for channel in channels], bool))] = SEALED
        error = np.array([channel.error for channel in channels], np.float32) * np.float32(self.manner.error / ERROR)
        bounds: npt.NDArray[np.float32] = share * error
        return bounds

    def _write_among(self, bag: Bag, part: OwnerCurves, olds: list["_Old"], known: Record) -> None:
        """Each of the ``olds`` keeps what lies beside the line and the animator's edits of it."""
        for channel, old, pieces in zip(part.channels, olds, self._pieces(part, olds), strict=True):
            self._write_curve(old.curve or new_curve(bag, channel), channel, old, pieces, known)

    def _write_curve(self, curve: FCurve, channel: Channel, old: "_Old", pieces: list[Keys], known: Record) -> None:
        rows = old.edits
        for at, keys in enumerate(pieces if len(rows) else ()):
            pieces[at], rows = edits.applied(keys, rows, self.manner.origin, self.manner.edits)
        keys = stretch.laid(old.below, pieces, channel.rest, self.manner.place)
        compat.write_keys(curve, keys)
        known.curves[old.id] = WrittenCurve(self._mine({**keys, **compat.read_shape(curve)}, known), rows)
        outside = edits.beyond(rows, self.manner.place.stretches, self.manner.origin)
        self.edited += len(outside) < len(rows)
        if len(outside) and not self.manner.place.within:
            self.beyond.append(outside)
        self.keys += sum(len(keys["co"]) for keys in pieces)

    def _mine(self, keys: Keys, known: Record) -> Keys:
        """Those of ``keys`` that are this line's: all in its stretches, and generated ones that lead there."""
        place = self.manner.place
        spans = (*place.stretches, *(known.stretches if place.within else ()))
        frames = frames_of(keys)
        within = np.zeros(len(frames), bool)
        for first, last in spans:
            within |= (frames >= first - SAME_FRAME) & (frames <= last + SAME_FRAME)
        low, high = min(s[0] for s in spans) - place.blend, max(s[1] for s in spans) + place.blend
        leads = (keys["type"] == GENERATED) & (frames >= low - SAME_FRAME) & (frames <= high + SAME_FRAME)
        for first, last in place.lines:
            leads &= (frames < first - SAME_FRAME) | (frames > last + SAME_FRAME)
        return chosen(keys, within | leads)

    def _write_dense(self, bag: Bag, part: OwnerCurves, olds: list["_Old"], known: Record) -> None:
        """As ``_write_among``, for linear keys on all frames where nothing is beside them: much faster."""
        place = self.manner.place
        ((first, last),) = place.stretches
        lead = [first - place.blend] if first - place.blend >= place.room else []
        here = (self.frames >= first - SAME_FRAME) & (self.frames <= last + SAME_FRAME)
        inner = self.frames[here]
        frames = np.concatenate([lead, inner, [last + place.blend]])
        ends = np.unique([0, *range(len(lead)), len(lead), len(frames) - 2, len(frames) - 1])
        points = np.empty((len(frames), 2), np.float32)
        points[:, 0] = frames
        like = None
        columns = np.ascontiguousarray(part.values[here].T)
        for channel, old, values in zip(part.channels, olds, columns, strict=True):
            points[: len(lead), 1] = points[-1, 1] = channel.rest
            points[len(lead) : -1, 1] = values
            moving = np.ptp(values) > 0
            keys = points if moving else points[ends]
            curve = old.curve
            if curve is None:
                curve = compat.new_fcurve(bag, channel.path, channel.index, len(keys), like)
                dress(bag, curve, channel)
            else:
                compat.empty_for_linear(curve, len(keys))
            curve.keyframe_points.foreach_set("co", keys.ravel())
            curve.update()
            like = curve if moving else like
            known.curves[old.id] = WrittenCurve(linear(keys))
            self.keys += len(keys) - len(lead) - 1


class _Old:
    """What a ``curve`` holds before a line is written: the animator's ``edits`` of it, at the place that the line has
    now, and what lies ``below``.
    """

    def __init__(self, curve: FCurve | None, known: Record, curve_id: record.CurveId, manner: WriteOptions) -> None:
        was = known.curves.get(curve_id)
        self.curve = curve
        self.id = curve_id
        if was is not None and not manner.place.within and untouched(curve, was):
            self.edits = _here(was.edits, known, manner)
            self.below = no_keys()
            return
        self.edits = _here(found_edits(curve, was, known) if was is not None else edits.NO_EDITS, known, manner)
        keys = read(curve)
        if was is not None and not manner.place.within:
            keys = without_own(keys, was, known)
        self.below = stretch.under(keys, manner.place)

    @property
    def is_bare(self) -> bool:
        """Whether nothing of what the curve holds will be there once the line is written."""
        return not len(self.below["co"]) and not len(self.edits)


def _here(rows: edits.Edits, known: Record, manner: WriteOptions) -> edits.Edits:
    """``rows`` that were found where a line was ``known`` to be, where it is now; none where they are dropped."""
    if not manner.edits:
        return edits.NO_EDITS
    return edits.carried(rows, known.origin, known.rate, manner.origin, manner.rate)


def new_curve(bag: Bag, channel: Channel) -> FCurve:
    """An empty curve for ``channel`` in its group."""
    curve = bag.fcurves.new(channel.path, index=channel.index)
    dress(bag, curve, channel)
    return curve


def dress(bag: Bag, curve: FCurve, channel: Channel) -> None:
    """Group and colour by region; not selected, so that a first drag moves nothing by accident."""
    curve.group = bag.groups.get(channel.group) or bag.groups.new(channel.group)
    curve.color_mode, curve.color = "CUSTOM", GROUPS[channel.group]
    curve.select = False
