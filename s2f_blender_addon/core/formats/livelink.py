"""Live Link Face CSV: what Apple's depth camera apps record and what Unreal, Faceit and many others read.

``Timecode,BlendshapeCount`` and 61 columns: 52 blendshapes in PascalCase, head yaw, pitch and roll, then the same of
each eye, all angles in radians (yaw to the face's own left, pitch down). Columns bind by name; their order here is
that of the app, which has right before left for the jaw and the mouth.
"""

import csv
import math

import numpy as np
import numpy.typing as npt

from ..blend import Mix, mixed
from ..channels import CHANNELS, INDEX
from ..errors import UserError
from ..track import Array, FaceTrack, Provenance
from . import columns, timecode

HEAD = ("HeadYaw", "HeadPitch", "HeadRoll")
EYES = ("LeftEyeYaw", "LeftEyePitch", "LeftEyeRoll", "RightEyeYaw", "RightEyePitch", "RightEyeRoll")

FULL_LOOK = math.radians(30)
"""Angle of an eye whose eyeLook channel is at 1."""


def _app_order() -> tuple[str, ...]:
    names = list(CHANNELS)
    for left, right in (("jawLeft", "jawRight"), ("mouthLeft", "mouthRight")):
        i, j = INDEX[left], INDEX[right]
        names[i], names[j] = names[j], names[i]
    return tuple(names)


SHAPES = _app_order()
HEADER = ",".join(("Timecode", "BlendshapeCount", *(n[0].upper() + n[1:] for n in SHAPES), *HEAD, *EYES))


def dump(track: FaceTrack, mix: Mix) -> bytes:
    """The track's values under ``mix``: one row a frame at the track's own times, six decimals."""
    values = mixed(track, mix)
    shapes = values[:, [INDEX[name] for name in SHAPES]]
    table = np.concatenate([shapes, track.head, eye_angles(values)], axis=1).astype(np.float64)
    form = "%s,61," + ",".join(["%.6f"] * table.shape[1])
    table[np.abs(table) < 5e-7] = 0.0  # no -0.000000
    rows = [form % (timecode.timecode(t), *row) for t, row in zip(track.times.tolist(), table.tolist(), strict=True)]
    return "\n".join((HEADER, *rows, "")).encode("ascii")


def eye_angles(values: Array) -> Array:
    """(T, 6) yaw, pitch, roll of the left and the right eye in radians, from the eyeLook channels of (T, 52)."""

    def look(name: str) -> Array:
        return values[:, INDEX[name]]

    angles = np.zeros((len(values), 6), np.float32)
    angles[:, 0] = look("eyeLookOutLeft") - look("eyeLookInLeft")
    angles[:, 1] = look("eyeLookDownLeft") - look("eyeLookUpLeft")
    angles[:, 3] = look("eyeLookInRight") - look("eyeLookOutRight")
    angles[:, 4] = look("eyeLookDownRight") - look("eyeLookUpRight")
    return angles * np.float32(FULL_LOOK)


def parse(data: bytes, source: str) -> FaceTrack:
    """A captured track: any letter case, ``_L``/``_R``, any order and number of columns, gaps filled linearly.

    The time is a ``Timecode`` column, counted from its first row (midnight may pass), or a ``time`` column in
    seconds. Rows that repeat a time replace the one before. Raises UserError that names the line at fault.
    """
    lines = _lines(data)
    header_line, header = lines[0]
    found = columns.channels(header)
    if not found:
        raise UserError(f"line {header_line} names no ARKit blendshape, so this is no Live Link Face file.")
    names = [name.strip().lower() for name in header]
    clock = next((names.index(name) for name in ("timecode", "time") if name in names), None)
    if clock is None:
        raise UserError(f"line {header_line} has neither a Timecode nor a time column.")
    head = [names.index(name.lower()) for name in HEAD] if all(n.lower() in names for n in HEAD) else []
    read_time = timecode.seconds if names[clock] == "timecode" else float
    wanted = [*found, *head]
    times, table = np.empty(len(lines) - 1), np.empty((len(lines) - 1, len(wanted)))
    for i, (number, cells) in enumerate(lines[1:]):
        try:
            times[i] = read_time(cells[clock])
            table[i] = [float(cells[c] or 0) for c in wanted]
        except (ValueError, IndexError) as error:
            raise UserError(f"line {number} is damaged; it should hold a time and {len(wanted)} numbers.") from error
        if not (np.isfinite(times[i]) and np.isfinite(table[i]).all()):
            raise UserError(f"line {number} holds a value that is not a number.")
    if not len(times):
        raise UserError("there is a header but no frame below it.")
    if names[clock] == "timecode":
        times = timecode.unwrapped(times)
        times -= times[0]
    return _track(times, table, [n for n, _ in lines[1:]], list(found.values()), source)


def _lines(data: bytes) -> list[tuple[int, list[str]]]:
    """(line number, cells) of the header and of every line below it that is not blank."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError("it is not a text file.") from error
    lines = [(i, line) for i, line in enumerate(text.splitlines(), 1) if line.strip(" \t,;")]
    if not lines:
        raise UserError("the file is empty.")
    delimiter = max(",;\t", key=lines[0][1].count)
    try:
        return [(i, next(csv.reader([line], delimiter=delimiter))) for i, line in lines]
    except csv.Error as error:
        raise UserError(f"it is no table of numbers ({error}).") from error


def _track(
    times: npt.NDArray[np.float64], table: npt.NDArray[np.float64], numbers: list[int], found: list[int], source: str
) -> FaceTrack:
    """``table`` holds the channels ``found`` and, if it is wider, the head's three angles."""
    steps = np.diff(times)
    if (steps < 0).any():
        raise UserError(f"line {numbers[int(np.argmax(steps < 0)) + 1]}: the time goes back.")
    last = np.append(steps > 0, True)
    times, table = times[last], table[last]
    fps = timecode.frame_rate(times)
    table = timecode.on_grid(times, table, fps)
    values = np.zeros((len(table), len(CHANNELS)), np.float32)
    values[:, found] = table[:, : len(found)]
    head = table[:, len(found) :].astype(np.float32).reshape(-1, 3)
    return FaceTrack(values, np.zeros_like(values), fps, float(times[0]), Provenance(source=source), head)
