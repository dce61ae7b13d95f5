"""FLAME in one array, as others write it: .npy of (1, T, 403), (T, 103), (T, 53), (T, 106) or (T, 56).

403 columns are 300 of identity, 100 of expression and 3 of the jaw (EMOTE, ProbTalk3D, LSF); 103 and 53 are 100 or 50
of expression and the jaw; 106 and 56 have the head's turn before the jaw's (ARTalk, DiffPoseTalk). The file tells no
rate; those who write it mean 25 frames a second.
"""

import io
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from .. import flame, npy_array
from ..blend import BLOCK, Mix, mixed
from ..errors import UserError
from ..track import FLAME_COLUMNS, Array, FaceTrack, Provenance

RATE = 25.0
"""Frames a second of a file that tells none."""

LAYOUTS = {403: (300, 100), 103: (0, 100), 53: (0, 50), 106: (0, 100), 56: (0, 50)}
"""Columns -> how many are of identity and how many of expression; the jaw is last, the head's turn before it if any."""

_UNIT_EXP, _UNIT_JAW = (-3.0, 6.0), (-0.1, 0.6)
"""Least value and span of what the networks of ProbTalk3D and LSF scale to 0-1."""

_MOST_TURN = 2 * np.pi


def dump(track: FaceTrack, mix: Mix) -> Iterator[bytes]:
    """(1, T, 403) at 25 frames a second: identity 0, the expressions and the jaw."""
    if abs(track.fps - RATE) > 1e-3:
        track = track.at(track.start + np.arange(int(track.duration * RATE + 1e-6) + 1) / RATE)
    rows = rows_of(track, mix)
    form = {"descr": "<f4", "fortran_order": False, "shape": (1, len(rows), 403)}
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, form)  # type: ignore[no-untyped-call]
    yield header.getvalue()
    for first in range(0, len(rows), BLOCK):
        now = rows[first : first + BLOCK]
        table = np.zeros((len(now), 403), "<f4")
        table[:, 300:400], table[:, 400:] = now[:, flame.EXP], now[:, flame.JAW]
        yield table.tobytes()


def parse(data: bytes, source: str, fps: float | None = None) -> FaceTrack:
    """The track in one of the layouts. ``fps``: its rate, 25 where it is not given.

    Raises UserError for another array, and for what is no array of numbers.
    """
    table, notes = _table(loaded(data)), []
    shape, exp = LAYOUTS[table.shape[1]]
    rows = np.zeros((len(table), FLAME_COLUMNS), np.float32)
    rows[:, :exp], rows[:, flame.JAW] = table[:, shape : shape + exp], table[:, -3:]
    if table.shape[1] == shape + exp + 6:
        rows[:, flame.NECK] = table[:, -6:-3]
        notes.append(f"Of {table.shape[1]} columns the three before the jaw's were taken for the head's turn.")
    if not shape and _is_scaled(table[:, :exp]):
        rows[:, :exp] = rows[:, :exp] * _UNIT_EXP[1] + _UNIT_EXP[0]
        rows[:, flame.JAW] = rows[:, flame.JAW] * _UNIT_JAW[1] + _UNIT_JAW[0]
        notes.append("Its values were scaled to 0-1, as ProbTalk3D and LSF train with; they were scaled back.")
    if np.any(table[:, :shape]):
        notes.append(IDENTITY)
    if not fps:
        notes.append(f"A .npy file tells no rate; {RATE:g} frames a second were assumed.")
    return track_of(rows, fps or RATE, source, notes)


IDENTITY = "It holds an identity, too, which was left alone: the rig keeps its own face."


def loaded(data: bytes) -> npt.NDArray[np.generic]:
    """The array in a .npy file. Raises UserError where there is none of numbers."""
    try:
        found = npy_array.array(data)
    except ValueError as error:
        raise UserError("it is no array of numbers, or a damaged one.") from error
    if found.dtype.kind not in "fiu":
        raise UserError("it is no array of numbers.")
    return found


def finite(table: npt.NDArray[np.generic], name: str) -> Array:
    """``table`` as float32. Raises UserError where a value is none."""
    with np.errstate(over="ignore"):
        values: Array = table.astype(np.float32)
    if not np.isfinite(values).all():
        raise UserError(f"{name} holds values that are not numbers.")
    return values


def _table(array: npt.NDArray[np.generic]) -> Array:
    """(T, columns) of a layout."""
    shape = array.shape
    while array.ndim > 2 and array.shape[0] == 1:
        array = array[0]
    if array.ndim != 2 or array.shape[1] not in LAYOUTS or not len(array):
        known = ", ".join(f"T x {columns}" for columns in LAYOUTS)
        raise UserError(f"it holds an array of {_by(shape)}; a FLAME track has {known}.")
    return finite(array, "it")


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "one number"


def _is_scaled(exp: Array) -> bool:
    """Whether expressions lie about a half, within 0-1, in place of about 0."""
    return bool(exp.min() > -0.1 and exp.max() < 1.1 and abs(float(exp.mean()) - 0.5) < 0.2)


def rows_of(track: FaceTrack, mix: Mix) -> Array:
    """(T, 112) the coefficients of ``track``: its own, else what bones alone can show."""
    return track.flame if len(track.flame) else flame.jaw_alone(mixed(track, mix), track.head)


def track_of(rows: Array, fps: float, source: str, notes: list[str]) -> FaceTrack:
    """A captured track of ``rows`` (T, 112), with what of it the channels can tell."""
    if np.abs(rows[:, flame.JAW.start :]).max() > _MOST_TURN:
        raise UserError("its jaw, neck or eyes turn by more than a whole turn; FLAME counts in radians.")
    curves, head = flame.channels_of(rows)
    made_by = Provenance(source=source, notes=tuple(notes))
    return FaceTrack(curves, np.zeros_like(curves), fps, 0.0, made_by, head, rows)
