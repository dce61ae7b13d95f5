"""FLAME in named arrays, as trackers and other networks keep it: expressions, jaw, neck, eyes, and the rate."""

import io
import zipfile
import zlib
from collections.abc import Iterator

import numpy as np

from .. import flame
from ..blend import Mix
from ..errors import UserError
from ..track import FLAME_COLUMNS, Array, FaceTrack
from . import npy

LARGEST = 256 << 20
"""Bytes that the arrays may take when they are unpacked: an hour at 60 frames a second, in doubles."""

_BOTH_EYES = slice(flame.EYES["eye_left"].start, flame.EYES["eye_right"].stop)

_ROWS = (
    (flame.EXP, ("expression", "expressions", "exp", "expr", "expcode", "expression_params", "expression_code")),
    (flame.JAW, ("jaw_pose", "jaw", "jaw_params")),
    (flame.NECK, ("neck_pose", "neck")),
    (_BOTH_EYES, ("eyes_pose", "eye_pose", "eyes")),
    (flame.EYES["eye_left"], ("leye_pose", "left_eye_pose", "left_eye")),
    (flame.EYES["eye_right"], ("reye_pose", "right_eye_pose", "right_eye")),
)
"""Columns of a row, and the names that arrays with them go by."""

_POSE = ("pose", "pose_params", "posecode")
"""What arrays go by that hold the head's turn and the jaw's in six columns."""

_SHAPE = ("shape", "betas", "shape_params", "shapecode")
_RATE = ("fps", "frame_rate", "framerate", "mocap_frame_rate", "mocap_framerate")
_KNOWN = frozenset({*_SHAPE, *_RATE, *_POSE, *(name for _, names in _ROWS for name in names)})


def dump(track: FaceTrack, mix: Mix) -> Iterator[bytes]:
    """``expression`` (T, 100), ``jaw_pose``, ``neck_pose`` (T, 3), ``eyes_pose`` (T, 6) and ``fps``."""
    rows = npy.rows_of(track, mix)
    stream = io.BytesIO()
    np.savez_compressed(
        stream, expression=rows[:, flame.EXP], jaw_pose=rows[:, flame.JAW], neck_pose=rows[:, flame.NECK],
        eyes_pose=rows[:, _BOTH_EYES], fps=np.float32(track.fps),
    )  # fmt: skip
    yield stream.getvalue()


def parse(data: bytes, source: str, fps: float | None = None) -> FaceTrack:
    """The track in arrays of the usual names. ``fps``: the rate, where it is not as the file says.

    Raises UserError where there are neither expressions nor a jaw, and for what is damaged.
    """
    arrays = _arrays(data)
    pose = next((arrays[name] for name in _POSE if name in arrays), None)
    if pose is not None and pose.shape[-1:] == (6,):
        arrays = {"neck_pose": pose[..., :3], "jaw_pose": pose[..., 3:]} | arrays
    tables = [
        (columns, _rows(arrays[name], columns))
        for columns, names in _ROWS if (name := next((n for n in names if n in arrays), ""))
    ]  # fmt: skip
    if not any(columns in (flame.EXP, flame.JAW) for columns, _ in tables):
        listed = ", ".join(list(arrays)[:6]) or "nothing that is known"
        raise UserError(f"it holds {listed}, but neither expression nor jaw_pose, so this is no FLAME track.")
    length = max(len(table) for _, table in tables)
    rows = np.zeros((length, FLAME_COLUMNS), np.float32)
    for columns, table in tables:
        if len(table) not in (1, length):
            raise UserError(f"its arrays have {length} and {len(table)} frames; they must be equal.")
        rows[:, columns.start : columns.start + table.shape[1]] = table
    rate = next((_rate(arrays[name]) for name in _RATE if name in arrays), 0.0)
    notes = [] if fps or rate else [f"It tells no rate; {npy.RATE:g} frames a second were assumed."]
    if fps and rate and abs(fps - rate) > 1e-3:
        notes.append(f"It says {rate:g} frames a second; {fps:g} were taken, as asked.")
    if any(np.any(arrays[name]) for name in _SHAPE if name in arrays):
        notes.append(npy.IDENTITY)
    return npy.track_of(rows, fps or rate or npy.RATE, source, notes)


def _arrays(data: bytes) -> dict[str, Array]:
    """The arrays of numbers in the file, by name in small letters."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            wanted = {member: name for member in archive.infolist() if (name := _name(member.filename)) in _KNOWN}
            if sum(member.file_size for member in wanted) > LARGEST:
                raise UserError(f"it is too large for a track ({LARGEST >> 20} MB at most).")
            members = {name: archive.read(member) for member, name in wanted.items()}
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise UserError("it is no .npz file, or a damaged one.") from error
    return {name: npy.finite(npy.loaded(content), name) for name, content in members.items()}


def _name(member: str) -> str:
    """What the array in ``member`` of the archive is called."""
    return member.removesuffix(".npy").lower() if member.endswith(".npy") else ""


def _rows(table: Array, columns: slice) -> Array:
    """(T, n) of an array that may have lengths of 1 about it. Raises UserError where that does not fit ``columns``."""
    width = columns.stop - columns.start
    while table.ndim > 2:
        axis = next((i for i in range(table.ndim - 1) if table.shape[i] == 1), None)
        if axis is None:
            raise UserError(f"one of its arrays is {' x '.join(map(str, table.shape))}; a track has T x {width}.")
        table = table.squeeze(axis)
    table = table.reshape(1, -1) if table.ndim < 2 else table
    fits = 0 < table.shape[1] <= width if columns == flame.EXP else table.shape[1] == width
    if not fits or not len(table):
        raise UserError(f"one of its arrays is {' x '.join(map(str, table.shape))}; a track has T x {width}.")
    return table


def _rate(table: Array) -> float:
    return max(float(table.ravel()[0]), 0.0) if table.size else 0.0
