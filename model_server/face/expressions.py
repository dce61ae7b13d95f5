"""The table of expressions: for every emotion its action units and the channels they move at three strengths.

``expressions.json`` beside this file is the table; a technical director edits it or gives another. Channels without a
side mean both. Each lists its value at low (1/3), middle (2/3) and full strength; between them it is linear.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model_server.face.streams import Floats
from s2f_blender_addon.core.channels import CHANNELS, EMOTIONS, INDEX, mirrored
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.request import Side

STEPS = (0.0, 1 / 3, 2 / 3, 1.0)

HIGHEST = 0.72
"""No expression goes beyond this at intensity 1, so that intensity 1.5 still shows more."""

_BUNDLED = Path(__file__).with_name("expressions.json")


@dataclass(frozen=True)
class Timing:
    """onset, apex, release: seconds. sustain: 0-1, what is left between phrases. stress, energy, pitch: how much of
    the strength follows the voice (per unit of stress, of energy above its middle, of an octave half).
    """

    onset: float
    apex: float
    release: float
    sustain: float
    stress: float
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

    def at(self, strength: Floats, side: Side = "left") -> Floats:
        """(T, 52) for ``strength`` (T,) 0-1; ``side`` is where a one-sided expression shows."""
        steps = self.steps if side == "left" else self.steps[:, _MIRROR]
        values = np.zeros((len(strength), len(CHANNELS)), np.float32)
        for column in np.flatnonzero(steps.any(0)):
            values[:, column] = np.interp(strength, STEPS, steps[:, column])
        return values


_MIRROR = [INDEX[mirrored(name)] for name in CHANNELS]


def load_expressions(path: Path | None = None) -> dict[str, Expression]:
    """The table at ``path``, or the bundled one; one row for every emotion.

    Raises UserError with the row and the reason when it is not such a table.
    """
    path = path or _BUNDLED
    try:
        table = json.loads(path.read_text("utf-8"))
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
        for part, sides in (("channels", ("Left", "Right")), ("one_side", ("Left",)), ("other_side", ("Right",))):
            for channel, values in row.get(part, {}).items():
                names = (channel,) if channel in INDEX else tuple(channel + side for side in sides)
                for one in names:
                    if one not in INDEX:
                        raise fault(f"there is no channel {channel}")
                    low, middle, full = values
                    steps[1:, INDEX[one]] = low, middle, full
        expression = Expression(name, str(row["action_units"]), str(row["source"]), timing, steps)
    except (KeyError, TypeError, ValueError, AttributeError) as reason:
        raise fault(f"it is incomplete or misspelt ({reason})") from None
    if not np.isfinite(steps).all() or (np.diff(steps, axis=0) < 0).any() or steps.max() > HIGHEST + 1e-6:
        raise fault(f"values must rise from low to full and stay within 0 and {HIGHEST}")
    return expression
