"""Which frames belong to a line, and how its curves meet what is around them: rest, another line, hand animation."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .keyed import (
    FREE,
    GENERATED,
    KEYFRAME,
    SAME_FRAME,
    Keys,
    Values,
    beside,
    chosen,
    evaluate,
    frames_of,
    inside,
    joined,
    made,
    outside,
    settled,
    split,
    values_of,
)

BLEND = 0.25
"""Seconds in which a face comes from rest, and goes back to it."""

Span = tuple[float, float]
"""First and last frame, both included."""

_NEXT = 1.5
"""Frames by which keys lie apart at most where one stretch follows on another without a gap."""


@dataclass(frozen=True)
class Placement:
    """Where the keys of a line go, in scene frames.

    stretches: what is written, in order. room: the first frame at which a face may be seen, before which no key is
    needed to bring it from rest. lines: where the other lines of the character speak; around them a face is at rest.
    blend: frames of coming and going. within: whether the stretches are but a part of the line, whose rest stays.
    """

    stretches: tuple[Span, ...]
    room: float
    lines: tuple[Span, ...]
    blend: float
    within: bool = False


def own_stretches(span: Span, over: Sequence[Span]) -> tuple[Span, ...]:
    """The parts of ``span`` that whole frames of the spans ``over`` leave to it."""
    parts = [span]
    for first, last in over:
        cut: list[Span] = []
        for begin, end in parts:
            cut += [(begin, min(end, first - 1)), (max(begin, last + 1), end)]
        parts = sorted({part for part in cut if part[0] <= part[1]})
    return tuple(parts)


def under(old: Keys, place: Placement) -> Keys:
    """``old``, where a part of a line is written, made ready to be cut: what is beside that keeps its shape."""
    if not place.within:
        return old
    for first, last in place.stretches:
        old = split(split(old, first - 1), last + 1)
    return old


def faded(values: Values, frames: Values, below: Keys, place: Placement) -> Values:
    """``values`` (n,) of one stretch at ``frames``, grown out of the curve ``below`` where that adjoins the stretch."""
    times = frames_of(below)
    length = min(place.blend, (frames[-1] - frames[0]) / 3)
    before, after = times[times < frames[0] - SAME_FRAME], times[times > frames[-1] + SAME_FRAME]
    share = np.ones(len(values))
    if len(before) and frames[0] - before[-1] <= _NEXT:
        share = np.minimum(share, (frames - before[-1]) / (length + 1))
    if len(after) and after[0] - frames[-1] <= _NEXT:
        share = np.minimum(share, (after[0] - frames) / (length + 1))
    if share.min() >= 1:
        return values
    # What is below ends where the stretch begins; between its two sides it is not asked.
    around = outside(below, frames[0], frames[-1]) if not place.within else below
    share = np.clip(share, 0, 1)
    share = share * share * (3 - 2 * share)
    mixed: Values = share * values + (1 - share) * evaluate(around, frames)
    return mixed


def laid(below: Keys, stretches: Sequence[Keys], rest: float, place: Placement) -> Keys:
    """One curve: the keys ``stretches`` in the gaps that are cut into ``below``, and those that join both."""
    by_hand = _of_nobody(below, place)
    kept = settled(below) if len(by_hand["co"]) else below
    kept = beside(kept, [(keys["co"][0, 0], keys["co"][-1, 0]) for keys in stretches])
    edges = [(side, float(keys["co"][at, 0])) for keys in stretches for side, at in ((-1, 0), (1, -1))]
    for side, edge in edges:
        kept = _without_rest_before_next(kept, side, edge, place)
    result = joined(kept, *stretches)
    joints = [_joint(result, by_hand, side, edge, rest, place) for side, edge in edges]
    resting = np.array(sorted(set().union(*(joint.resting for joint in joints))))
    flat = np.zeros(len(resting))
    result = _with_ways_back(result, below, set().union(*(joint.returning for joint in joints)))
    result = joined(made(resting, flat + rest, flat, flat), result)
    for joint in joints:
        if joint.eased is not None:
            result = _eased(result, *joint.eased)
    return result


@dataclass(frozen=True)
class _Joint:
    """Frames at which the face is at rest, frames at which the animator's curve is met, and the span of new pieces."""

    resting: frozenset[float] = frozenset()
    returning: frozenset[float] = frozenset()
    eased: Span | None = None


