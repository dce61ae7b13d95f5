"""How far jaw, eyes, lids and head turn for the channels, as quaternions and as rotation vectors.

Positive angles are right-handed: about ``left`` they lower what points forward, about ``up`` they turn it to the
character's left, about ``forward`` they lean it to the character's right.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .channels import INDEX
from .track import Array

Quaternions = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float64]

JAW_OPEN, JAW_SIDE = np.radians(19), np.radians(7)
EYE_UP, EYE_DOWN, EYE_SIDE = np.radians(25), np.radians(30), np.radians(35)
LID_DOWN = np.radians(40)


@dataclass(frozen=True)
class Axes:
    """Unit vectors in which a face stands."""

    left: Floats
    up: Floats

    @property
    def forward(self) -> Floats:
        return np.cross(self.left, self.up)


def turns(role: str, curves: Array, head: Array, directions: Axes, strength: float = 1.0) -> Quaternions:
    """(T, 4) w x y z: how the bone of ``role`` turns for ``curves`` (T, 52) and ``head`` (T, 3).

    ``strength`` is a multiple of the usual turn of a jaw that opens.
    """

    def channel(name: str) -> Floats:
        return curves[:, INDEX[name]].astype(np.float64)

    if role == "head":
        yaw, pitch, roll = head.astype(np.float64).T
        nod = product(about(directions.left, pitch), about(directions.forward, roll))
        return product(about(directions.up, yaw), nod)
    if role == "jaw":
        side = JAW_SIDE * (channel("jawLeft") - channel("jawRight"))
        return product(about(directions.up, side), about(directions.left, strength * JAW_OPEN * channel("jawOpen")))
    name = role.partition("_")[2].capitalize()
    if role.startswith("lid"):
        return about(directions.left, LID_DOWN * channel(f"eyeBlink{name}"))
    outward = channel(f"eyeLookOut{name}") - channel(f"eyeLookIn{name}")
    to_left = EYE_SIDE * (outward if name == "Left" else -outward)
    down = EYE_DOWN * channel(f"eyeLookDown{name}") - EYE_UP * channel(f"eyeLookUp{name}")
    return product(about(directions.up, to_left), about(directions.left, down))


def about(axis: Floats, angle: Floats) -> Quaternions:
    """(T, 4) turns by ``angle`` (T,) about ``axis`` (3,)."""
    return np.concatenate([np.cos(angle / 2)[:, None], np.sin(angle / 2)[:, None] * axis], axis=1)


def product(one: Quaternions, other: Quaternions) -> Quaternions:
    """Hamilton product: ``other`` first, then ``one``."""
    w, v = one[:, :1], one[:, 1:]
    s, u = other[:, :1], other[:, 1:]
    return np.concatenate([w * s - (v * u).sum(1, keepdims=True), w * u + s * v + np.cross(v, u)], axis=1)


def of_vectors(vectors: Floats | Array) -> Quaternions:
    """(T, 4) turns of rotation vectors (T, 3): axis times angle in radians."""
    half = vectors.astype(np.float64) / 2
    angle = np.linalg.norm(half, axis=1, keepdims=True)
    return np.concatenate([np.cos(angle), np.sinc(angle / np.pi) * half], axis=1)


def upright(turn: Quaternions, directions: Axes) -> Quaternions:
    """(T, 4) turns about x, y and z as the same about ``directions``: left, up and forward."""
    rows = np.stack([directions.left, directions.up, directions.forward])
    return np.concatenate([turn[:, :1], turn[:, 1:] @ rows], axis=1)


def flat(turn: Quaternions, directions: Axes) -> Quaternions:
    """(T, 4) the other way round: turns about ``directions`` as the same about x, y and z."""
    rows = np.stack([directions.left, directions.up, directions.forward])
    return np.concatenate([turn[:, :1], turn[:, 1:] @ rows.T], axis=1)


def vectors_of(turn: Quaternions) -> Floats:
    """(T, 3) rotation vectors of turns (T, 4), the short way round."""
    turn = np.where(turn[:, :1] < 0, -turn, turn)
    sine = np.linalg.norm(turn[:, 1:], axis=1, keepdims=True)
    angle = 2 * np.arctan2(sine, turn[:, :1])
    vectors: Floats = turn[:, 1:] * np.where(sine > 1e-12, angle / np.maximum(sine, 1e-12), 2.0)
    return vectors


def eulers_of(turn: Quaternions, order: str) -> Floats:
    """(T, 3) angles x, y, z of turns (T, 4) in Blender's ``order`` of axes, 'XYZ': about x first.

    Shoemake, Euler angle conversion, Graphics Gems IV, 1994.
    """
    first, second, third = ("XYZ".index(axis) for axis in order)
    odd = order not in ("XYZ", "YZX", "ZXY")
    matrix = matrices_of(turn)
    level = np.hypot(matrix[:, first, first], matrix[:, second, first])
    angles = np.empty((len(turn), 3))
    angles[:, first] = np.arctan2(matrix[:, third, second], matrix[:, third, third])
    angles[:, second] = np.arctan2(-matrix[:, third, first], level)
    angles[:, third] = np.arctan2(matrix[:, second, first], matrix[:, first, first])
    return np.negative(angles) if odd else angles


def matrices_of(turn: Quaternions) -> Floats:
    """(T, 3, 3) rotation matrices of turns (T, 4) of length 1."""
    w, x, y, z = turn.T
    rows = [
        1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
        2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
        2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
    ]  # fmt: skip
    matrices: Floats = np.stack(rows, axis=1).reshape(-1, 3, 3)
    return matrices
