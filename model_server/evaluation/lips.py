"""Do the lips do what the labels say? Closures, their timing, opening, rounding, rest and speed.

A closure is a stretch with the inner lips no more than 0.5 mm apart; a bilabial is hit when one comes within 20 ms of
it; a closure in speech that meets no bilabial is false. Closures that touch a pause are not counted as false.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from model_server.evaluation.head import LIPS, Floats, LandmarkHead, on_grid, opening
from model_server.evaluation.labels import BILABIAL, OPEN, ROUND, SILENCE, SPREAD, UNSURE, Label, events
from s2f_blender_addon.core.runs import true_runs

RATE = 100.0
CLOSED_MM, OPEN_MM, SLACK, PAUSE = 0.5, 4.0, 0.02, 0.06
AT_REST_MM = CLOSED_MM + 0.5
"""Gap up to which lips rest in a pause."""
CORE, LONG = 0.1, 0.3
"""Seconds: what is left out at either end of a pause that is judged, and how long it is at least."""

Interval = tuple[float, float]
Mask = npt.NDArray[np.bool_]


@dataclass
class LipCount:
    """What has been counted over any number of recordings."""

    recordings: int = 0
    bilabials: int = 0
    hits: int = 0
    closures: int = 0
    right: int = 0
    open_vowels: int = 0
    opened: int = 0
    offsets: list[float] = field(default_factory=list)
    onsets: list[float] = field(default_factory=list)
    round_widths: list[float] = field(default_factory=list)
    spread_widths: list[float] = field(default_factory=list)
    rest: list[float] = field(default_factory=list)
    speeds: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, float | int | None]:
        """The table: shares are 0-1, times in ms, speed in mm/s; None where nothing was there to measure."""
        recall = self.hits / max(1, self.bilabials)
        precision = self.right / max(1, self.closures)
        return {
            "recordings": self.recordings,
            "bilabials": self.bilabials,
            "closure_recall": round(recall, 3),
            "closure_precision": round(precision, 3),
            "closure_f1": round(2 * recall * precision / max(1e-9, recall + precision), 3),
            "centre_offset_ms": milliseconds(self.offsets),
            "centre_iqr_ms": spread(self.offsets),
            "onset_offset_ms": milliseconds(self.onsets),
            "open_vowel_recall": round(self.opened / max(1, self.open_vowels), 3),
            "rounding_auc": _auc(self.spread_widths, self.round_widths),
            "rest_in_silence": round(float(np.mean(self.rest)), 3) if self.rest else None,
            "lip_speed_p95_mm_s": round(float(np.mean(self.speeds)), 1) if self.speeds else None,
        }


def count(
    total: LipCount,
    times: Floats,
    values: npt.NDArray[np.floating[Any]],
    labels: list[Label],
    longest: float = float("inf"),
) -> None:
    """Add one recording: track ``values`` (T, 52) at ``times`` (T,) s against its labels.

    Lips that are shut for more than ``longest`` seconds rest: they neither meet a bilabial nor are false.
    """
    grid, points = on_grid(times, LandmarkHead.load().landmarks(values), RATE)
    gap = opening(points)
    total.recordings += 1
    total.rest += [float(np.mean(gap[core] <= AT_REST_MM)) for core in pauses(grid, labels)]
    _count_closures(total, _marked(grid, gap, labels, longest))
    width = np.abs(points[:, 54, 0] - points[:, 48, 0])
    for start, end, phone in labels:
        core = _inside(grid, (start, end))
        if not core.any():
            continue
        if phone in OPEN and end - start > 0.05:
            total.open_vowels += 1
            total.opened += bool(gap[core].max() >= OPEN_MM)
        if phone in ROUND:
            total.round_widths.append(float(width[core].min()))
        if phone in SPREAD:
            total.spread_widths.append(float(width[core].min()))
    steps = np.linalg.norm(np.diff(points[:, LIPS], axis=0), axis=2).max(1) * RATE
    total.speeds.append(float(np.percentile(steps, 95)))


@dataclass(frozen=True)
class Marks:
    """One recording's bilabials and closures (start s, end s), as they are counted.

    hits: a bilabial and the closure that meets it best. right, false: closures in speech. paused: those at a pause.
    """

    hits: list[tuple[Interval, Interval]]
    missed: list[Interval]
    right: list[Interval]
    false: list[Interval]
    paused: list[Interval]


def marks(times: Floats, values: npt.NDArray[np.floating[Any]], labels: list[Label]) -> Marks:
    """The closures of the track ``values`` (T, 52) at ``times`` (T,) s against ``labels``."""
    grid, points = on_grid(times, LandmarkHead.load().landmarks(values), RATE)
    return _marked(grid, opening(points), labels)


def _marked(grid: Floats, gap: Floats, labels: list[Label], longest: float = float("inf")) -> Marks:
    truth = events(labels, BILABIAL)
    found = Marks([], [], [], [], [])
    closed = [q for q in intervals(grid, gap <= CLOSED_MM) if q[1] - q[0] <= longest]
    for event in truth:
        best = nearest(closed, event, SLACK)
        if best is not None:
            found.hits.append((event, best))
        else:
            found.missed.append(event)
    for q in closed:
        if paused(q, labels):
            found.paused.append(q)
        else:
            (found.right if any(meet(q, event, SLACK) for event in truth) else found.false).append(q)
    return found


def _count_closures(total: LipCount, found: Marks) -> None:
    total.bilabials += len(found.hits) + len(found.missed)
    total.hits += len(found.hits)
    total.closures += len(found.right) + len(found.false)
    total.right += len(found.right)
    for event, closure in found.hits:
        if closure not in found.paused:
            total.offsets.append(sum(closure) / 2 - sum(event) / 2)
            total.onsets.append(closure[0] - event[0])


def meet(closure: Interval, event: Interval, slack: float) -> bool:
    """Whether two stretches of time overlap or are no more than ``slack`` seconds apart."""
    return closure[0] <= event[1] + slack and closure[1] >= event[0] - slack


def nearest(closures: Sequence[Interval], event: Interval, slack: float) -> Interval | None:
    """Of the ``closures`` that meet ``event`` within ``slack`` seconds the one that shares most time with it."""
    near = [closure for closure in closures if meet(closure, event, slack)]
    return max(near, key=lambda q: min(q[1], event[1]) - max(q[0], event[0]), default=None)


def paused(closure: Interval, labels: Sequence[Label]) -> bool:
    """Whether it touches a pause, or what nobody knows."""
    return any(
        (phone in SILENCE or phone == UNSURE) and meet(closure, (start, end), PAUSE) for start, end, phone in labels
    )


def pauses(grid: Floats, labels: Sequence[Label]) -> Iterator[Mask]:
    """The frames of ``grid`` (T,) s inside each pause that is long enough to be judged."""
    for start, end, phone in labels:
        core = (grid >= start + CORE) & (grid <= end - CORE)
        if phone in SILENCE and end - start > LONG and core.any():
            yield core


def _inside(grid: Floats, interval: Interval) -> Mask:
    found: Mask = (grid >= interval[0]) & (grid <= interval[1])
    return found


def intervals(grid: Floats, mask: Mask) -> list[Interval]:
    """Where ``mask`` (T,) is True, as (first, last) seconds of ``grid`` (T,)."""
    return [(float(grid[first]), float(grid[stop - 1])) for first, stop in true_runs(mask)]


def milliseconds(seconds: list[float]) -> float | None:
    """Their median in ms."""
    return round(1000 * float(np.median(seconds)), 1) if seconds else None


def spread(seconds: list[float]) -> float | None:
    """The distance of their quartiles in ms."""
    return round(1000 * float(np.subtract(*np.percentile(seconds, [75, 25]))), 1) if seconds else None


def _auc(wide: list[float], narrow: list[float]) -> float | None:
    """How often a spread phone is wider than a rounded one (area under the ROC curve); ties count half."""
    if not wide or not narrow:
        return None
    difference = np.array(wide)[:, None] - np.array(narrow)[None, :]
    return round(float((difference > 1e-9).mean() + 0.5 * (np.abs(difference) <= 1e-9).mean()), 3)
