"""What an animator has changed of a baked curve, found against what was written, and carried over to a new bake.

Edits are rows, one for each frame that looks different, with the columns below; frames are counted from the line's
second 0, so that they go where the line goes.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from .bezier import reduced
from .keyed import (
    BEZIER,
    FREE,
    SAME_FRAME,
    Keys,
    Values,
    chosen,
    evaluate,
    frames_of,
    inside,
    joined,
    made,
    split,
)
from .stretch import Span

Edits = npt.NDArray[np.float32]
"""(n, 6): see ``FRAME`` and the others."""

FRAME, EDITED, BASE, WEIGHT, PLAIN, PIN = range(6)
"""Columns: the frame; the value that the animator gave it; the baked value in its place; how far the edited value
stands in its own right (1 from the first to the last changed key, falling to 0 at the next that is as it was baked);
the value of the latest bake before the edit was put in; 1 where the animator has a key."""

NO_EDITS: Edits = np.zeros((0, 6), np.float32)

OFFSET, REPLACE = "OFFSET", "REPLACE"
"""How edits go over a new bake: as the difference that they made, or as they are."""

ERROR = 2e-5
"""How near a curve comes to edited frames between the animator's keys: to what can be told."""

_SAME_VALUE, _SAME_HANDLE = 2e-6, 1e-4


def found(current: Keys, written: Keys, stretches: Sequence[Span], origin: float, known: Edits) -> Edits:
    """``known`` edits and those that tell ``current``, the curve as it is, from the keys that were ``written``.

    Only what lies in the ``stretches`` is an edit; ``origin``: the scene frame of the line's second 0.
    """
    rows = known
    for first, last in stretches:
        now, then = inside(current, first, last), inside(written, first, last)
        if len(then["co"]):
            rows = _merged(rows, _changes(current, written, now, then, (first, last), origin, rows))
    return rows


def _changes(current: Keys, written: Keys, now: Keys, then: Keys, span: Span, origin: float, known: Edits) -> Edits:
    """New rows of one stretch."""
    same_now, same_then = same(_without_outer_handles(now), _without_outer_handles(then))
    changed = np.union1d(frames_of(now)[~same_now], frames_of(then)[~same_then])
    if not len(changed):
        return NO_EDITS
    anchors = frames_of(now)[same_now]
    edges = np.concatenate([[span[0] - 1], anchors, [span[1] + 1]])
    parts = []
    for low, high, within in _groups(changed, edges):
        frames = np.arange(np.ceil(low + SAME_FRAME), np.floor(high - SAME_FRAME) + 1)
        frames = frames[(frames >= span[0] - SAME_FRAME) & (frames <= span[1] + SAME_FRAME)]
        rows = np.zeros((len(frames), 6), np.float32)
        rows[:, FRAME] = frames - origin
        rows[:, EDITED] = evaluate(current, frames) if len(current["co"]) else 0.0
        rows[:, BASE] = rows[:, PLAIN] = _unedited(frames - origin, evaluate(written, frames), known)
        rows[:, WEIGHT] = _weights(frames, low, high, within)
        rows[:, PIN] = np.isin(np.rint(frames), np.rint(frames_of(now)[~same_now]))
        parts.append(rows)
    return np.concatenate(parts)


