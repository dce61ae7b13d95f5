"""What of a curve is a line's own, what of that the animator has changed, and how it gives way to something else."""

from collections.abc import Sequence

from bpy.types import Action, FCurve

from . import compat, edits, record, stretch
from .compat import Bag
from .keyed import Keys, beside, chosen, no_keys
from .record import Record, WrittenCurve
from .stretch import Span

LEGACY_GROUP = "S2F"
"""Where curves of bakes lay before there were records."""


def found_edits(curve: FCurve | None, was: WrittenCurve, known: Record) -> edits.Edits:
    """All that the animator has changed of ``curve`` since a line wrote it; of one that is gone, what was known."""
    if curve is None:
        return was.edits
    return edits.found(read(curve), was.keys, known.stretches, known.origin, was.edits)


def untouched(curve: FCurve | None, was: WrittenCurve) -> bool:
    """Whether ``curve`` is what one line has written, and nothing else: told from half of what keys consist of."""
    if curve is None or len(curve.keyframe_points) != len(was.keys["co"]):
        return False
    return bool(edits.alike(compat.read_shape(curve), was.keys).all())


def give_way(action: Action, line: str, stretches: Sequence[Span]) -> None:
    """Another line is about to be seen on ``stretches``: what the animator has changed of ``line`` there is kept for
    its next bake, and the frames are its own no more.
    """
    known = record.load(action, line)
    if known is None:
        return
    stay = tuple(part for span in known.stretches for part in stretch.own_stretches(span, stretches))
    bags = dict(compat.bags_in(action))
    for curve_id, was in known.curves.items():
        curve = bags[curve_id[0]].fcurves.find(curve_id[1], index=curve_id[2]) if curve_id[0] in bags else None
        was.edits = found_edits(curve, was, known)
        was.keys = beside(was.keys, stretches)
    known.stretches = stay
    record.save(action, line, known)


def read(curve: FCurve | None) -> Keys:
    """The keys of ``curve``; of one that a bake without a record has written, none."""
    if curve is None:
        return no_keys()
    legacy = curve.id_data.get(record.PROPERTY) is None and curve.group is not None and curve.group.name == LEGACY_GROUP
    return no_keys() if legacy else compat.read_keys(curve)


def without_own(keys: Keys, was: WrittenCurve, known: Record) -> Keys:
    """``keys`` without those that a line has written, and without what became of them."""
    keys = beside(keys, known.stretches)
    return chosen(keys, ~edits.same(keys, was.keys)[0])


def take_away(bag: Bag, curve: FCurve, was: WrittenCurve, known: Record, bare: bool = True) -> None:
    """Take what a line ``was`` written with off ``curve``; ``bare``: the curve, too, when nothing is left on it."""
    keys = without_own(compat.read_keys(curve), was, known)
    if len(keys["co"]) or not bare:
        compat.write_keys(curve, keys)
    else:
        bag.fcurves.remove(curve)
