"""Live Link Face CSV: what Apple's depth camera apps record and what Unreal, Faceit and many others read.

``Timecode,BlendshapeCount`` and 61 columns: 52 blendshapes in PascalCase, head yaw, pitch and roll, then the same of
each eye, all angles in radians (yaw to the face's own left, pitch down). Columns bind by name; their order here is
that of the app, which has right before left for the jaw and the mouth.
"""

import math

import numpy as np

from ..blend import Mix, mixed
from ..channels import CHANNELS, INDEX
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


def parse(data: bytes, source: str, fps: float | None = None) -> FaceTrack:
    """A captured track from any table of blendshapes; see ``captured_table``."""
    return captured_table.parse(data, source, fps)