def same(now: Keys, then: Keys) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which keys of each of the two are in the other one, too, with all that shapes the curve."""
    here, there = np.zeros(len(now["co"]), bool), np.zeros(len(then["co"]), bool)
    if not len(now["co"]) or not len(then["co"]):
        return here, there
    times = frames_of(then)
    at = np.searchsorted(times, frames_of(now)).clip(0, len(times) - 1)
    at = np.where((at > 0) & (np.abs(times[at - 1] - frames_of(now)) < np.abs(times[at] - frames_of(now))), at - 1, at)
    here = alike(now, chosen(then, at))
    there[at[here]] = True
    return here, there


def alike(now: Keys, then: Keys) -> npt.NDArray[np.bool_]:
    """(n,) which of n keys are as those of ``then`` (n) at the same places, with all that shapes the curve."""
    alike: npt.NDArray[np.bool_] = np.abs(then["co"][:, 0] - now["co"][:, 0]) <= SAME_FRAME
    alike &= np.abs(then["co"][:, 1] - now["co"][:, 1]) <= _SAME_VALUE
    alike &= now["interpolation"] == then["interpolation"]
    bent = now["interpolation"] == BEZIER
    for name in ("handle_left", "handle_right") if bent.any() else ():
        alike &= ~bent | (np.abs(now[name] - then[name]).max(axis=1) <= _SAME_HANDLE * (1 + np.abs(now["co"][:, 0])))
    return alike


def _without_outer_handles(keys: Keys) -> Keys:
    """``keys`` of a stretch without the handles at both ends that shape what is beside it: a neighbour turns them."""
    if not len(keys["co"]):
        return keys
    keys = {**keys, "handle_left": keys["handle_left"].copy(), "handle_right": keys["handle_right"].copy()}
    keys["handle_left"][0], keys["handle_right"][-1] = keys["co"][0], keys["co"][-1]
    return keys


def _groups(changed: Values, edges: Values) -> Iterator[tuple[float, float, Values]]:
    """(frame before, frame after, changed frames between) for each run of changes between unchanged keys."""
    gap = np.searchsorted(edges, changed) - 1
    for which in np.unique(gap):
        which = min(max(int(which), 0), len(edges) - 2)
        yield float(edges[which]), float(edges[which + 1]), changed[gap == which]


def _weights(frames: Values, low: float, high: float, within: Values) -> Values:
    """(n,) 1 between the outermost changed frames, falling to 0 at the unchanged ones around."""
    rise = (frames - low) / max(within[0] - low, 1e-6)
    fall = (high - frames) / max(high - within[-1], 1e-6)
    weights: Values = np.clip(np.minimum(rise, fall), 0.0, 1.0)
    return weights


def _unedited(frames: Values, written: Values, known: Edits) -> Values:
    """(n,) ``written`` values, but the latest bake's own where edits of old had changed them."""
    plain = written.copy()
    if len(known):
        at = np.searchsorted(known[:, FRAME], frames).clip(0, len(known) - 1)
        hit = np.abs(known[at, FRAME] - frames) < 0.5
        plain[hit] = known[at[hit], PLAIN]
    return plain


def _merged(known: Edits, new: Edits) -> Edits:
    """Rows of both in the order of time, the new one where there are two."""
    if not len(new):
        return known
    stay = ~np.isin(np.rint(known[:, FRAME]), np.rint(new[:, FRAME]))
    rows = np.concatenate([known[stay], new])
    merged: Edits = rows[np.argsort(rows[:, FRAME], kind="stable")]
    return merged


def carried(edits: Edits, origin: float, rate: float, to: float, to_rate: float) -> Edits:
    """``edits`` of a line whose second 0 was at frame ``origin`` of a scene of ``rate`` frames a second, for one where
    that is at frame ``to`` and the rate is ``to_rate``: at the same times, on whole frames of the scene.

    A rate of 0 is not known, and taken for the other one.
    """
    stretched = to_rate / rate if rate and to_rate else 1.0
    if not len(edits) or (stretched == 1 and abs(to - origin - round(to - origin)) < SAME_FRAME):
        return edits
    parts = [
        _on_whole_frames(run, run[:, FRAME].astype(np.float64) * stretched + to)
        for run in np.split(edits, np.flatnonzero(np.diff(edits[:, FRAME]) > 1 + SAME_FRAME) + 1)
    ]
    rows = np.concatenate(parts)
    frames, first = np.unique(rows[::-1, FRAME], return_index=True)  # of runs that meet, the later one
    rows = rows[::-1][first]
    rows[:, FRAME] = frames - to
    return rows.astype(np.float32)


def _on_whole_frames(rows: Edits, frames: Values) -> Values:
    """``rows`` of one run, which go to ``frames``, at the whole frames there; the animator's keys keep their values."""
    whole = np.arange(np.rint(frames[0]), np.rint(frames[-1]) + 1)
    read: Values = np.stack([np.interp(whole, frames, column) for column in rows.astype(np.float64).T], axis=1)
    read[:, PIN] = 0
    pins = rows[:, PIN] > 0
    read[np.rint(frames[pins] - whole[0]).astype(int).clip(0, len(whole) - 1)] = rows[pins]
    read[:, FRAME] = whole
    return read


