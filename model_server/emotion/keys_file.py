"""Emotion keyed over the shot in a CSV file: a column of times and a column for each slider that moves.

    time,happy,sad
    0.0,0.0,0.4
    2.5,0.8,0.0

Between the rows sliders go straight; before the first and after the last they hold.
"""

import csv
from io import StringIO
from pathlib import Path

import numpy as np
import numpy.typing as npt

from s2f_blender_addon.core import plain_file
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.errors import UserError

TIME = "time"


def read_keys(path: Path, duration: float, fps: float) -> npt.NDArray[np.float32]:
    """(T, E) sliders 0-1 over ``duration`` seconds at ``fps``. Raises UserError that names the file and the line."""
    try:
        text = plain_file.text(path)
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read ({getattr(error, 'strerror', None) or 'it is not UTF-8'}).") from error
    try:
        return parse_keys(text, duration, fps)
    except UserError as error:
        raise UserError(f"{path}: {error}") from error


def parse_keys(text: str, duration: float, fps: float) -> npt.NDArray[np.float32]:
    """As ``read_keys``, of the file's content."""
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(StringIO(text)) if any(c.strip() for c in row)]
    except csv.Error as error:
        raise UserError(f"This is no CSV ({error}).") from error
    if len(rows) < 2:
        raise UserError(f"Emotion keys need a line of names ({TIME}, {EMOTIONS[0]} …) and at least one of numbers.")
    names = [name.lower() for name in rows[0]]
    unknown = [name for name in names if name != TIME and name not in EMOTIONS]
    if names.count(TIME) != 1 or unknown or len(set(names)) < len(names):
        wrong = f"not {unknown[0]!r}" if unknown else "each once"
        raise UserError(f"The first line names {TIME} and emotions out of {', '.join(EMOTIONS)}, {wrong}.")
    values = np.array([_numbers(row, i + 2, len(names)) for i, row in enumerate(rows[1:])], np.float64)
    times = values[:, names.index(TIME)]
    if (np.diff(times) <= 0).any():
        raise UserError(
            f"Times must rise from line to line; they do not at line {int(np.argmax(np.diff(times) <= 0)) + 3}."
        )
    frames = np.arange(int(np.floor(duration * fps + 1e-9)) + 1) / fps
    sliders = np.zeros((len(frames), len(EMOTIONS)), np.float32)
    for column, name in enumerate(names):
        if name != TIME:
            if not ((values[:, column] >= 0) & (values[:, column] <= 1)).all():
                raise UserError(f"Sliders go from 0 to 1; {name} does not.")
            sliders[:, EMOTIONS.index(name)] = np.interp(frames, times, values[:, column])
    return sliders


def _numbers(row: list[str], line: int, count: int) -> list[float]:
    try:
        numbers = [float(cell) for cell in row]
    except ValueError as error:
        raise UserError(f"Line {line} holds something that is no number.") from error
    if len(numbers) != count or not np.isfinite(numbers).all():
        raise UserError(f"Line {line} needs {count} numbers.")
    return numbers
