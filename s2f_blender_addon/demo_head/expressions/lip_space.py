"""Where every vertex stands to the lips: which lip it belongs to, how near it is, how far along.

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
    the line between the lips; ``inside`` 1 on the skin … 0 deep in the mouth; ``along`` x by the mouth's half width.
    """

    lower: Floats
    distance: Floats
    inside: Floats
    along: Floats

    def near(self, reach: float) -> Floats:
        """1 at the lips, falling as a bell of deviation ``reach`` mm round them and into the mouth."""
        return np.asarray(np.exp(-0.5 * (self.distance / reach) ** 2) * self.inside)


def both_sides(face: Face, left_table: Ints, values: Floats) -> Floats:
    """(N,) zeros with ``values`` written at the vertices of ``left_table`` and their mirror images."""
    result = np.zeros(len(face.vertices))
    result[left_table] = values
    result[face.twin[left_table]] = values
    return result


def lip_space(face: Face) -> LipSpace:
    x, y, z = face.vertices.T
    loops, spokes = face.mouth.shape
    _, lip = mouth.spread(spokes)
    to_border = np.clip(np.arange(loops) / mouth.BORDER, 0, 1)[:, None]
    label = both_sides(face, face.mouth, to_border * lip)
    depth = np.ones(loops)
    depth[mouth.RIM :] = FOLLOWING
    inside = np.ones(len(x)) * step(20, -25, y)
    pocket = both_sides(face, face.mouth, np.repeat(depth[:, None], spokes, 1))
    patch = both_sides(face, face.mouth, np.ones((loops, spokes))) > 0
    inside[patch] = pocket[patch]

    along = x / mouth.HALF_WIDTH
    over = z - mouth.line(x)
    opened = over + label * OPENED * np.maximum(1 - along**2, 0) ** 0.3
    lower = step(0.04, 0.96, 0.5 - 0.5 * opened / np.hypot(opened, x))
    outside = np.hypot(np.maximum(np.abs(x) - mouth.HALF_WIDTH, 0), over)
    distance = np.where(patch & (pocket < 1), 0.0, outside)
    return LipSpace(lower, distance, inside, along)
