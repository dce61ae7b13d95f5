"""Timecodes of Live Link Face, and the regular grid of frames behind a column of times."""

import re

import numpy as np
import numpy.typing as npt

from ..errors import UserError

UNITS = 60
"""The frame field counts sixtieths of a second whatever the track's frame rate."""

THOUSANDTHS = UNITS * 1000
RESOLUTION = 1 / THOUSANDTHS
DAY = 24 * 3600.0

RATES = (12, 15, 24, 25, 30, 48, 50, 60, 72, 90, 100, 120, 240, *(n * 1000 / 1001 for n in (24, 30, 48, 60, 120)))
"""Frame rates that a measured one is taken for when it differs by no more than rounding explains."""

_FORM = re.compile(r"(\d+):(\d\d?):(\d\d?)[:;](\d+(?:\.\d+)?)")


def timecode(seconds: float) -> str:
    """``HH:MM:SS:FF.mmm`` of a time of day in seconds; a day wraps."""
    ticks = round(seconds * THOUSANDTHS) % round(DAY * THOUSANDTHS)
    whole, ticks = divmod(ticks, THOUSANDTHS)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}:{ticks // 1000:02d}.{ticks % 1000:03d}"


def seconds(text: str) -> float:
    """The time of day of a timecode. Raises ValueError when it is none."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no timecode")
    hours, minutes, whole, frames = match.groups()
    return int(hours) * 3600 + int(minutes) * 60 + int(whole) + float(frames) / UNITS


def unwrapped(times: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Times of day made continuous over midnight: a fall by more than half a day is a new day."""
    return times + DAY * np.cumsum(np.diff(times, prepend=times[:1]) < -DAY / 2)


def frame_rate(times: npt.NDArray[np.float64]) -> float:
    """Frames a second of rising ``times``; 60 for a single frame.

    The median step finds frames that the camera dropped; the whole length over all frames then gives the rate, which
    is taken for one of RATES when a timecode's resolution allows it.
    """
    if len(times) < 2:
        return float(UNITS)
    steps = np.diff(times)
    frames = np.maximum(np.round(steps / np.quantile(steps, 0.5, method="lower")), 1).sum()
    step = float((times[-1] - times[0]) / frames)
    slack = 2 * RESOLUTION / float(frames)
    nearest = min(RATES, key=lambda rate: abs(1 / rate - step))
    return float(nearest) if abs(1 / nearest - step) <= slack else 1 / step


def on_grid(times: npt.NDArray[np.float64], values: npt.NDArray[np.float64], fps: float) -> npt.NDArray[np.float64]:
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
