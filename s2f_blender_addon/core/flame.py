"""FLAME's coefficients in time: one row a frame, what the columns are, and what of them the 52 channels can tell.

Rotations are FLAME's own: axis times angle in radians; x is the character's left, y up, z out of the face.
Li et al., Learning a model of facial shape and expression from 4D scans, 2017. Nothing of the model itself is here.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .blend import OPENERS, lip_gap
from .channels import CHANNELS, INDEX
from .json_object import JsonObject
from .track import FLAME_COLUMNS, Array
from .turns import (
    EYE_DOWN,
    EYE_SIDE,
    EYE_UP,
    JAW_OPEN,
    JAW_SIDE,
    Axes,
    Quaternions,
    matrices_of,
    of_vectors,
    turns,
    vectors_of,
)

Floats = npt.NDArray[np.float64]

MOST_EXP, MOST_SHAPE = 100, 300
"""Coefficients of expression and of identity that FLAME has."""

EXP, JAW, NECK = slice(0, 100), slice(100, 103), slice(103, 106)
EYES = {"eye_left": slice(106, 109), "eye_right": slice(109, 112)}
"""Columns of a row: standard deviations of expression, and rotations of four joints."""

JOINTS: dict[str, tuple[int, slice]] = {
    "head": (1, NECK), "jaw": (2, JAW), "eye_left": (3, EYES["eye_left"]), "eye_right": (4, EYES["eye_right"]),
}  # fmt: skip
"""Role of a bone -> FLAME's number of the joint and its columns; there is no head joint, so the neck nods."""

STANDING = Axes(np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
"""The axes in which FLAME stands."""

JAW_CHANNELS = ("jawForward", "jawLeft", "jawRight", "jawOpen", "mouthClose")
"""Channels for which the jaw may turn."""


@dataclass(frozen=True)
class FlameFit:
    """How a FLAME head shows channels.

    weights: channel -> (K,) of the expressions; turns: channel -> (3,) rotation of the jaw; left, size: channel -> mm
    that the fit misses, and that the channel moves; missing: channels that are not shown.
    """

    weights: dict[str, Floats]
    turns: dict[str, Floats]
    left: dict[str, float]
    size: dict[str, float]
    missing: tuple[str, ...]

    def jaw(self) -> Floats:
        """(52, 3) the jaw's rotation of every channel."""
        found = np.zeros((len(CHANNELS), 3))
        for name, turn in self.turns.items():
            found[INDEX[name]] = turn
        return found

    def to_json(self) -> JsonObject:
        return {
            "weights": {name: np.round(weights, 5).tolist() for name, weights in self.weights.items()},
            "turns": {name: np.round(turn, 6).tolist() for name, turn in self.turns.items()},
            "left": {name: round(mm, 3) for name, mm in self.left.items()},
            "size": {name: round(mm, 3) for name, mm in self.size.items()},
            "missing": list(self.missing),
        }  # fmt: skip

    @staticmethod
    def from_json(saved: Any) -> "FlameFit":
        """Raises ValueError, KeyError, TypeError or AttributeError for what ``to_json`` has not made."""
        weights, turns = ({str(n): np.array(row, float) for n, row in saved[k].items()} for k in ("weights", "turns"))
        left, size = ({str(n): float(mm) for n, mm in saved[k].items()} for k in ("left", "size"))
        return FlameFit(weights, turns, left, size, tuple(saved["missing"]))

    def rows(self, curves: Array, head: Array) -> Array:
        """(T, 112) the coefficients that show ``curves`` (T, 52) and ``head`` (T, 3)."""
        matrix = np.zeros((len(CHANNELS), MOST_EXP))
        for name, weights in self.weights.items():
            matrix[INDEX[name], : len(weights)] = weights[:MOST_EXP]
        found = jaw_alone(curves, head)
        found[:, EXP], found[:, JAW] = curves @ matrix, curves @ self.jaw()
        return found


def jaw_alone(curves: Array, head: Array) -> Array:
    """(T, 112) what bones can show of ``curves`` (T, 52) and ``head`` (T, 3), the expressions at 0.

    The jaw follows the gap between the lips, so that they meet without an expression that closes them.
    """
    found = np.zeros((len(curves), FLAME_COLUMNS), np.float32)
    speaking = curves.copy()
    speaking[:, INDEX["jawOpen"]] = np.clip(lip_gap(curves) / OPENERS["jawOpen"], 0.0, 1.0)
    for role, (_, columns) in JOINTS.items():
        found[:, columns] = vectors_of(turns(role, speaking, head, STANDING))
    return found


def channels_of(rows: Array) -> tuple[Array, Array]:
    """((T, 52), (T, 3)) what of ``rows`` (T, 112) the channels and the head tell: jaw, eyes and neck."""
    curves = np.zeros((len(rows), len(CHANNELS)), np.float32)

    def show(positive: str, negative: str, angle: Array, most: float, least: float | None = None) -> None:
        curves[:, INDEX[positive]] = np.clip(angle / most, 0, 1)
        if negative:
            curves[:, INDEX[negative]] = np.clip(-angle / (least or most), 0, 1)

    show("jawOpen", "", rows[:, JAW.start], JAW_OPEN)
    show("jawLeft", "jawRight", rows[:, JAW.start + 1], JAW_SIDE)
    for side, outward in (("Left", 1), ("Right", -1)):
        down, to_left = rows[:, EYES[f"eye_{side.lower()}"]].T[:2]
        show(f"eyeLookDown{side}", f"eyeLookUp{side}", down, EYE_DOWN, EYE_UP)
        show(f"eyeLookOut{side}", f"eyeLookIn{side}", outward * to_left, EYE_SIDE)
    matrix = matrices_of(of_vectors(rows[:, NECK]))
    # R = Ry(yaw) Rx(pitch) Rz(roll)
    yaw, pitch = np.arctan2(matrix[:, 0, 2], matrix[:, 2, 2]), np.arcsin(np.clip(-matrix[:, 1, 2], -1, 1))
    roll = np.arctan2(matrix[:, 1, 0], matrix[:, 1, 1])
    return curves, np.stack([yaw, pitch, roll], axis=1).astype(np.float32)


def correctives(turn: Quaternions) -> Array:
    """(T, 9) the pose correctives of a joint that turns by ``turn`` (T, 4) in FLAME's axes: R - 1, row by row."""
    values: Array = (matrices_of(turn) - np.eye(3)).reshape(-1, 9).astype(np.float32)
    return values
