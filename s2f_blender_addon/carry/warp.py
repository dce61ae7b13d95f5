"""From one head to another: first size and pose, then a smooth deformation through all landmarks."""

from dataclasses import dataclass

import numpy as np

from ..demo_head.curves import Floats

_SOFT = 0.3
"""Millimetres by which a landmark may be missed for the sake of a smooth deformation, about."""

_ROUND = 3.0
"""Millimetres around a landmark within which the kernel is rounded off: its cusp would be a spike on a vertex there."""

_CHUNK = 20_000
"""Points at once, which bounds memory."""


@dataclass(frozen=True)
class Pose:
    """``there(p) = scale · turn · p + shift``: a change of size, direction and place."""

    scale: float
    turn: Floats
    shift: Floats

    @classmethod
    def between(cls, source: Floats, target: Floats) -> "Pose":
        """The one that brings ``source`` (L, 3) nearest to ``target`` (L, 3). Umeyama, PAMI 13(4), 1991."""
        middle, there = source.mean(axis=0), target.mean(axis=0)
        u, s, v = np.linalg.svd((target - there).T @ (source - middle))
        sign = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ v))])
        turn = (u * sign) @ v
        scale = float((s * sign).sum() / ((source - middle) ** 2).sum())
        return cls(scale, turn, there - scale * turn @ middle)

    def there(self, points: Floats) -> Floats:
        """(…, 3) where ``points`` (…, 3) come to lie."""
        placed: Floats = self.scale * points @ self.turn.T + self.shift
        return placed

    def back(self, moves: Floats) -> Floats:
        """(…, 3) displacements over there as they are here."""
        returned: Floats = moves @ self.turn / self.scale
        return returned


class Warp:
    """A thin-plate spline in space: affine, plus a kernel at every landmark, |r| (biharmonic in 3-D) rounded off.

    Bookstein, PAMI 11(6), 1989; the rounding is Hardy's multiquadric, J. Geophys. Res. 76(8), 1971.
    """

    def __init__(self, source: Floats, target: Floats, soft: float = _SOFT) -> None:
        """Through ``source`` (L, 3), which come to ``target`` (L, 3), or nearly: see _SOFT."""
        count = len(source)
        kernel = np.sqrt(((source[:, None] - source[None]) ** 2).sum(axis=2) + _ROUND**2)
        kernel[np.diag_indices(count)] -= soft  # the kernel is conditionally negative definite
        flat = np.hstack([np.ones((count, 1)), source])
        system = np.block([[kernel, flat], [flat.T, np.zeros((4, 4))]])
        solved = np.linalg.lstsq(system, np.vstack([target, np.zeros((4, 3))]), rcond=None)[0]
        self._centres, self._weights, self._affine = source, solved[:count], solved[count:]

    def __call__(self, points: Floats) -> Floats:
        """(N, 3) where ``points`` (N, 3) come to lie."""
        placed = np.empty_like(points)
        for first in range(0, len(points), _CHUNK):
            part = points[first : first + _CHUNK]
            placed[first : first + _CHUNK] = (
                self._distances(part) @ self._weights + part @ self._affine[1:] + self._affine[0]
            )
        return placed

    def slopes(self, points: Floats) -> Floats:
        """(N, 3, 3) derivative of each coordinate there (first axis) by each one here."""
        found = np.empty((len(points), 3, 3))
        for first in range(0, len(points), _CHUNK):
            part = points[first : first + _CHUNK]
            inverse = 1 / self._distances(part)
            for axis in range(3):
                pull = (part[:, None, axis] - self._centres[None, :, axis]) * inverse
                found[first : first + _CHUNK, :, axis] = pull @ self._weights + self._affine[1 + axis]
        return found

    def source_of(self, place: Floats, guess: Floats, rounds: int = 20) -> Floats:
        """(3,) the point that comes to ``place`` (3,): Newton's method from ``guess`` (3,)."""
        point = guess[None].astype(np.float64)
        for _ in range(rounds):
            step = np.linalg.solve(self.slopes(point)[0], place - self(point)[0])
            point = point + np.clip(step, -10, 10)
        return np.asarray(point[0])

    def _distances(self, points: Floats) -> Floats:
        """(N, L) from ``points`` (N, 3) to each landmark, rounded off."""
        square = (points**2).sum(axis=1)[:, None] - 2 * points @ self._centres.T + (self._centres**2).sum(axis=1)
        distances: Floats = np.sqrt(np.maximum(square, 0.0) + _ROUND**2)
        return distances


@dataclass(frozen=True)
class Way:
    """How displacements come from the demo head to points that ``warp`` lays over it.

    points (N, 3): where they lie at rest, here; there (N, 3): over the demo head; back (N, 3, 3): there to here.
    """

    warp: Warp
    points: Floats
    there: Floats
    back: Floats

    @classmethod
    def of(cls, warp: Warp, points: Floats) -> "Way":
        """The way for ``points`` (N, 3)."""
        slopes = warp.slopes(points)
        return cls(warp, points, warp(points), np.linalg.pinv(slopes, rcond=0.1))

    def carried(self, moves: Floats, rounds: int = 2) -> Floats:
        """(N, 3) the displacements here of points that move by ``moves`` (N, 3) there.

        A displacement is no mere arrow: its end is looked for (Newton with the slope at rest), as far as that is near.
        """
        result = np.zeros_like(moves)
        moving = np.flatnonzero(np.abs(moves).max(axis=1) > _STILL)
        back, wanted = self.back[moving], self.there[moving] + moves[moving]
        first = np.einsum("nij,nj->ni", back, moves[moving])
        most = _BENT * np.linalg.norm(first, axis=1, keepdims=True)
        here = first
        for _ in range(rounds):
            miss = wanted - self.warp(self.points[moving] + here)
            bent = here + np.einsum("nij,nj->ni", back, miss) - first
            here = first + bent * np.minimum(1, most / np.maximum(np.linalg.norm(bent, axis=1, keepdims=True), 1e-12))
        result[moving] = here
        return result


_STILL = 1e-4
"""Millimetres of a displacement that nobody sees."""

_BENT = 0.3
"""Share of a displacement by which its end may lie off the straight way."""
