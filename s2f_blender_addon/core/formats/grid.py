"""The regular grid of frames behind a column of times: rows in order, the rate, frames where none was recorded."""

import numpy as np
import numpy.typing as npt

from ..errors import UserError
from ..track import FASTEST
from .clock import SLOWEST
from .timecode import Times

RATES = (12, 15, 24, 25, 30, 48, 50, 60, 72, 90, 100, 120, 240, *(n * 1000 / 1001 for n in (24, 30, 48, 60, 120)))
"""Frame rates that a measured one is taken for when it differs by no more than rounding explains."""

_NEAR = 0.02
"""Share by which a period may differ from that of a usual rate, however coarse its clock."""

_ODD = 5
"""Rows in a row that a clock may be wrong for before its correction is believed."""

_FAR = 5.0
"""Seconds from all others at which a row has a clock of its own."""

Rows = npt.NDArray[np.int64]


def in_order(times: Times, lines: list[int]) -> tuple[Rows, Times, list[str]]:
    """(rows to keep, their rising times, notes). Rows that repeat a time replace the one before.

    Rows that merely stand in the wrong place are sorted. A few that go back or run ahead are left out, and so are a few
    at either end that are far from all others. From a clock that was set back for good the rows go on where it was.
    """
    notes: list[str] = []
    rows: Rows = np.arange(len(times))
    back = np.flatnonzero(np.diff(times) < 0) + 1
    if len(back):
        ahead = np.diff(times)
        step = float(np.median(ahead[ahead > 0])) if (ahead > 0).any() else 1.0
        ordered = np.sort(times)
        if np.diff(ordered).min() > 0.5 * np.median(np.diff(ordered)):
            rows = np.argsort(times, kind="stable")
            times = times[rows]
            notes.append(f"Its rows were not in the order of their times (line {lines[back[0]]}); they were sorted.")
        else:
            rows, times, notes = _mended(times, step, lines)
    last = np.append(np.diff(times) > 0, True)
    repeated = len(times) - int(last.sum())
    if repeated:
        notes.append(f"Rows that repeat the time of the one before replaced it ({repeated}).")
    return _without_strays(rows[last], times[last], lines, notes)


def _without_strays(rows: Rows, times: Times, lines: list[int], notes: list[str]) -> tuple[Rows, Times, list[str]]:
    """``rows`` and their ``times`` without a few at either end that are far from all others, as a clock that is not set
    yet leaves them.
    """
    for _ in range(2):
        if len(times) < 4 * _ODD:
            break
        steps = np.diff(times)
        k = int(steps.argmax())
        alone = slice(0, k + 1) if k + 1 <= _ODD else slice(k + 1, len(times))
        length = float(steps.sum() - steps[k])
        if len(rows[alone]) > _ODD or steps[k] < _FAR or steps[k] < 10 * length:
            break
        where = ", ".join(str(lines[i]) for i in rows[alone])
        far = f"The time in line {where} is {steps[k]:.0f} s from all others; what stands there was left out."
        notes = [*notes, far]
        rows, times = np.delete(rows, alone), np.delete(times, alone)
    return rows, times, notes


def _mended(times: Times, step: float, lines: list[int]) -> tuple[Rows, Times, list[str]]:
    """As ``in_order`` for a clock that goes back."""
    kept, mended = [0], [float(times[0])]
    odd: list[int] = []
    early: list[int] = []
    reset: list[int] = []
    shift, i = 0.0, 1
    while i < len(times):
        if times[i] + shift >= mended[-1]:
            kept.append(i)
            mended.append(float(times[i] + shift))
            i += 1
            continue
        end = i
        while end < len(times) and end - i <= _ODD and times[end] + shift < mended[-1]:
            end += 1
        ahead = next((k for k, time in enumerate(reversed(mended)) if time <= times[i] + shift), len(mended))
        if ahead < min(end - i, _ODD + 1):
            early.extend(kept[len(kept) - ahead :])
            del kept[len(kept) - ahead :], mended[len(mended) - ahead :]
            kept.append(i)
            mended.append(float(times[i] + shift))
            i += 1
        elif end - i <= _ODD:
            odd.extend(range(i, end))
            i = end
        else:
            shift = mended[-1] + step - float(times[i])
            reset.append(i)
    notes = []
    if early:
        more = f" and {len(early) - 1} more" if len(early) > 1 else ""
        notes.append(f"The time runs ahead in line {lines[early[0]]}{more}; what stands there was left out.")
    if odd:
        more = f" and {len(odd) - 1} more" if len(odd) > 1 else ""
        notes.append(f"The time goes back in line {lines[odd[0]]}{more}; what stands there was left out.")
    if reset:
        more = f" and {len(reset) - 1} more" if len(reset) > 1 else ""
        notes.append(f"Its clock is set back in line {lines[reset[0]]}{more}; the rows from there on follow on.")
    return np.array(kept), np.array(mended), notes


def frame_rate(times: Times, resolution: float) -> float:
    """Frames a second of rising ``times``, which are told to ``resolution`` seconds.

    Ordinary steps give the period, which finds frames that the camera dropped; the whole length over all frames is
    then the rate, taken for one of RATES when the resolution allows it.
    """
    steps = np.diff(times)
    period = float(steps[steps <= 1.5 * np.quantile(steps, 0.5, method="lower")].mean())
    frames = np.maximum(np.round(steps / period), 1).sum()
    step = float((times[-1] - times[0]) / frames)
    slack = min(2 * resolution / float(frames), _NEAR * step) + 1e-12
    nearest = min(RATES, key=lambda rate: abs(1 / rate - step))
    whole, off = round(nearest), abs(1 / nearest - step)
    if off > 1e-9 and np.ptp(times - np.round((times - times[0]) * whole) / whole) <= resolution:
        nearest = whole  # 30 and 29.97 round to the same times here
    rate = float(nearest) if abs(1 / nearest - step) <= slack else 1 / step
    if not SLOWEST <= rate <= FASTEST:
        raise UserError(f"its clock gives {rate:.3g} frames a second, which no capture has; give its rate.")
    return rate


def on_grid(times: Times, values: npt.NDArray[np.float64], fps: float) -> npt.NDArray[np.float64]:
    """``values`` (T, K) at rising ``times`` read at ``fps`` from the first time on, linear where a frame is missing.

    Values whose times already lie on the grid, to a quarter of a frame, are returned as they are.
    """
    position = (times - times[0]) * fps
    if np.abs(position - np.arange(len(times))).max() < 0.25:
        return values
    count = round(float(position[-1])) + 1
    if count > 100 * len(times):
        raise UserError(f"its {len(times)} rows are spread over {times[-1] - times[0]:.0f} s, too few to be a track.")
    grid = np.arange(count, dtype=np.float64)
    return np.stack([np.interp(grid, position, column) for column in values.T], axis=1)
