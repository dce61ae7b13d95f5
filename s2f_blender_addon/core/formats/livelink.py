"""Live Link Face CSV: what Apple's depth camera apps record and what Unreal, Faceit and many others read.

``Timecode,BlendshapeCount`` and 61 columns: 52 blendshapes in PascalCase, head yaw, pitch and roll, then the same of
each eye, all angles in radians (yaw to the face's own left, pitch down). Columns bind by name; their order here is
that of the app, which has right before left for the jaw and the mouth.
"""

import math
from collections.abc import Iterator

import numpy as np

from ..blend import BLOCK, Mix, mixed
from ..channels import CHANNELS, INDEX, indices
from ..track import Array, FaceTrack
from . import captured_table, timecode
from .columns import HEAD

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
_COLUMNS = indices(SHAPES)
_DECIMALS = 6


def dump(track: FaceTrack, mix: Mix) -> Iterator[bytes]:
    """The track's values under ``mix``: one row a frame at the track's own times, six decimals."""
    values, times = mixed(track, mix), track.times
    yield f"{HEADER}\n".encode("ascii")
    for first in range(0, len(values), BLOCK):
        now = slice(first, first + BLOCK)
        shapes = values[now, _COLUMNS]
        table = np.concatenate([shapes, track.head[now], eye_angles(values[now])], axis=1)
        rows = zip(times[now].tolist(), _rows(table), strict=True)
        yield b"".join(b"%b,61,%b" % (timecode.timecode(time).encode("ascii"), row) for time, row in rows)


def _rows(table: Array) -> Iterator[bytes]:
    """Lines of (T, N) numbers as "%.6f" writes them, but without -0.000000; all at once, which takes a third of its
    time: digits are laid out in cells of one width, and cells that a number does not need are left out.
    """
    whole = np.rint(np.abs(table.astype(np.float64)) * 10**_DECIMALS)
    largest = int(whole.max(initial=0))
    rest, places = whole.astype(np.min_scalar_type(largest)), max(len(str(largest)), _DECIMALS + 1)
    text = np.empty((*table.shape, places + 3), np.uint8)  # sign, digits, point, comma
    needed = np.ones(text.shape, bool)
    text[..., 0], needed[..., 0] = ord("-"), (table < 0) & (rest > 0)
    for place in range(places):
        cell = places - place + (place < _DECIMALS)
        needed[..., cell] = (rest > 0) | (place <= _DECIMALS)
        rest, digit = np.divmod(rest, 10)
        text[..., cell] = digit + ord("0")
    text[..., -2 - _DECIMALS], text[..., -1], text[:, -1, -1] = ord("."), ord(","), ord("\n")
    line, first = text[needed].tobytes(), 0
    for last in np.cumsum(needed.sum((1, 2))).tolist():
        yield line[first:last]
        first = last


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


def parse(data: bytes, source: str, fps: float | None = None) -> FaceTrack:
    """A captured track from any table of blendshapes; see ``captured_table``."""
    return captured_table.parse(data, source, fps)