def _of_nobody(keys: Keys, place: Placement) -> Keys:
    """Those of ``keys`` that no line has written: the animator's."""
    return beside(keys, [(first - place.blend, last + place.blend) for first, last in place.lines])


def _without_rest_before_next(kept: Keys, side: int, edge: float, place: Placement) -> Keys:
    """``kept`` without the rest between the end ``edge`` and another line that is too near for one."""
    for first, last in place.lines:
        gap = (edge - last, first - edge)[side > 0]
        if 0 < gap <= 2 * place.blend:
            low, high = sorted((edge, (last, first)[side > 0]))
            times = frames_of(kept)
            rest = (times > low + SAME_FRAME) & (times < high - SAME_FRAME) & (kept["type"] == GENERATED)
            kept = chosen(kept, ~rest)
    return kept


def _joint(result: Keys, by_hand: Keys, side: int, edge: float, rest: float, place: Placement) -> _Joint:
    """What joins the end ``edge`` of a stretch to what lies before (``side`` -1) or after it (1)."""
    times = frames_of(result)
    beyond = times[times < edge - SAME_FRAME][-1:] if side < 0 else times[times > edge + SAME_FRAME][:1]
    goal = edge + side * place.blend
    far = float(beyond[0]) if len(beyond) else goal
    whole = (min(far, edge), max(far, edge))
    if len(beyond) and abs(edge - far) <= 2 * place.blend:
        return _Joint(eased=whole)
    if not len(beyond) and side < 0 and goal < place.room:
        return _Joint()
    of_a_line = len(beyond) > 0 and not len(inside(by_hand, far, far)["co"])
    if len(by_hand["co"]) and not of_a_line:
        return _Joint(returning=frozenset({goal}), eased=(min(goal, edge), max(goal, edge)))
    resting = {goal}
    if of_a_line and abs(values_of(inside(result, far, far))[0] - rest) > 1e-6:
        resting.add(far - side * place.blend)
    return _Joint(resting=frozenset(resting), eased=whole)


def _with_ways_back(result: Keys, below: Keys, frames: set[float]) -> Keys:
    """``result`` with keys at ``frames`` that are where the animator's curve ``below`` is, and go on as that does."""
    if not frames:
        return result
    exact = below
    for frame in frames:
        exact = split(exact, frame)
    stays = np.isin(frames_of(exact), [*frames_of(result), *frames])  # a split shortens handles at both ends of a piece
    held = np.array([frame for frame in sorted(frames) if not len(inside(exact, frame, frame)["co"])])
    flat = np.zeros(len(held))
    return joined(result, chosen(exact, stays), made(held, evaluate(below, held), flat, flat, kind=KEYFRAME))


def _eased(keys: Keys, first: float, last: float) -> Keys:
    """``keys`` with pieces from frame ``first`` to ``last`` that go from one value to the next and not beyond.

    Each starts and ends with the slope that its keys have on their other sides, as far as that goes its way
    (Fritsch and Carlson's bound of three times the secant).
    """
    keys = {name: array.copy() for name, array in keys.items()}
    times = frames_of(keys)
    for at in np.flatnonzero((times[:-1] >= first - SAME_FRAME) & (times[1:] <= last + SAME_FRAME)):
        length = times[at + 1] - times[at]
        steepest = 3 * (keys["co"][at + 1, 1] - keys["co"][at, 1]) / length
        for key, this, other, way in (
            (at, "handle_right", "handle_left", 1),
            (at + 1, "handle_left", "handle_right", -1),
        ):
            reach = keys["co"][key] - keys[other][key]
            slope = reach[1] / reach[0] if abs(reach[0]) > 1e-6 else 0.0
            slope = float(np.clip(slope, min(steepest, 0.0), max(steepest, 0.0)))
            keys[this][key] = keys["co"][key] + np.array([way * length / 3, way * slope * length / 3])
            keys["handle_left_type"][key] = keys["handle_right_type"][key] = FREE
    return keys
