"""From the rows of a foreign file to a FaceTrack: lost cells bridged, rows in order, frames on a regular grid."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..errors import UserError
from ..track import FaceTrack, Provenance
from . import units
from .columns import Columns
from .grid import frame_rate, in_order, on_grid
from .timecode import Clock

_ALONE = 60.0
"""Frames a second of a track of one frame."""

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """The rows of a file as they stand: ``shapes`` (T, K), ``head`` (T, 3 or 0) and ``eyes`` (T, n) in the units of
    the file, NaN where a value was lost; ``lines``: where each row stands in the file."""

    shapes: Values
    head: Values
    eyes: Values
    lines: list[int]


def track_of(rows: Rows, columns: Columns, clock: Clock, source: str, notes: list[str]) -> FaceTrack:
    """The captured track. Raises UserError where no row holds a face or the times are none of a track."""
    weights, about_weights = units.weights(rows.shapes)
    head, about_head = units.angles(rows.head, rows.eyes, columns.degrees)
    kept, times, about_order = in_order(clock.times, rows.lines)
    table = np.concatenate([weights, head], axis=1)[kept]
    lines = [rows.lines[i] for i in kept]
    table, about_lost = _bridged(times, table, weights.shape[1], lines)
    fps = clock.rate or (frame_rate(times, clock.resolution) if len(times) > 1 else _ALONE)
    table = on_grid(times, table, fps)
    values = (table[:, : weights.shape[1]] @ columns.matrix).astype(np.float32)
    said = (*notes, *columns.notes, *clock.notes, *about_weights, *about_head, *about_order, *about_lost)
    start = float(times[0]) if clock.starts else 0.0
    return FaceTrack(
        values, np.zeros_like(values), fps, start, Provenance(source=source, notes=said),
        table[:, weights.shape[1] :].astype(np.float32).reshape(-1, 3),
    )  # fmt: skip


def _bridged(times: npt.NDArray[np.float64], table: Values, shapes: int, lines: list[int]) -> tuple[Values, list[str]]:
    """``table`` with lost cells between their neighbours in time, held at both ends; columns never told are 0."""
    lost = np.isnan(table)
    if not lost.any():
        return table, []
    never = lost.all(axis=0)
    table = table.copy()
    table[:, never] = 0.0
    lost[:, never] = False
    if never[:shapes].all():
        raise UserError("none of its rows holds a face; its values are empty or not numbers.")
    gaps = np.flatnonzero(lost.any(axis=1))
    for column in np.flatnonzero(lost.any(axis=0)):
        there = ~lost[:, column]
        table[:, column] = np.interp(times, times[there], table[there, column])
    if not len(gaps):
        return table, []
    where = f"line {lines[gaps[0]]}" if len(gaps) == 1 else f"lines {lines[gaps[0]]} to {lines[gaps[-1]]}"
    return table, [f"{len(gaps)} of its rows miss values ({where}); they were bridged from the rows around them."]
