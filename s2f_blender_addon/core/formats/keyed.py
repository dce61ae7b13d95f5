"""JSON of curves with keys of their own: clips of three.js, Unreal's curve tables, keys beside each name.

All keys are joined by straight lines, on a grid that every curve shares.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import UserError
from ..json_object import JsonObject
from .table import Table
from .timecode import Times

_GRID = 60.0
"""Frames a second at which keys in seconds are read that do not lie on a regular grid of their own."""

_COARSE = 1 / 12
"""Seconds between keys above which they are no frames of a capture."""

_IN_MILLISECONDS = 5.0
"""What keys are apart at least that count milliseconds; captures have none so far apart in seconds."""

_MOST = 432_000
"""Frames of the longest track on a grid: two hours."""

_SPREAD = 10_000
"""Frames on the grid for each key, above which keys are no animation of a face."""

_NAME = ("name", "Name", "curveName", "CurveName", "target", "path", "property", "blendShape", "blendshape", "channel")
_KEYS = ("keys", "Keys", "keyframes", "keyFrames", "Keyframes", "points", "samples", "curve")
_SECONDS, _FRAMES = ("time", "Time", "t", "seconds", "timestamp", "x"), ("frame", "Frame", "f", "index")
_VALUES = ("value", "Value", "v", "values", "weight", "score", "y")
_INSIDE = re.compile(r".*morph(?:Target)?(?:Influences|Dictionary)?\[\"?([^\]\"]+)\"?\]")
"""three.js names a curve by its object and, in brackets, the blendshape."""

_DEEP = 8


@dataclass(frozen=True)
class Curve:
    """One blendshape's keys: ``values`` at ``times``, which count frames or seconds (or thousandths of one)."""

    name: str
    times: list[float]
    values: list[float]
    counts: bool


def table(document: object, above: list[str]) -> Table | None:
    """A row for each frame of the curves in ``document``; None where it holds none. ``above`` tells the rate."""
    found = {curve.name: curve for curve in _curves(document, "", _DEEP) if curve.times}
    if not found:
        return None
    listed = list(found.values())
    counts = all(curve.counts for curve in listed)
    times = np.unique(np.concatenate([curve.times for curve in listed]))
    grid, note = _grid(times, counts)
    values = [np.interp(grid, curve.times, curve.values) for curve in map(_sorted, listed)]
    rows = [list(map(repr, row)) for row in np.column_stack([grid, *values]).tolist()]
    names = ["frame" if counts else "time", *found]
    return Table(names, rows, list(range(1, len(rows) + 1)), 0, above, [note] if note else [])


def _sorted(curve: Curve) -> Curve:
    order = np.argsort(curve.times, kind="stable")
    return Curve(curve.name, [curve.times[i] for i in order], [curve.values[i] for i in order], curve.counts)


def _grid(times: Times, counts: bool) -> tuple[Times, str]:
    """The times of the frames, and a note where they are not those of the keys. Raises UserError for too many."""
    steps = np.diff(times)
    if len(times) < 2:
        return times, ""
    step = float(np.median(steps))
    if counts:
        return _steps(times, 1.0 if (times == np.round(times)).all() else step), ""
    scale = 1e3 if step >= _IN_MILLISECONDS else 1.0
    if step / scale <= _COARSE and np.ptp(steps) < 0.2 * step:
        return times, ""
    note = f"Its keys were joined by straight lines at {_GRID:g} frames a second."
    return _steps(times, scale / _GRID), note


def _steps(times: Times, step: float) -> Times:
    """From the first of ``times`` to the last by ``step``."""
    count = round(float(times[-1] - times[0]) / step) + 1
    if count > min(_MOST, _SPREAD * len(times)):
        raise UserError(f"its {len(times)} keys reach over {count} frames, too many to be a track.")
    even: Times = times[0] + step * np.arange(count)
    return even


def _curves(node: object, name: str, deep: int) -> Iterator[Curve]:
    """The curves in ``node``, which stands under ``name``."""
    if deep == 0:
        return
    if isinstance(node, list):
        found = _of_list(name, node) if name else None
        if found is not None:
            yield found
            return
        for item in node:
            yield from _curves(item, "", deep - 1)
    elif isinstance(node, dict):
        found = _of_object(node, name)
        if found is not None:
            yield found
            return
        for key, value in node.items():
            if isinstance(value, list | dict):
                yield from _curves(value, str(key), deep - 1)


def _of_object(node: Mapping[str, Any], name: str) -> Curve | None:
    """The curve that an object is: with times and values, with keys, or with numbers under times."""
    called = next((node[key] for key in _NAME if isinstance(node.get(key), str)), name)
    if not called:
        return None
    for clocks, counts in ((("times", "Times", *_SECONDS), False), (("frames", *_FRAMES), True)):
        times = next((node[key] for key in clocks if _numbers(node.get(key))), None)
        values = next((node[key] for key in _VALUES if _numbers(node.get(key))), None)
        if times and values and len(times) == len(values):
            return _curve(called, times, values, counts)
    keys = next((node[key] for key in _KEYS if isinstance(node.get(key), list)), None)
    if keys is not None:
        return _of_list(called, keys)
    timed = {key: value for key, value in node.items() if _is_number(value) and _float(key) is not None}
    if len(timed) < 2:
        return None
    counts = all(str(key).isdecimal() for key in timed)
    return _curve(called, [_float(key) for key in timed], list(timed.values()), counts)


def _of_list(name: str, keys: list[Any]) -> Curve | None:
    """The curve of a list of keys: objects with a time and a value, pairs of the two, or a value for each frame."""
    if _numbers(keys):
        return _curve(name, range(len(keys)), keys, True)
    if keys and all(isinstance(key, list) and len(key) >= 2 and _numbers(key[:2]) for key in keys):
        return _curve(name, [key[0] for key in keys], [key[1] for key in keys], False)
    if not keys or not all(isinstance(key, dict) for key in keys):
        return None
    for clocks, counts in ((_SECONDS, False), (_FRAMES, True)):
        pairs = [(_first(key, clocks), _first(key, _VALUES)) for key in keys]
        if all(time is not None and value is not None for time, value in pairs):
            return _curve(name, [time for time, _ in pairs], [value for _, value in pairs], counts)
    return None


def _curve(name: str, times: Any, values: Any, counts: bool) -> Curve:
    inside = _INSIDE.fullmatch(name)
    return Curve(inside[1] if inside else name, [float(t) for t in times], [float(v) for v in values], counts)


def _first(key: JsonObject, names: tuple[str, ...]) -> Any:
    return next((key[name] for name in names if _is_number(key.get(name))), None)


def _numbers(values: object) -> bool:
    return isinstance(values, list) and bool(values) and all(map(_is_number, values))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12


def _float(key: object) -> float | None:
    try:
        value = float(str(key))
    except ValueError:
        return None
    return value if abs(value) < 1e12 else None
