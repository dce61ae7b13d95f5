"""Rows and values that a recording lost: bridged from what is around them, and said."""

import numpy as np
import numpy.typing as npt

from ..errors import UserError

_WHOLE, _SUDDEN = 8, 0.25
"""Channels from which a table shows a whole face, and how far one of them moves from one row to the next at most."""

_LONG, _MANY = 0.25, 4.0
"""Seconds and usual steps without a row that are a gap, no dropped frame."""

Values = npt.NDArray[np.float64]


def bridged(times: npt.NDArray[np.float64], table: Values, shapes: int, lines: list[int]) -> tuple[Values, list[str]]:
    """``table`` with lost cells between their neighbours in time, held at both ends; columns never told are 0.

    Raises UserError where no row holds a face.
    """
    lost = np.isnan(table)
    if not lost.any():
        return table, []
    never = lost.all(axis=0)
    table = table.copy()
    table[:, never] = 0.0
    lost[:, never] = False
    if never[:shapes].all():
        raise UserError("none of its rows holds a face; its values are empty or not numbers.")
    still = int(never[:shapes].sum())
    notes = [f"{still} of its columns hold no number in any row; what they name stays still."] if still else []
    gaps = np.flatnonzero(lost.any(axis=1))
    for column in np.flatnonzero(lost.any(axis=0)):
        there = ~lost[:, column]
        table[:, column] = np.interp(times, times[there], table[there, column])
    if not len(gaps):
        return table, notes
    where = f"line {lines[gaps[0]]}" if len(gaps) == 1 else f"lines {lines[gaps[0]]} to {lines[gaps[-1]]}"
    said = f"{len(gaps)} of its rows miss values ({where}); they were bridged from the rows around them."
    return table, [*notes, said]


def fallen(shapes: Values, lines: list[int]) -> list[str]:
    """A sentence where a whole face drops to 0 and is back as suddenly: a tracker that lost it, or a face at rest."""
    if shapes.shape[1] < _WHOLE or not shapes.any():
        return []
    still = ~shapes.any(axis=1)
    edges = np.diff(still.astype(np.int8), prepend=0, append=0)
    runs = zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)
    sudden = [
        (first, end) for first, end in runs
        if 0 < first < end < len(still) and min(shapes[first - 1].max(), shapes[end].max()) > _SUDDEN
    ]  # fmt: skip
    if not sudden:
        return []
    count, (first, end) = sum(end - first for first, end in sudden), sudden[0]
    return [
        f"{count} of its rows are 0 throughout and the face moves at once before and after (lines {lines[first]} to "
        f"{lines[end - 1]}); they were taken for a face at rest: delete them to have them bridged."
    ]


def paused(times: npt.NDArray[np.float64], lines: list[int]) -> list[str]:
    """A sentence where rows are missing for long."""
    steps = np.diff(times)
    if not len(steps):
        return []
    long = np.flatnonzero(steps > max(_LONG, _MANY * float(np.median(steps))))
    if not len(long):
        return []
    more = f" and {len(long) - 1} more times" if len(long) > 1 else ""
    return [f"It has no rows for {steps[long[0]]:.2g} s after line {lines[long[0]]}{more}; the gap was bridged."]
