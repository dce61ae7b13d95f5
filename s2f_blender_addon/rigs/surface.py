"""The face of a mesh seen from the front, laid over the demo head's, so that what its keys move can be compared.

Points are in a frame of the face: x to the character's left, y out of the face, z up. Only what is seen from the front
counts; the two heads are put on each other by x and z alone, with the size and the height at which their keys agree.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from bpy.types import Object
from mathutils.kdtree import KDTree

from ..core.channels import CHANNELS, INDEX
from .likeness import displacements

Floats = npt.NDArray[np.float64]

_POINTS = 600
"""How many points of the demo head are compared."""

_AMID = 10.0
"""Millimetres from the middle of the lips within which they are widest apart."""

_LIPS_COUNT = 3.0
"""Weight of a point at the lips; elsewhere it is 1."""


@dataclass(frozen=True)
class Template:
    """The demo head: points (N, 3) mm, weights (N,), fields (52, N, 3) mm, in the frame of the face.

    upper, lower: which points lie on the red of which lip, in its middle.
    """

    points: Floats
    weights: Floats
    fields: Floats
    upper: npt.NDArray[np.int64]
    lower: npt.NDArray[np.int64]

    def gaps(self, fields: Floats) -> Floats:
        """(K,) how far ``fields`` (K, N, 3) part the lips, in their unit; negative where they bring them together."""
        gaps: Floats = np.median(fields[:, self.upper, 2], axis=1) - np.median(fields[:, self.lower, 2], axis=1)
        return gaps


@dataclass(frozen=True)
class SeenSurface:
    """The front of a mesh. points (V, 3) in units of the world, fields (K, V, 3), of the vertices that are seen.

    vertices (V,): their numbers; frame (3, 3): rows left, forward, up in the world.
    """

    points: Floats
    fields: Floats
    vertices: npt.NDArray[np.int64]
    frame: Floats


@dataclass(frozen=True)
class Laid:
    """A mesh under the template. fields (K, N, 3): what its keys move at the template's points, in the template's mm.

    vertices (N,): the one under each point; frame: see ``SeenSurface``; scale: world units a mm of the template;
    agreement: mean likeness of its keys to channels, 0-1.
    """

    fields: Floats
    vertices: npt.NDArray[np.int64]
    frame: Floats
    scale: float
    agreement: float


@cache
def template() -> Template:
    """Points of the demo head's face that its keys move, and how; built when it is first asked for."""
    from ..demo_head.anatomy import mouth
    from ..demo_head.anatomy.face import build_face
    from ..demo_head.expressions import face_keys

    face = build_face()
    keys = face_keys(face)
    fields = np.stack([keys[name] for name in CHANNELS])
    travel = np.linalg.norm(fields, axis=2).max(axis=0)
    front = _front(face.vertices[:, [0, 2]], -face.vertices[:, 1], 2.5)
    lip = np.zeros(len(travel), np.int64)
    middle = face.mouth.shape[1] // 2
    for sign, spokes in ((1, slice(0, middle)), (-1, slice(middle + 1, None))):
        red = face.mouth[mouth.BORDER : mouth.RIM + 1, spokes].ravel()
        lip[red] = lip[face.twin[red]] = sign
    left = np.flatnonzero(front & (travel > 1.0) & (face.vertices[:, 0] >= 0))
    order = np.random.default_rng(0).permutation(left)
    lips = order[lip[order] != 0][: _POINTS // 6]
    chosen = np.union1d(lips, order[: _POINTS // 3])
    chosen = np.union1d(chosen, face.twin[chosen])  # so that left and right count alike
    weights = np.where(lip[chosen] != 0, _LIPS_COUNT, 1.0)
    turned = np.array([1.0, -1.0, 1.0])  # the demo head looks along -Y
    amid = np.abs(face.vertices[chosen, 0]) < _AMID
    upper, lower = np.flatnonzero((lip[chosen] > 0) & amid), np.flatnonzero((lip[chosen] < 0) & amid)
    return Template(face.vertices[chosen] * turned, weights, fields[:, chosen] * turned, upper, lower)


def seen(candidate: Object, keys: tuple[str, ...]) -> SeenSurface | None:
    """The front of a mesh object and what ``keys`` move there; None where that is no surface, or they move nothing."""
    mesh = candidate.data
    world = np.array(candidate.matrix_world, float)
    moves = displacements(candidate, keys).reshape(len(keys), -1, 3) @ world[:3, :3].T
    flat = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.shape_keys.reference_key.points.foreach_get("co", flat)
    points = flat.reshape(-1, 3) @ world[:3, :3].T + world[:3, 3]
    travel = np.linalg.norm(moves, axis=2).max(axis=0)
    if not travel.max(initial=0.0):
        return None
    mesh.vertex_normals.foreach_get("vector", flat)
    frame = _frame(flat.reshape(-1, 3) @ world[:3, :3].T, travel, world)
    points, moves = points @ frame.T, moves @ frame.T
    moved = points[travel > 0.1 * travel.max()]
    high = float(np.ptp(moved[:, 2]))
    if min(high, float(np.ptp(moved[:, 0]))) <= 0.0:
        return None
    front = _front(points[:, [0, 2]], points[:, 1], high / 60)
    near = (np.abs(points - np.median(moved, axis=0)) < 2.0 * np.ptp(moved, axis=0) + 1e-9).all(axis=1)
    kept = np.flatnonzero(front & near)
    return SeenSurface(points[kept], moves[:, kept], kept, frame)


def _frame(normals: Floats, travel: Floats, world: Floats) -> Floats:
    """(3, 3) rows left, forward, up of a face that looks where what moves looks."""
    forward = (normals * travel[:, None]).sum(axis=0)
    up = np.array([0.0, 0.0, 1.0])
    forward[2] = 0.0
    if np.linalg.norm(forward) < 1e-9:
        forward = np.array([0.0, -1.0, 0.0])
    forward /= np.linalg.norm(forward)
    axes = world[:3, :3] / np.maximum(np.linalg.norm(world[:3, :3], axis=0), 1e-12)
    for axis in (*axes.T, *-axes.T):  # heads look along an axis of their object, but for a little
        flat = np.array([axis[0], axis[1], 0.0])
        if flat @ forward > 0.9:
            forward = flat / np.linalg.norm(flat)
    return np.stack([np.cross(up, forward), forward, up])


def _front(place: Floats, depth: Floats, cell: float) -> npt.NDArray[np.bool_]:
    """Which points are seen from the front: none lies far before them in the same cell of ``place`` (V, 2)."""
    cells = np.floor((place - place.min(axis=0)) / (2 * cell)).astype(np.int64)
    number = cells[:, 0] * (cells[:, 1].max() + 1) + cells[:, 1]
    _, number = np.unique(number, return_inverse=True)
    foremost = np.full(number.max() + 1, -np.inf)
    np.maximum.at(foremost, number, depth)
    visible: npt.NDArray[np.bool_] = depth > foremost[number] - 4 * cell
    return visible


def laid(front: SeenSurface, known: tuple[str, ...]) -> Laid:
    """``front`` under the template, at the size and height at which its keys are most like channels.

    known: the channel of each key, '' where nobody knows it.
    """

    reference = template()
    tree = KDTree(len(front.points))
    for i, (x, _, z) in enumerate(front.points.tolist()):
        tree.insert((x, 0.0, z), i)
    tree.balance()
    travel = np.linalg.norm(front.fields, axis=2)
    moved = front.points[travel.max(axis=0) > 0.1 * travel.max()]
    middle = (moved[:, 0].min() + moved[:, 0].max()) / 2
    size = np.ptp(moved[:, 0]) / np.ptp(reference.points[:, 0])
    base = np.median(moved[:, 2]) - size * np.median(reference.points[:, 2])
    coarse = np.arange(0, len(reference.points), 4)

    def score(scale: float, height: float, chosen: npt.NDArray[np.int64]) -> float:
        return _agreement(front.fields[:, _under(tree, scale, middle, height, chosen)], known, chosen)

    def searched(scales: Floats, heights: Floats, chosen: npt.NDArray[np.int64]) -> tuple[float, float]:
        tried = [(score(float(s), float(h), chosen), float(s), float(h)) for s in scales for h in heights]
        return max(tried)[1:]

    span = size * np.ptp(reference.points[:, 2])
    scale, height = searched(size * np.geomspace(0.6, 1.7, 9), base + span * np.linspace(-0.4, 0.4, 13), coarse)
    for wide, high in ((0.08, 0.05), (0.03, 0.015)):
        scales, heights = scale * np.linspace(1 - wide, 1 + wide, 5), height + span * np.linspace(-high, high, 7)
        scale, height = searched(scales, heights, coarse)
    every = np.arange(len(reference.points))
    under = _under(tree, scale, middle, height, every)
    fields = front.fields[:, under] / scale
    return Laid(fields, front.vertices[under], front.frame, scale, _agreement(fields, known, every))


def _under(
    tree: KDTree, scale: float, middle: float, height: float, chosen: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """(n,) the points seen that lie nearest under the ``chosen`` points of the template."""
    points = template().points[chosen]
    placed = zip((points[:, 0] * scale + middle).tolist(), (points[:, 2] * scale + height).tolist(), strict=True)
    return np.array([tree.find((x, 0.0, z))[1] for x, z in placed], np.int64)


def _agreement(fields: Floats, known: tuple[str, ...], chosen: npt.NDArray[np.int64]) -> float:
    """How much keys are like channels on the whole: each like its own where that is known."""
    like = alike(fields, chosen)
    rows = [like[i, INDEX[name]] if name else like[i].max() for i, name in enumerate(known)]
    return float(np.mean(rows))


def alike(fields: Floats, chosen: npt.NDArray[np.int64] | None = None) -> Floats:
    """(K, 52) cosines between what keys move and what channels move, at the template's (chosen) points."""
    reference = template()
    points = slice(None) if chosen is None else chosen
    weights = np.sqrt(reference.weights[points])[:, None]
    one = (fields * weights).reshape(len(fields), -1)
    other = (reference.fields[:, points] * weights).reshape(len(CHANNELS), -1)
    one = one / np.maximum(np.linalg.norm(one, axis=1, keepdims=True), 1e-9)
    cosines: Floats = one @ (other / np.maximum(np.linalg.norm(other, axis=1, keepdims=True), 1e-9)).T
    return cosines