def beyond(edits: Edits, stretches: Sequence[Span], origin: float) -> Values:
    """(n,) the scene frames of those ``edits`` that lie in none of the ``stretches``."""
    frames = edits[:, FRAME].astype(np.float64) + origin
    inner = np.zeros(len(frames), bool)
    for first, last in stretches:
        inner |= (frames >= first - SAME_FRAME) & (frames <= last + SAME_FRAME)
    left: Values = frames[~inner]
    return left


def applied(keys: Keys, edits: Edits, origin: float, way: str) -> tuple[Keys, Edits]:
    """(``keys`` of one stretch with the ``edits`` put in, the edits with what the bake has in their place).

    ``way``: OFFSET or REPLACE. Where the animator has a key, there is one, and it is right to the value.
    """
    first, last = keys["co"][0, 0], keys["co"][-1, 0]
    frames = edits[:, FRAME].astype(np.float64) + origin
    here = (frames >= first - SAME_FRAME) & (frames <= last + SAME_FRAME)
    if not here.any():
        return keys, edits
    edits = edits.copy()
    edits[here, PLAIN] = evaluate(keys, frames[here])
    rows, frames = edits[here], frames[here]
    change = (rows[:, EDITED] - rows[:, BASE]).astype(np.float64)
    if way == REPLACE:
        change += rows[:, WEIGHT] * (rows[:, BASE] - rows[:, PLAIN])
    if keys["interpolation"][0] != BEZIER:
        return _moved(keys, frames, change), edits
    for run in np.split(np.arange(len(frames)), np.flatnonzero(np.diff(frames) > 1 + SAME_FRAME) + 1):
        keys = _spliced(keys, frames[run], change[run], rows[run, PIN] > 0)
    return keys, edits


def _moved(keys: Keys, frames: Values, change: Values) -> Keys:
    """Keys with a line between each two, moved by ``change``, which reaches to the frames beside its own."""
    known = np.concatenate([frames - 1, frames, frames + 1])
    sizes = np.concatenate([np.zeros(len(frames)), change, np.zeros(len(frames))])
    order = np.lexsort((-np.repeat([0, 1, 0], len(frames)), known))
    known, first = np.unique(known[order], return_index=True)
    co = keys["co"].copy()
    co[:, 1] += np.interp(frames_of(keys), known, sizes[order][first]).astype(np.float32)
    return {**keys, "co": co}


def _spliced(keys: Keys, frames: Values, change: Values, pins: npt.NDArray[np.bool_]) -> Keys:
    """Bezier ``keys`` moved by ``change`` at consecutive ``frames`` and as they were elsewhere."""
    first, last = float(keys["co"][0, 0]), float(keys["co"][-1, 0])
    low, high = max(frames[0] - 1, first), min(frames[-1] + 1, last)
    keys = split(split(keys, low), high)
    every = np.arange(low, high + 0.5)
    sizes = np.zeros(len(every))
    sizes[np.rint(frames - low).astype(int)] = change
    pinned = np.zeros((len(every), 1), bool)
    pinned[np.rint(frames - low).astype(int), 0] = pins
    values = evaluate(keys, every) + sizes
    if len(every) < 2:
        return {**keys, "co": np.where(np.abs(frames_of(keys) - low)[:, None] <= SAME_FRAME,
                                       np.array([[low, values[0]]]), keys["co"]).astype(np.float32)}  # fmt: skip
    fit = reduced(values[:, None].astype(np.float32), ERROR, pinned)
    stay = fit.keep[:, 0]
    new = made(every[stay], values[stay], fit.left[stay, 0], fit.right[stay, 0])
    before, after = inside(keys, -np.inf, low), inside(keys, high, np.inf)
    for kept, at, near, side in ((before, -1, 0, "handle_left"), (after, 0, -1, "handle_right")):
        # The outer handle of the key at the seam stays, moved along with it.
        if (at == -1 and low > first) or (at == 0 and high < last):
            new[side][near] = kept[side][at] + (new["co"][near] - kept["co"][at])
            for field in ("handle_left_type", "handle_right_type"):
                new[field][near] = FREE
    return joined(before, after, new)
