"""Values in the units of a track: weights 0-1 and angles in radians, whatever a file counts in."""

import math

import numpy as np
import numpy.typing as npt

from ..errors import UserError

Values = npt.NDArray[np.float64]

_BEYOND = 2.0
"""A weight above this is no overshoot any more."""

_OFTEN = 0.01
"""Share of the rows that tell a unit; fewer are slips of the tracker."""

_FEW = 20
"""Rows up to which 0 and 1 alone may be meant."""

_PERCENT, _BYTE = 200.0, 255.0
"""The highest value that percents and bytes reach."""

_HEAD, _WIDE, _TURN = math.pi / 2, 0.8, 2 * math.pi
"""Radians: the widest turn of a head, one that is seldom seen on one who speaks to a camera, and a whole turn."""


def weights(values: Values) -> tuple[Values, list[str]]:
    """``values`` (T, K), NaN where lost, as weights about 0-1, and notes. Single values far out count as lost.

    Raises UserError where most rows hold such values.
    """
    size = np.nan_to_num(np.abs(values))
    highest = size.max(axis=1, initial=0.0)
    beyond = highest > _BEYOND
    if beyond.sum() >= max(_OFTEN * len(values), 1) and (beyond.sum() > 2 or len(values) < 20):
        usual = float(np.quantile(highest[beyond], 0.9))
        if usual <= _PERCENT:
            values, size = values / 100, size / 100
            notes = [f"Its values go up to {usual:g} and were taken for percent."]
        elif usual <= _BYTE:
            values, size = values / _BYTE, size / _BYTE
            notes = [f"Its values go up to {usual:g} and were taken for 0 to 255."]
        else:
            notes = []
    else:
        notes = []
    out = size > _BEYOND
    if out.any(axis=1).sum() > 0.5 * len(values) and len(values) > 1:
        raise UserError(f"its values go up to {size.max():g}, which is no scale that is known; scale them to 0-1.")
    if len(values) > _FEW and np.isin(values, (0.0, 1.0)).all() and values.any():
        notes.append("Its values are 0 and 1 alone, as if they had been rounded; save it again with decimals.")
    if out.any():
        values = np.where(out, np.nan, values)
        notes.append(f"{int(out.any(axis=1).sum())} rows hold values that no face has; they were bridged.")
    return values, notes


def angles(head: Values, eyes: Values, told: bool | None) -> tuple[Values, list[str]]:
    """``head`` (T, 3) in radians, and notes. ``told``: whether the names say degrees; None where they are silent.

    Angles beyond a right angle are no radians of a head that is seen from the front, unless they start over at a whole
    turn.
    """
    if not head.size:
        return head, []
    degrees, notes = bool(told), list[str]()
    if told is None:
        degrees, notes = _unit(head, eyes)
    head = np.radians(head) if degrees else head
    out = np.nan_to_num(np.abs(head)) > _TURN * 1.01
    if out.any(axis=1).mean() > _OFTEN and len(head) > 20:
        return np.zeros_like(head), ["Its head turns farther than all around, so its angles were left out."]
    head, about = _from_the_front(np.where(out, np.nan, head))
    return head, notes + about


def _unit(head: Values, eyes: Values) -> tuple[bool, list[str]]:
    """(whether the angles are degrees, what to say of that)."""
    both = np.nan_to_num(np.abs(np.concatenate([head, eyes], axis=1)))
    few = 2 if len(both) > 20 else 0

    def reach(limit: float) -> bool:
        return bool((both > limit).any(axis=1).sum() > few)

    def otherwise(unit: str) -> str:
        return f"; if they are {unit.lower()}, write {unit[:3]} behind the names of their columns (HeadYaw{unit[:3]})."

    if _starts_over(head, _TURN):
        return False, []
    if reach(_HEAD):
        end = otherwise("Radians") if both.max() <= _TURN else "."
        return True, [f"Its head and eyes turn by up to {both.max():.3g}, taken for degrees{end}"]
    widest = float(np.nan_to_num(np.abs(head)).max())
    if not reach(_WIDE) or widest < _WIDE:
        return False, []
    said = f"Its head turns by up to {widest:.2g}, taken for radians ({math.degrees(widest):.0f}°)"
    return False, [said + otherwise("Degrees")]


def _starts_over(head: Values, turn: float) -> bool:
    """Whether angles jump, and always by about a whole ``turn``."""
    jumps = np.abs(np.diff(head, axis=0))
    jumps = jumps[jumps > 0.4 * turn]
    return bool(len(jumps)) and bool((np.abs(jumps - turn) < 0.1 * turn).all())


def _from_the_front(head: Values) -> tuple[Values, list[str]]:
    """``head`` in radians without jumps by a whole turn, and about the pose in which it is seen from the front."""
    notes, head = [], head.copy()
    for column in range(head.shape[1]):
        there = np.isfinite(head[:, column])
        if not there.any():
            continue
        found = np.unwrap(head[there, column])
        behind = float(np.round(np.median(found) / math.pi)) * math.pi
        if np.abs(found - behind - head[there, column]).max() > 1e-6:
            notes = [
                "Its head's angles start over at a whole turn or count from behind; they were joined, about the front."
            ]
        head[there, column] = found - behind
    return head, notes
