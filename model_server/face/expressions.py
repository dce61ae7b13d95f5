"""The table of expressions: for every emotion its action units and the channels they move at three strengths.

``core/emotions.json`` is the table; a technical director edits it or gives another. Channels without a side mean
both. Each lists its value at low (1/3), middle (2/3) and full strength; between them it is linear. What a row lists
under ``speaking`` stands in place of the same channel's values while somebody speaks: anger presses its lips in silence
and squares them in speech.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model_server.face.streams import Floats
from s2f_blender_addon.core import plain_file
from s2f_blender_addon.core.channels import CHANNELS, INDEX, mirrored
from s2f_blender_addon.core.emotions import EMOTIONS, FILE
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.request import Side

STEPS = (0.0, 1 / 3, 2 / 3, 1.0)

HIGHEST = 0.88
"""No expression goes beyond this at intensity 1, so that intensity 1.5 still shows more."""


@dataclass(frozen=True)
class Timing:
    """onset, apex, release: seconds. sustain: 0-1, what is left of the upper face between two stressed syllables.
    energy, pitch: how much of the strength follows the voice (per unit of energy above its middle, of an octave half).
    """

    onset: float
    apex: float
    release: float
    sustain: float
    energy: float
    pitch: float


@dataclass(frozen=True)
class Expression:
    """One row: what an emotion does to a face, and when."""

    name: str
    action_units: str
    source: str
    timing: Timing
    steps: Floats
    """(4, 52) channel values at strengths 0, 1/3, 2/3 and 1, the one-sided ones on the left."""
    spoken: Floats
    """(4, 52), the same while somebody speaks."""

    def at(self, strength: Floats, speaking: Floats, side: Side = "left") -> Floats:
        """(T, 52) for ``strength`` (T,) 0-1 and how much somebody speaks (T,) 0-1; one-sided channels on ``side``."""
        steps, spoken = self.steps, self.spoken
        if side == "right":
            steps, spoken = steps[:, _MIRROR], spoken[:, _MIRROR]
        values = np.zeros((len(strength), len(CHANNELS)), np.float32)
        for column in np.flatnonzero((steps + spoken).any(0)):
            values[:, column] = np.interp(strength, STEPS, steps[:, column])
            if not np.array_equal(steps[:, column], spoken[:, column]):
                values[:, column] *= 1 - speaking
                values[:, column] += speaking * np.interp(strength, STEPS, spoken[:, column])
        return values


_MIRROR = [INDEX[mirrored(name)] for name in CHANNELS]


def load_expressions(path: Path | None = None) -> dict[str, Expression]:
    """The table at ``path``, or the bundled one; one row for every emotion.

    Raises UserError with the row and the reason when it is not such a table.
    """
    path = path or FILE
    try:
        table = json.loads(plain_file.text(path))
    except (OSError, ValueError) as reason:
        raise UserError(f"The expression table {path} cannot be read ({reason}); give a JSON file.") from None
    if not isinstance(table, dict) or set(table) != set(EMOTIONS):
        raise UserError(f"The expression table {path} needs exactly the rows {', '.join(EMOTIONS)}.")
    return {name: _row(name, table[name], path) for name in EMOTIONS}


def _row(name: str, row: object, path: Path) -> Expression:
    def fault(what: str) -> UserError:
        return UserError(f"Row {name} of the expression table {path}: {what}.")

    if not isinstance(row, dict):
        raise fault("it must be an object with action_units, source, time and channels")
    try:
        timing = Timing(**{key: float(value) for key, value in row["time"].items()})
        steps = np.zeros((4, len(CHANNELS)), np.float32)
        _fill(steps, row)
        spoken = steps.copy()
        _fill(spoken, row.get("speaking", {}))
        expression = Expression(name, str(row["action_units"]), str(row["source"]), timing, steps, spoken)
    except LookupError as reason:
        raise fault(f"there is no channel or entry {reason.args[0]}") from None
    except (TypeError, ValueError, AttributeError) as reason:
        raise fault(f"it is incomplete or misspelt ({reason})") from None
    both = np.stack([steps, spoken])
    if not np.isfinite(both).all() or (np.diff(both, axis=1) < 0).any() or both.max() > HIGHEST + 1e-6:
        raise fault(f"values must rise from low to full and stay within 0 and {HIGHEST}")
    return expression


def _fill(steps: Floats, listed: Mapping[str, Mapping[str, tuple[float, float, float]]]) -> None:
    """Put what a row lists into ``steps`` (4, 52). Raises LookupError for a channel that does not exist."""
    for part, sides in (("channels", ("Left", "Right")), ("one_side", ("Left",)), ("other_side", ("Right",))):
        for channel, values in listed.get(part, {}).items():
            names = (channel,) if channel in INDEX else tuple(channel + side for side in sides)
            if not set(names) <= set(INDEX):
                raise LookupError(channel)
            low, middle, full = values
            for one in names:
                steps[1:, INDEX[one]] = low, middle, full
