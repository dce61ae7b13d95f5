"""Values in the units of a track: weights 0-1 and angles in radians, whatever a file counts in."""

import math

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

_BEYOND = 2.0
"""A weight above this is no overshoot any more."""

_OFTEN = 0.01
"""Share of the rows that tell a unit; fewer are slips of the tracker."""

_PERCENT, _BYTE, _HEAD = 200.0, 255.0, math.pi / 2
"""The highest value that percents and bytes reach, and the widest turn of a head in radians."""


def weights(values: Values) -> tuple[Values, list[str]]:
    """``values`` (T, K), NaN where lost, as weights about 0-1, and notes. Single values far out count as lost."""
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
    if out.any():
        values = np.where(out, np.nan, values)
        notes.append(f"{int(out.any(axis=1).sum())} rows hold values that no face has; they were bridged.")
    return values, notes


def angles(head: Values, eyes: Values, told: bool | None) -> tuple[Values, list[str]]:
    """``head`` (T, 3) in radians, and notes. ``told``: whether the names say degrees; None where they are silent.

    Angles beyond a right angle are no radians of a head that is seen from the front.
    """
    degrees, notes = bool(told), []
    both = np.nan_to_num(np.abs(np.concatenate([head, eyes], axis=1)))
    if told is None and len(both):
        wide = (both > _HEAD).any(axis=1)
        degrees = bool(wide.sum() > (2 if len(both) > 20 else 0))
        if degrees:
            notes = [f"Its head and eyes turn by up to {both.max():.0f}, taken for degrees."]
    head = np.radians(head) if degrees else head
    out = np.nan_to_num(np.abs(head)) > 2 * math.pi
    return np.where(out, np.nan, head), notes
