"""A head looked at from the front, ray by ray: how deep its skin lies, and which face is met."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..demo_head.curves import Floats
from .mesh import Ints, Mask, Mesh

if TYPE_CHECKING:
    from mathutils.bvhtree import BVHTree

_FAR = 1000.0


@dataclass(frozen=True)
class Front:
    """The pieces ``skin`` (V,) of ``mesh``, whose face looks to -y."""

    mesh: Mesh
    skin: Mask

    @cached_property
    def faces(self) -> Ints:
        """The numbers of the triangles that are skin."""
        return np.flatnonzero(self.skin[self.mesh.triangles[:, 0]])

    @cached_property
    def tree(self) -> "BVHTree":
        from mathutils.bvhtree import BVHTree

        return BVHTree.FromPolygons(
            self.mesh.points.tolist(), self.mesh.triangles[self.faces].tolist(), all_triangles=True
        )

    def depth(self, x: Floats, z: Floats) -> Floats:
        """(n,) y of the skin that is seen at ``x``, ``z`` (n,); inf where there is none."""
        hits = [self.tree.ray_cast((a, -_FAR, b), (0, 1, 0))[0] for a, b in zip(x.tolist(), z.tolist(), strict=True)]
        return np.array([np.inf if hit is None else hit[1] for hit in hits])

    def face(self, x: Floats, z: Floats) -> Ints:
        """(n,) the triangle that is seen there; -1 where there is none."""
        hits = [self.tree.ray_cast((a, -_FAR, b), (0, 1, 0))[2] for a, b in zip(x.tolist(), z.tolist(), strict=True)]
        return np.array([-1 if hit is None else self.faces[hit] for hit in hits], np.int64)

    def side(self, y: float, z: float, outwards: int) -> Floats | None:
        """(3,) where the skin is met from the left (``outwards`` 1) or from the right (-1)."""
        hit = self.tree.ray_cast((outwards * _FAR, y, z), (-outwards, 0, 0))[0]
        return None if hit is None else np.array(hit, float)

    def place(self, x: float, z: float) -> Floats | None:
        """(3,) the skin that is seen at ``x``, ``z``."""
        y = float(self.depth(np.array([x]), np.array([z]))[0])
        return np.array([x, y, z]) if np.isfinite(y) else None
