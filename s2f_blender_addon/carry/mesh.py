"""A mesh as arrays: which vertices are joined, in how many pieces it comes, what is seen from the front."""

import heapq
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..demo_head.curves import Floats

if TYPE_CHECKING:
    from mathutils.bvhtree import BVHTree

Ints = npt.NDArray[np.int64]
Faces = npt.NDArray[np.integer[Any]]
Mask = npt.NDArray[np.bool_]

_SAME_PLACE = 0.01
"""Millimetres within which vertices at open edges are one: importers split a skin along the seams of its texture."""


@dataclass(frozen=True)
class Mesh:
    """points (V, 3) in millimetres of the demo head, the face looks to -y; triangles (F, 3)."""

    points: Floats
    triangles: Ints

    @cached_property
    def _counted(self) -> tuple[Ints, Ints]:
        """(E, 2) every edge once, lower number first, and (E,) how many faces it has."""
        t = self.triangles
        sides = np.sort(np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]]), axis=1)
        numbers, times = np.unique(sides[:, 0] * len(self.points) + sides[:, 1], return_counts=True)
        return np.stack(np.divmod(numbers, len(self.points)), axis=1), times

    @property
    def edges(self) -> Ints:
        """(E, 2) every edge once, lower number first."""
        edges: Ints = self._counted[0]
        return edges

    @cached_property
    def open_vertices(self) -> Ints:
        """Vertices at the rim of a hole or of a piece: an edge with one face only ends there."""
        sides, times = self._counted
        rim: Ints = np.unique(sides[times == 1])
        return rim

    @cached_property
    def seams(self) -> Ints:
        """(S, 2) pairs of vertices at open edges that lie in one place."""
        rim = self.open_vertices
        if not len(rim):
            return np.empty((0, 2), np.int64)
        cells = np.round(self.points[rim] / _SAME_PLACE).astype(np.int64)
        _, cell = np.unique(cells, axis=0, return_inverse=True)
        order = np.argsort(cell.ravel(), kind="stable")
        same = np.diff(cell.ravel()[order]) == 0
        return np.stack([rim[order[:-1][same]], rim[order[1:][same]]], axis=1)

    @cached_property
    def pieces(self) -> Ints:
        """(V,) the number of the piece that each vertex belongs to; seams join."""
        return joined(len(self.points), np.concatenate([self.edges, self.seams]))

    @cached_property
    def normals(self) -> Floats:
        """(V, 3) of length 1; they look out of the face, whichever way its faces are wound."""
        corners = self.points[self.triangles]
        flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        normals = np.zeros_like(self.points)
        for i in range(3):
            np.add.at(normals, self.triangles[:, i], flat)
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
        foremost = np.argsort(self.points[:, 1])[: max(len(normals) // 50, 1)]
        outwards: Floats = normals * (1.0 if normals[foremost, 1].sum() < 0 else -1.0)
        return outwards

    @cached_property
    def tree(self) -> "BVHTree":
        """A tree of the triangles, to find what lies near or before a point."""
        from mathutils.bvhtree import BVHTree

        return BVHTree.FromPolygons(self.points.tolist(), self.triangles.tolist(), all_triangles=True)

    def hidden(self, vertices: Ints) -> Mask:
        """Which of ``vertices`` (n,) cannot be seen from the front, since a face lies before them."""
        cast = self.tree.ray_cast
        places = self.points[vertices].tolist()
        hidden: Mask = np.array([cast((x, y - _OFF, z), (0, -1, 0))[0] is not None for x, y, z in places], bool)
        return hidden


_OFF = 0.05
"""Millimetres before a vertex from where one looks, so that its own faces are not met."""


def triangles_of(faces: Faces) -> Ints:
    """(F, 3) triangles of triangles or quads (F, 3 or 4); a quad that repeats a vertex is a triangle."""
    faces = np.asarray(faces, np.int64)
    if faces.shape[1] == 4:
        faces = np.concatenate([faces[:, [0, 1, 2]], faces[:, [0, 2, 3]]])
    whole = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    kept: Ints = faces[whole]
    return kept


def barycentric(places: Floats, corners: Floats) -> Floats:
    """(N, 3) weights of the ``corners`` (N, 3, 3) of triangles at ``places`` (N, 3) on them."""
    a, b, c = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    p = places - a
    bb, bc, cc, pb, pc = ((m * n).sum(axis=1) for m, n in ((b, b), (b, c), (c, c), (p, b), (p, c)))
    size = np.maximum(bb * cc - bc * bc, 1e-12)
    v, w = (cc * pb - bc * pc) / size, (bb * pc - bc * pb) / size
    inside = np.clip(np.stack([1 - v - w, v, w], axis=1), 0, 1)
    weights: Floats = inside / np.maximum(inside.sum(axis=1, keepdims=True), 1e-12)
    return weights


def joined(count: int, pairs: Ints) -> Ints:
    """(count,) the same number, that of the first, for all that ``pairs`` (P, 2) join."""
    number = np.arange(count)
    while True:
        lower = number.copy()
        low = np.minimum(number[pairs[:, 0]], number[pairs[:, 1]])
        np.minimum.at(lower, number[pairs[:, 0]], low)
        np.minimum.at(lower, number[pairs[:, 1]], low)
        lower = lower[lower]
        if (lower == number).all():
            return number
        number = lower


def untangled(mesh: Mesh, faces: Ints, moves: Floats, held: Mask, rounds: int = 8) -> Floats:
    """(V, 3) ``moves`` by which none of the triangles ``faces`` is turned inside out, as far as smoothing helps.

    Where one is, its corners and what is next to them go more like their neighbours, but for those ``held`` (V,).
    """
    triangles = mesh.triangles[faces]
    rest = _normals(mesh.points, triangles)
    moving = np.abs(moves[triangles]).max(axis=(1, 2)) > 1e-3
    triangles, rest = triangles[moving], rest[moving]
    result = moves
    for _ in range(rounds):
        turned = (_normals(mesh.points + result, triangles) * rest).sum(axis=1) < 0
        if not turned.any():
            break
        if result is moves:
            result = moves.copy()
        marked = np.zeros(len(moves), bool)
        marked[triangles[turned]] = True
        marked[mesh.edges[marked[mesh.edges].any(axis=1)]] = True
        marked &= ~held
        pairs = mesh.edges[marked[mesh.edges].any(axis=1)]
        total, times = np.zeros_like(moves), np.zeros(len(moves))
        for one, other in (pairs.T, pairs.T[::-1]):
            np.add.at(total, one, result[other])
            np.add.at(times, one, 1)
        result[marked] = 0.5 * (result[marked] + total[marked] / np.maximum(times[marked], 1)[:, None])
    return result


def _normals(points: Floats, triangles: Ints) -> Floats:
    corners = points[triangles]
    normals: Floats = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return normals


class Ways:
    """Ways along the edges ``pairs`` (P, 2) between ``points`` (N, 3)."""

    def __init__(self, points: Floats, pairs: Ints) -> None:
        length = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)
        self._neighbours: list[list[tuple[int, float]]] = [[] for _ in points]
        for (a, b), size in zip(pairs.tolist(), length.tolist(), strict=True):
            self._neighbours[a].append((b, size))
            self._neighbours[b].append((a, size))

    def lengths(self, seeds: Ints, most: float = np.inf) -> Floats:
        """(N,) length of the way from the nearest of ``seeds`` (Dijkstra); inf beyond ``most``."""
        way = [float("inf")] * len(self._neighbours)
        queue = [(0.0, seed) for seed in seeds.tolist()]
        for _, seed in queue:
            way[seed] = 0.0
        while queue:
            come, here = heapq.heappop(queue)
            if come > way[here]:
                continue
            for other, size in self._neighbours[here]:
                there = come + size
                if there < way[other] and there < most:
                    way[other] = there
                    heapq.heappush(queue, (there, other))
        return np.array(way)
