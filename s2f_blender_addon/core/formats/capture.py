"""From the rows of a foreign file to a FaceTrack: lost cells bridged, rows in order, frames on a regular grid."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..track import FaceTrack, Provenance
from . import lost, units
from .clock import LATEST
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
    table, about_lost = lost.bridged(times, table, weights.shape[1], lines)
    about_lost += lost.fallen(table[:, : weights.shape[1]], lines) + lost.paused(times, lines)
    fps = clock.rate or (frame_rate(times, clock.resolution) if len(times) > 1 else _ALONE)
    table = on_grid(times, table, fps)
    values = (table[:, : weights.shape[1]] @ columns.matrix).astype(np.float32)
    said = (*notes, *columns.notes, *clock.notes, *about_weights, *about_head, *about_order, *about_lost)
    if not values.any() and len(values) > 1:
        said += ("All its values are 0, so the face does not move.",)
    start = float(times[0]) if clock.starts and abs(times[0]) <= LATEST else 0.0
    return FaceTrack(
        values, np.zeros_like(values), fps, start, Provenance(source=source, notes=said),
        table[:, weights.shape[1] :].astype(np.float32).reshape(-1, 3),
    )  # fmt: skip
