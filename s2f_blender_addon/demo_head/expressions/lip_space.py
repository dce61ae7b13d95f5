"""Where every point stands to the lips: which lip it belongs to, how near it is, how far along.

At rest the lips coincide, so positions alone cannot tell them apart. Here the mouth is opened a little on paper first;
every smooth function of these coordinates then parts the lips cleanly and keeps the corners whole.
"""

from dataclasses import dataclass

import numpy as np

from ..anatomy import mouth
from ..anatomy.face import Face
from ..anatomy.sheet import Ints
from ..curves import Floats, step

OPENED = 10.0
"""Millimetres by which each lip is moved away on paper at the middle."""

FOLLOWING = [1.0, 1.0, 1.0, 0.95, 0.8, 0.5, 0.2, 0.0, 0.0]
"""How much of a lip's movement reaches the loops from RIM inwards."""


@dataclass(frozen=True)
class LipSpace:
    """All (N,): ``lower`` 0 upper lip … 1 lower lip, one half at the corners; ``distance`` mm in the frontal plane from
    the line between the lips; ``inside`` 1 on the skin … 0 deep in the mouth; ``along`` x by the mouth's half width;
    ``hollow`` how far a point of the mouth's hollow belongs to the lower jaw, NaN on skin and lips.
    """

    lower: Floats
    distance: Floats
    inside: Floats
    along: Floats
    hollow: Floats

    def near(self, reach: float) -> Floats:
        """1 at the lips, falling as a bell of deviation ``reach`` mm round them and into the mouth."""
        return np.asarray(np.exp(-0.5 * (self.distance / reach) ** 2) * self.inside)


def both_sides(face: Face, left_table: Ints, values: Floats, elsewhere: float = 0.0) -> Floats:
    """(N,) ``elsewhere`` with ``values`` written at the vertices of ``left_table`` and their mirror images."""
    result = np.full(len(face.vertices), elsewhere)
    result[left_table] = values
    result[face.twin[left_table]] = values
    return result


def lip_space(face: Face) -> LipSpace:
    """The coordinates of the vertices of ``face``, which its loops round the mouth tell."""
    loops, spokes = face.mouth.shape
    _, lip = mouth.spread(spokes)
    to_border = np.clip(np.arange(loops) / mouth.BORDER, 0, 1)[:, None]
    label = both_sides(face, face.mouth, to_border * lip)
    depth = np.ones(loops)
    depth[mouth.RIM :] = FOLLOWING
    following = both_sides(face, face.mouth, np.repeat(depth[:, None], spokes, 1), elsewhere=np.nan)
    hollow = np.tile(0.5 - 0.5 * lip, (loops - mouth.RIM - 3, 1))
    hollow[-1] = 0.5  # the throat stays shut
    return lip_space_of(
        face.vertices, label, following, both_sides(face, face.mouth[mouth.RIM + 3 :], hollow, elsewhere=np.nan)
    )


def lip_space_of(points: Floats, label: Floats, following: Floats, hollow: Floats) -> LipSpace:
    """The coordinates of ``points`` (N, 3) that stand to the lips as is told, all (N,).

    label: 1 the upper lip … -1 the lower one, 0 where height alone tells; following: how much of a lip's movement
    reaches the point, NaN where its depth tells; hollow: see ``LipSpace``.
    """
    x, y, z = points.T
    inside = np.where(np.isnan(following), step(20, -25, y), following)
    along = x / mouth.HALF_WIDTH
    over = z - mouth.line(x)
    opened = over + label * OPENED * np.maximum(1 - along**2, 0) ** 0.3
    lower = step(0.04, 0.96, 0.5 - 0.5 * opened / np.maximum(np.hypot(opened, x), 1e-9))
    outside = np.hypot(np.maximum(np.abs(x) - mouth.HALF_WIDTH, 0), over)
    distance = np.where(following < 1, 0.0, outside)
    return LipSpace(lower, distance, inside, along, hollow)
