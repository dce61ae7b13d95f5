"""Few Bezier keys for many samples: which ones to keep, and with which slopes, so that the curve stays within bounds.

Samples lie on a regular grid. Handles reach a third of the way to the next key, so that time runs evenly along each
piece, which then is the cubic Hermite curve of its two values and slopes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

_CAREFUL = 1e-5
"""Blender computes with 32 bits: this much of the error is left to it."""

_LENGTHS = (*range(1, 13), *range(14, 33, 2))
"""How many samples a piece may span in the search for the fewest; of the longer ones half will do."""

_LONGEST = 256
"""Samples that it spans at most once pieces are merged: on a still face, too, the next key is not far."""

_CHUNK = 512
"""Samples of a column in which a search goes on; between chunks there is a key, if it cannot be merged away."""

_AT_ONCE = 1 << 18
"""Samples that are worked on at once, to stay in the processor's caches."""


@dataclass(frozen=True)
class Reduced:
    """keep (T, C): the samples that become keys. left, right (T, C): slopes per sample before and after each of them,
    equal wherever one serves both sides.
    """

    keep: Bools
    left: Singles
    right: Singles


def reduced(values: Singles, error: float | Singles, pinned: Bools | None = None) -> Reduced:
    """The keys for ``values`` (T, C) with which no sample is missed by more than ``error``, a number or (T, C).

    The first and the last sample and those in ``pinned`` (T, C) are keys whatever the error is. Between them lie the
    fewest pieces, found by dynamic programming; each has the slopes that fit its samples best (least squares, as in
    Schneider, Graphics Gems 1990), and one slope serves both sides of a key where the bound allows it.
    """
    bounds = np.broadcast_to(np.asarray(error, np.float32), values.shape)
    fixed = np.zeros(values.shape, bool) if pinned is None else pinned.copy()
    fixed[[0, -1]] = True
    width = max(_AT_ONCE // len(values), 1)
    parts = [slice(first, first + width) for first in range(0, values.shape[1], width)]
    done = [_reduced(values[:, part], bounds[:, part], fixed[:, part]) for part in parts]
    keep, left, right = (np.concatenate(arrays, axis=1) for arrays in zip(*done, strict=True))
    return Reduced(keep, left, right)


def _reduced(values: Singles, bounds: Singles, fixed: Bools) -> tuple[Bools, Singles, Singles]:
    """As ``reduced``, for as many columns as fit."""
    count, columns = values.shape
    curves = _Samples(values, bounds)
    knots = np.flatnonzero(_fewest(values, bounds - np.float32(_CAREFUL), fixed).T)
    knots = _thinned(curves, np.ascontiguousarray(fixed.T).ravel(), knots)
    first, last = knots[:-1], knots[1:]
    within = first // count == last // count
    first, last = first[within], last[within]
    out, into = _joined(curves, first, last)
    keep, left, right = (
        np.zeros(values.size, bool),
        np.zeros(values.size, np.float32),
        np.zeros(values.size, np.float32),
    )
    keep[knots] = True
    right[first], left[last] = out, into
    starts = np.arange(columns) * count
    left[starts], right[starts + count - 1] = right[starts], left[starts + count - 1]
    keep, left, right = (np.ascontiguousarray(a.reshape(columns, count).T) for a in (keep, left, right))
    return keep, left, right


class _Samples:
    """All columns one after another, and pieces of them: ``first`` and ``last`` are places, (P,), of their ends."""

    def __init__(self, values: Singles, bounds: Singles) -> None:
        self.values = np.ascontiguousarray(values.T, np.float64).ravel()
        self.bounds = np.maximum(np.ascontiguousarray(bounds.T, np.float64).ravel() - _CAREFUL, 0.0)

    def fitted(self, first: Places, last: Places) -> tuple[Floats, Floats, Floats]:
        """(P,) slopes at both ends of each piece that fit it best, and by how much it then misses its bounds."""
        secant = (self.values[last] - self.values[first]) / (last - first)
        out, into, excess = secant.copy(), secant.copy(), np.zeros(len(first))
        for length, which in _by_length(last - first):
            away, bounds = self._inside(first[which], length, secant[which])
            basis, inverse = _basis(length)
            bent = away @ inverse
            out[which] += bent[:, 0]
            into[which] += bent[:, 1]
            excess[which] = (np.abs(away - bent @ basis) - bounds).max(axis=1)
        return out, into, excess

    def excess(self, first: Places, last: Places, out: Floats, into: Floats) -> Floats:
        """(P,) by how much each piece with the slopes ``out`` and ``into`` misses its bounds."""
        secant = (self.values[last] - self.values[first]) / (last - first)
        excess = np.zeros(len(first))
        for length, which in _by_length(last - first):
            away, bounds = self._inside(first[which], length, secant[which])
            bent = np.stack([out[which] - secant[which], into[which] - secant[which]], axis=1)
            excess[which] = (np.abs(away - bent @ _basis(length)[0]) - bounds).max(axis=1)
        return excess

    def _inside(self, first: Places, length: int, secant: Floats) -> tuple[Floats, Floats]:
        """(P, length - 1) samples between the ends of pieces, measured from the straight line; and their bounds."""
        steps = np.arange(1, length)
        places = first[:, None] + steps
        return self.values[places] - self.values[first][:, None] - secant[:, None] * steps, self.bounds[places]


def _by_length(lengths: Places) -> Iterator[tuple[int, Places]]:
    """Pieces that hold samples, those of one length at a time."""
    order = np.argsort(lengths, kind="stable")
    lengths = lengths[order]
    edges = [*np.flatnonzero(np.diff(lengths, prepend=-1)), len(order)]
    for begin, end in pairwise(edges):
        if lengths[begin] > 1:
            yield int(lengths[begin]), order[begin:end]


@cache
def _basis(length: int) -> tuple[Floats, Floats]:
    """(2, length - 1) what a unit of slope at either end adds inside of a piece, and its pseudo-inverse."""
    share = np.arange(1, length) / length
    basis: Floats = length * np.stack([share * (1 - share) ** 2, -(share**2) * (1 - share)]).astype(np.float64)
    inverse: Floats = np.linalg.pinv(basis)
    return basis, inverse


def _fewest(values: Singles, bounds: Singles, fixed: Bools) -> Bools:
    """(T, C) the keys of the fewest pieces, chunk by chunk."""
    count, columns = values.shape
    keep = fixed.copy()
    whole = (count - 1) // _CHUNK
    for begin, chunks, length in ((0, whole, _CHUNK), (whole * _CHUNK, 1, count - 1 - whole * _CHUNK)):
        if chunks and length:
            places = begin + np.arange(chunks)[None] * _CHUNK + np.arange(length + 1)[:, None]
            wide = (length + 1, chunks * columns)
            samples, allowed = values[places].reshape(wide), bounds[places].reshape(wide)
            feasible = _feasible(samples, allowed, fixed[places].reshape(wide))
            found = _path(feasible, length).reshape(length + 1, chunks, columns)
            np.logical_or.at(keep, places, found)
    return keep


def _feasible(values: Singles, bounds: Singles, fixed: Bools) -> list[Bools]:
    """For each of ``_LENGTHS``, as far as any fits, (T, P) whether such a piece may start at a sample."""
    count = len(values)
    pins = np.cumsum(fixed, axis=0)
    feasible = [np.ones(values.shape, bool)]
    before = feasible[0]
    for length in _LENGTHS[1:]:
        # A piece that is too long stays so when it grows, but for chance: two misses end the search.
        ask = (feasible[-1] | before)[: max(count - length, 0)]
        ask &= pins[length - 1 : count - 1] == pins[: len(ask)]
        if not ask.any():
            break
        samples = sliding_window_view(values, length + 1, axis=0)[ask]
        allowed = sliding_window_view(bounds, length + 1, axis=0)[ask][:, 1:-1]
        fits = np.zeros(values.shape, bool)
        fits[: len(ask)][ask] = (np.abs(samples @ _residual(length)) <= allowed).all(axis=1)
        before = feasible[-1]
        feasible.append(fits)
    return feasible


def _path(feasible: list[Bools], last: int) -> Bools:
    """(last + 1, P) the samples at which the fewest pieces begin or end."""
    columns = feasible[0].shape[1]
    steps = np.stack(feasible)
    lengths = np.array(_LENGTHS[: len(feasible)])
    pieces = np.full((last + 1, columns), 1 << 20, np.int32)
    pieces[0] = 0
    came = np.zeros((last + 1, columns), np.int64)
    every = np.arange(columns)
    for end in range(1, last + 1):
        usable = np.flatnonzero(lengths <= end)
        starts = end - lengths[usable]
        cost = np.where(steps[usable, starts], pieces[starts], 1 << 20)
        best = cost.argmin(axis=0)
        pieces[end] = cost[best, every] + 1
        came[end] = lengths[best]
    keep = np.zeros((last + 1, columns), bool)
    at = np.full(columns, last)
    while True:
        keep[at, every] = True
        if not at.any():
            return keep
        at = np.maximum(at - came[at, every], 0)


@cache
def _residual(length: int) -> Singles:
    """(length + 1, length - 1) what turns the samples of a piece into what its best curve misses inside."""
    share = np.arange(1, length) / length
    away = np.zeros((length + 1, length - 1))
    away[1:-1] = np.eye(length - 1)
    away[0], away[-1] = share - 1, -share
    basis, inverse = _basis(length)
    return np.asarray(away @ (np.eye(length - 1) - inverse @ basis), np.float32)


def _thinned(curves: _Samples, fixed: Bools, knots: Places) -> Places:
    """Those of ``knots`` that stay when those have gone that the bounds do not need."""
    tie = knots * 2654435761 % (1 << 32) / (1 << 62)  # of those that are missed equally, here one and there one
    excess = np.where(fixed[knots], np.inf, np.nan)  # of the piece without this knot
    while True:
        ask = np.flatnonzero(np.isnan(excess))
        if not len(ask):
            return knots
        first, last = knots[ask - 1], knots[ask + 1]
        near = last - first <= _LONGEST
        excess[ask] = np.inf
        known = curves.fitted(first[near], last[near])[2]
        # A piece that holds one that does not fit will not fit either.
        excess[ask[near]] = np.where(known > 0, np.inf, known + tie[ask[near]])
        gone = _least(excess)
        again = np.zeros(len(knots), bool)
        again[:-1] |= gone[1:]
        again[1:] |= gone[:-1]
        excess[again & np.isfinite(excess)] = np.nan
        knots, excess, tie = knots[~gone], excess[~gone], tie[~gone]


def _least(excess: Floats) -> Bools:
    """Those that can go and are missed less than both their neighbours would be."""
    before, after = np.roll(excess, 1), np.roll(excess, -1)
    before[0] = after[-1] = np.inf
    return np.isfinite(excess) & (excess < before) & (excess < after)


def _joined(curves: _Samples, first: Places, last: Places) -> tuple[Floats, Floats]:
    """Slopes at both ends of each piece: the same on both sides of a key wherever that stays within the bounds."""
    out, into, _ = curves.fitted(first, last)
    length = (last - first).astype(np.float64)
    joint = np.zeros(len(first) + 1, bool)  # before each piece, and after the last
    joint[1:-1] = last[:-1] == first[1:]
    shared = np.zeros(len(first) + 1)
    shared[1:-1] = (into[:-1] * length[:-1] + out[1:] * length[1:]) / (length[:-1] + length[1:])
    while True:
        begin, end = np.where(joint[:-1], shared[:-1], out), np.where(joint[1:], shared[1:], into)
        bad = (curves.excess(first, last, begin, end) > 0) & (joint[:-1] | joint[1:])
        if not bad.any():
            return begin, end
        joint[:-1] &= ~bad
        joint[1:] &= ~bad
