"""What controls must be for driven keys to be what they should: by table for one, by least squares for several."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .controls import UNLIMITED, Control
from .expression import Floats
from .formula import Formula

_STEPS = 257
"""Points of a table."""

_RANGES = (1.0, 0.1, 10.0, 100.0, 0.01, 1000.0, np.pi)
"""How far a control without limits may have to go, the most usual first."""

_AT_ONCE = 1000
"""Frames that are looked up in a table at once."""

LOST = 0.02
"""A key that misses its value by more is worth a word."""


@dataclass(frozen=True)
class SolvedControls:
    """control -> its (T,) values; lost: (T, K) what keys miss."""

    values: dict[Control, Floats]
    lost: Floats


def solved(formulas: Sequence[Formula], wanted: Floats) -> SolvedControls:
    """The values of all controls of ``formulas`` (K) that bring their keys nearest to ``wanted`` (T, K)."""
    values: dict[Control, Floats] = {}
    lost = np.zeros(wanted.shape)
    for rows in _groups(formulas):
        group = [formulas[row] for row in rows]
        controls = tuple(dict.fromkeys(control for formula in group for control in formula.controls))
        found = _by_table(controls[0], group, wanted[:, rows]) if len(controls) == 1 else None
        ways = [found] if found is not None else _ways(controls, group, wanted[:, rows])
        ways = [{c: np.round(v) if c.whole else v for c, v in way.items()} for way in ways]
        misses = [_shown(group, way) - wanted[:, rows] for way in ways]
        best = min(range(len(ways)), key=lambda i: float(np.abs(misses[i]).max(initial=0.0)))
        values |= ways[best]
        lost[:, rows] = misses[best]
    return SolvedControls(values, lost)


def _ways(controls: Sequence[Control], group: Sequence[Formula], wanted: Floats) -> list[dict[Control, Floats]]:
    """All controls together; and where they do not add up, each alone while the others stay as they are."""
    ways = [_by_squares(controls, group, wanted)]
    if np.abs(_shown(group, ways[0]) - wanted).max(initial=0.0) <= LOST:
        return ways
    for control in controls:
        others = {c: np.full(1, c.value) for c in controls if c != control}
        alone = [_with(formula, control, others) for formula in group]
        found = _by_table(control, alone, wanted)
        if found is not None:
            ways.append({c: np.full(len(wanted), v[0]) for c, v in others.items()} | found)
    return ways


def _with(formula: Formula, control: Control, others: dict[Control, Floats]) -> Formula:
    """``formula`` of one control, while the others stay as they are."""
    return Formula((control,), lambda given: formula.of({**others, **given}))


def _groups(formulas: Sequence[Formula]) -> list[list[int]]:
    """Rows of formulas that share controls, directly or through others."""
    groups: list[tuple[set[Control], list[int]]] = []
    for row, formula in enumerate(formulas):
        mine, rows = set(formula.controls), [row]
        apart = []
        for controls, others in groups:
            if controls.isdisjoint(mine):
                apart.append((controls, others))
            else:
                mine |= controls
                rows = others + rows
        groups = [*apart, (mine, rows)]
    return [rows for _, rows in groups]


def _shown(group: Sequence[Formula], values: dict[Control, Floats]) -> Floats:
    """(T, K) what the keys are for these ``values`` of the controls."""
    length = len(next(iter(values.values())))
    return np.stack([np.broadcast_to(formula.of(values), (length,)) for formula in group], axis=1)


def _by_table(control: Control, group: Sequence[Formula], wanted: Floats) -> dict[Control, Floats] | None:
    """One control: the place in a table of what it does where all its keys together are nearest to ``wanted``."""
    top = max(float(wanted.max(initial=0.0)), 1e-3)
    for reach in (None, *_RANGES):
        low, high = (control.low, control.high) if reach is None else (-reach, reach)
        if high - low >= UNLIMITED:
            continue
        low, high = max(low, control.low), min(high, control.high)
        place = np.union1d(np.linspace(low, high, _STEPS), np.clip([0.0, control.value], low, high))
        table = _shown(group, {control: place})
        if not np.isfinite(table).all():
            continue
        if (table == table[:, :1]).all() and (wanted == wanted[:, :1]).all():
            found = _inverted(place, table[:, 0], wanted[:, 0], top, last=reach is None)
            if found is not None:
                return {control: found}
        elif table.max(axis=0).min() >= 0.98 * top or reach is None:
            return {control: _nearest(place, table, wanted)}
    return None


def _inverted(place: Floats, table: Floats, wanted: Floats, top: float, last: bool) -> Floats | None:
    """``wanted`` read backwards from the part of a table that rises from rest to the ``top`` on one side of it.

    None where neither side rises so far, but for the ``last`` table, which ends where it ends.
    """
    rest = int(np.argmin(np.abs(table - np.clip(0.0, table.min(), table.max())) + 1e-6 * np.abs(place)))
    sides = []
    for step in (1, -1):
        run, at = table[rest::step], place[rest::step]
        falls = np.flatnonzero(np.diff(run) < -1e-9)
        rising = int(falls[0]) + 1 if len(falls) else len(run)
        reached = np.flatnonzero(run[:rising] >= top - 1e-9)
        end = int(reached[0]) + 1 if len(reached) else rising
        sides.append((float(run[:end].max()), run[:end], at[:end]))
    high, run, at = max(sides, key=lambda side: min(side[0], top))
    if high < 1e-6 or (high < 0.98 * top and not last):
        return None
    rises = np.diff(run) > 1e-12  # of a level stretch the near end counts, but at rest the far one
    kept = np.concatenate([rises[:1], rises[:-1] | rises[1:], [True]]) if len(run) > 2 else np.ones(len(run), bool)
    found: Floats = np.interp(wanted, run[kept], at[kept])
    return found


def _nearest(place: Floats, table: Floats, wanted: Floats) -> Floats:
    """(T,) between the points of the table where all keys together miss least."""
    alike = np.unique(np.round(np.concatenate([table, wanted]), 9), axis=1, return_index=True)[1]
    table, wanted = table[:, alike], wanted[:, alike]  # teeth and tongue often follow the jaw's own property
    found = np.empty(len(wanted))
    starts, steps = table[:-1], np.diff(table, axis=0)
    length = np.maximum((steps**2).sum(axis=1), 1e-18)
    for first in range(0, len(wanted), _AT_ONCE):
        rows = wanted[first : first + _AT_ONCE, None]
        share = np.clip(((rows - starts) * steps).sum(axis=2) / length, 0.0, 1.0)
        miss = ((starts + share[..., None] * steps - rows) ** 2).sum(axis=2) + 1e-9 * np.abs(place[:-1])
        best = miss.argmin(axis=1)
        at = share[np.arange(len(best)), best]
        found[first : first + _AT_ONCE] = place[best] + at * (place[best + 1] - place[best])
    return found


def _by_squares(controls: Sequence[Control], group: Sequence[Formula], wanted: Floats) -> dict[Control, Floats]:
    """Several controls that add up: the smallest change of them that gives the keys."""
    now = {control: np.array([control.value]) for control in controls}
    base = _shown(group, now)[0]
    slopes = np.stack([_slope(control, group, now, base) for control in controls], axis=1)
    found, *_ = np.linalg.lstsq(slopes, (wanted - base).T, rcond=1e-6)
    return {
        control: np.clip(control.value + row, control.low, control.high)
        for control, row in zip(controls, found, strict=True)
    }


def _slope(control: Control, group: Sequence[Formula], now: dict[Control, Floats], base: Floats) -> Floats:
    """(K,) how the keys change with one control; of the two directions that which changes more."""
    step = 0.1 * min(control.high - control.low, 1.0)
    ways = [
        (_shown(group, now | {control: np.array([control.value + way])})[0] - base) / way
        for way in (step, -step) if control.low <= control.value + way <= control.high
    ]  # fmt: skip
    return max(ways, key=lambda slope: float(np.abs(slope).sum())) if ways else np.zeros(len(group))
