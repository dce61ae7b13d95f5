"""Fewer keys within a stated error: which samples of a curve a straight line cannot replace."""

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]


def needed(values: npt.NDArray[np.float32], error: float) -> Bools:
    """(T, C) mask of the samples to keep so that lines between them stay within ``error`` of every column.

    Ramer-Douglas-Peucker on a regular grid, with the vertical distance, for all columns at once: in each round every
    open segment of every column is split at its worst sample. First and last samples are always kept.
    """
    count, columns = values.shape
    keep = np.zeros((columns, count), bool)
    keep[:, 0] = keep[:, -1] = True
    if count < 3:
        return np.ascontiguousarray(keep.T)
    flat = np.ascontiguousarray(values.T, np.float64).ravel()
    first = np.arange(columns, dtype=np.int64) * count
    last = first + count - 1
    kept = keep.ravel()
    while len(first):
        worst, distance = _worst(flat, first, last)
        split = distance > error
        first, last, worst = first[split], last[split], worst[split]
        kept[worst] = True
        first, last = np.concatenate([first, worst]), np.concatenate([worst, last])
        long = last - first > 1
        first, last = first[long], last[long]
    return np.ascontiguousarray(keep.T)


def _worst(
    flat: npt.NDArray[np.float64], first: npt.NDArray[np.int64], last: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """For each segment the sample farthest from the straight line between its ends, and how far that is."""
    lengths = last - first - 1
    begins = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    step = np.arange(lengths.sum()) - np.repeat(begins, lengths) + 1
    slope = (flat[last] - flat[first]) / (last - first)
    inside = np.repeat(first, lengths) + step
    away = np.abs(flat[inside] - np.repeat(flat[first], lengths) - np.repeat(slope, lengths) * step)
    distance = np.maximum.reduceat(away, begins)
    # The first sample that reaches the maximum of its segment: hits are in order, so one search finds it.
    hits = np.flatnonzero(away == np.repeat(distance, lengths))
    return inside[hits[np.searchsorted(hits, begins)]], distance
