"""A FLAME head in numbers, read off a user's rig, and where its vertices go for coefficients.

Linear blend skinning with expressions and the jaw's correctives, of Li et al., Learning a model of facial shape and
expression from 4D scans, 2017; of the model itself nothing is here.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .flame import EXP, JAW, correctives
from .track import Array
from .turns import matrices_of, of_vectors

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class FlameFace:
    """All in millimetres and in mesh space: points (V, 3) at rest; exp (K, V, 3).

    jaw_share (V,) of the jaw's bone, jaw_at (3,), standing (3, 3): rows are FLAME's left, up and forward;
    pose (9, V, 3) the jaw's correctives, or (0, V, 3). Without a jaw jaw_share is 0.
    """

    points: Floats
    exp: Array
    jaw_share: Floats
    jaw_at: Floats
    standing: Floats
    pose: Array

    def moved(self, exp: Floats, turn: Floats) -> Floats:
        """(V, 3) displacement for the expressions ``exp`` (K,) and the jaw's ``turn`` (3,) in FLAME's axes."""
        shape: Floats = np.tensordot(exp.astype(np.float32), self.exp, 1).astype(np.float64)
        if not turn.any():
            return shape
        if len(self.pose):
            shape = shape + np.tensordot(correctives(of_vectors(turn[None]))[0], self.pose, 1)
        placed = self.points + shape
        moved: Floats = shape + self.jaw_share[:, None] * ((placed - self.jaw_at) @ (self.matrix(turn) - np.eye(3)).T)
        return moved

    def vertices(self, rows: Array) -> Floats:
        """(T, V, 3) of coefficients (T, 112), of which eyes and neck move nothing here."""
        exp = np.zeros((len(rows), len(self.exp)))
        count = min(len(self.exp), EXP.stop)
        exp[:, :count] = rows[:, :count]
        turns = rows[:, JAW].astype(np.float64)
        return self.points + np.stack([self.moved(*row) for row in zip(exp, turns, strict=True)])

    def matrix(self, turn: Floats) -> Floats:
        """(3, 3) the jaw's rotation in mesh space."""
        matrix: Floats = self.standing.T @ matrices_of(of_vectors(turn[None]))[0] @ self.standing
        return matrix
