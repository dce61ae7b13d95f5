"""The lids of another head: they turn about its own eyeballs and meet where its own edges can meet.

Everything here is about a left eye; a right one is looked at in a mirror.
"""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ..demo_head.anatomy import eye
from ..demo_head.curves import Floats, step
from ..demo_head.expressions.lids import CARRIED, MEETING, lid_motions
from .landmarks import demo_face
from .mesh import Mask, barycentric

if TYPE_CHECKING:
    from mathutils.bvhtree import BVHTree

_LINES = 72
"""Directions across the opening at which the lids' edges are measured."""

_REACH = 1.5
"""Heights of the opening from its middle within which its edges are looked for."""

_NEAR_BALL = 1.9
"""Distance from the ball's centre, in its radii, up to which skin may be lid."""

_NEAR_EDGE = 0.7, 1.1
"""Distances from the ball's centre, in that of the lids' edges, between which these are looked for."""

_DEPTH = 1.5
"""Degrees that a millimetre of distance counts where a place among the demo head's loops is looked up."""

_EDGE = 2.0
"""Degrees from an edge within which a point is part of it."""

_FOLD = 12.0, 38.0
"""Degrees behind the edge within which the inner side of a lid goes along, fully and at all."""


@dataclass(frozen=True)
class Eye:
    """Where an eyeball is. centre (3,); into (3, 3): ``into @ (p - centre)`` is a point about the demo head's ball."""

    centre: Floats
    into: Floats

    def seen(self, points: Floats) -> tuple[Floats, Floats, Floats]:
        """Azimuth, elevation (degrees) and distance (mm of the demo head) of ``points`` (N, 3)."""
        return eye.seen_from_ball((points - self.centre) @ self.into.T + eye.CENTRE)

    def back(self, azimuth: Floats, elevation: Floats, distance: Floats) -> Floats:
        """(N, 3) the points in those directions."""
        on_demo = eye.on_ball(azimuth, elevation, distance) - eye.CENTRE
        placed: Floats = np.linalg.solve(self.into, on_demo.T).T + self.centre
        return placed


@dataclass(frozen=True)
class Opening:
    """The opening between the lids, in degrees seen from the ball's centre.

    inner, outer: azimuths of the corners; at (n,): azimuths between them; upper, lower (n,): elevation of the edges.
    """

    inner: float
    outer: float
    at: Floats
    upper: Floats
    lower: Floats

    @property
    def height(self) -> float:
        """Of its middle half."""
        amid = slice(len(self.at) // 4, -len(self.at) // 4)
        return float((self.upper - self.lower)[amid].mean())

    def edges(self, azimuth: Floats) -> tuple[Floats, Floats]:
        """(N,) elevation of the upper and the lower edge at ``azimuth``; beyond the corners, that of the corners."""
        return np.interp(azimuth, self.at, self.upper), np.interp(azimuth, self.at, self.lower)


def opening_of(place: Eye, corners: Floats, segments: Floats) -> Opening:
    """The opening as it is. corners (4, 3): outer, inner, upper and lower landmark; segments (S, 2, 3): edges of the
    skin round the eye.

    Along each direction across the eye, the upper edge is the lowest skin above the middle.
    """
    azimuth, elevation, distance = place.seen(corners)
    (outer, inner), (upper, lower) = azimuth[:2], elevation[2:]
    span = (1 - np.cos(np.linspace(0, np.pi, _LINES))) / 2  # closer where edges are steep
    at = inner + span * (outer - inner)
    chord = elevation[1] + span * (elevation[0] - elevation[1])
    bow = 4 * span * (1 - span)
    heights = [chord + bow * (landmark - np.interp(azimuth[2:].mean(), at, chord)) for landmark in (upper, lower)]
    middle = (heights[0] + heights[1]) / 2
    rise = _crossings(place, segments, at, float(distance.max()))
    rise = np.where(np.abs(rise - middle) < _REACH * max(upper - lower, 10.0), rise, np.nan)
    above, below = np.where(rise > middle, rise, np.inf), np.where(rise <= middle, rise, -np.inf)
    top, bottom = above.min(axis=0, initial=np.inf), below.max(axis=0, initial=-np.inf)
    top, bottom = np.where(np.isfinite(top), top, heights[0]), np.where(np.isfinite(bottom), bottom, heights[1])
    top[[0, -1]] = bottom[[0, -1]] = middle[[0, -1]]
    return Opening(float(inner), float(outer), at, top, bottom)


def _crossings(place: Eye, segments: Floats, at: Floats, edge: float) -> Floats:
    """(S, n) elevation at which each of ``segments`` (S, 2, 3) crosses the azimuths ``at`` (n,), or NaN.

    edge: distance of the lids' edges; what is farther from the ball, like the nose, is none.
    """
    azimuth, elevation, distance = (part.reshape(-1, 2) for part in place.seen(segments.reshape(-1, 3)))
    near = ((distance > _NEAR_EDGE[0] * edge) & (distance < _NEAR_EDGE[1] * edge)).all(axis=1)
    near &= (np.abs(azimuth) < 85).all(axis=1) & (azimuth.max(axis=1) > at[0]) & (azimuth.min(axis=1) < at[-1])
    (a, b), (low, high) = azimuth[near].T[:, :, None], elevation[near].T[:, :, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (at - a) / (b - a)
    crossed: Floats = np.where((share >= 0) & (share <= 1), low + share * (high - low), np.nan)
    return crossed


@cache
def _demo_opening() -> Opening:
    spokes = demo_face().eye.shape[1]
    azimuth, elevation = eye.almond(spokes)
    at = (np.arange(361) - 180) / 180 * eye.HALF_WIDTH
    upper, lower = slice(0, spokes // 2 + 1), np.r_[spokes // 2 : spokes, 0]
    top = np.interp(at, azimuth[upper][::-1], elevation[upper][::-1])
    bottom = np.interp(at, azimuth[lower], elevation[lower])
    return Opening(-eye.HALF_WIDTH, eye.HALF_WIDTH, at, top, bottom)


@cache
def _chart() -> tuple["BVHTree", Floats, Floats, Floats]:
    """The demo head's loops round the eye by direction and distance from the ball: a tree over their triangles, and
    for the three corners of each its place, its carried share and its turn as (cosine, sine).
    """
    from mathutils.bvhtree import BVHTree

    face = demo_face()
    loops = face.eye[: eye.RIM + 1]
    count, spokes = loops.shape
    azimuth, elevation, distance = eye.seen_from_ball(face.vertices[loops])
    turn = np.broadcast_to(2 * np.pi * np.arange(spokes) / spokes, loops.shape)
    flat = np.stack([azimuth, _DEPTH * distance, elevation], axis=-1).reshape(-1, 3)
    index = np.arange(loops.size).reshape(count, spokes)
    ahead = np.roll(index, -1, axis=1)
    quads = np.stack([index[:-1], ahead[:-1], ahead[1:], index[1:]], -1).reshape(-1, 4)
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    carried = np.repeat(np.array(CARRIED[: eye.RIM + 1]), spokes)
    tree = BVHTree.FromPolygons(flat.tolist(), triangles.tolist(), all_triangles=True)
    turns = np.stack([np.cos(turn), np.sin(turn)], -1).reshape(-1, 2)
    return tree, flat[triangles], carried[triangles], turns[triangles]


def _looked_up(azimuth: Floats, elevation: Floats, distance: Floats) -> tuple[Floats, Floats]:
    """(N,) carried share and turn (radians) of points round the demo head's ball; within the opening, its edge's."""
    tree, corners, carried, turns = _chart()
    flat = np.stack([azimuth, _DEPTH * distance, elevation], axis=1)
    found = [tree.find_nearest(place) for place in flat.tolist()]
    face = np.array([index for _, _, index, _ in found], np.int64)
    weights = barycentric(np.array([tuple(at) for at, _, _, _ in found]).reshape(-1, 3), corners[face])
    share = (weights * carried[face]).sum(axis=1)
    cosine, sine = (weights[:, :, None] * turns[face]).sum(axis=1).T
    return share, np.arctan2(sine, cosine)


def lid_keys(place: Eye, opening: Opening, points: Floats, there: Floats, folded: Mask) -> dict[str, Floats]:
    """What the seven keys of the left lids move ``points`` (N, 3), at 1.

    there (N, 3): where they lie over the demo head; folded (N,): the inner sides of the lids and what lies behind them.
    """
    azimuth, elevation, distance = place.seen(points)
    near = np.flatnonzero((distance < 3.2 * eye.RADIUS) & (np.abs(azimuth) < 100) & (np.abs(elevation) < 80))
    azimuth, elevation, distance = azimuth[near], elevation[near], distance[near]
    demo = _demo_opening()
    tall, wide = demo.height / max(opening.height, 1.0), (demo.outer - demo.inner) / (opening.outer - opening.inner)
    tall, wide = float(np.clip(tall, 0.5, 3.0)), float(np.clip(wide, 0.5, 3.0))
    top, bottom = opening.edges(azimuth)
    is_upper = elevation > (top + bottom) / 2
    beyond = np.where(is_upper, elevation - top, elevation - bottom)  # above the upper edge, below the lower one
    level = demo.inner + (azimuth - opening.inner) * wide
    height = np.where(is_upper, demo.edges(level)[0], demo.edges(level)[1]) + beyond * tall
    carried, turn = _looked_up(level, height, np.linalg.norm(there[near] - eye.CENTRE, axis=1))
    outward = np.where(is_upper, beyond, -beyond)
    carried = np.where(folded[near], step(_FOLD[1], _FOLD[0], outward), carried)
    rim = opening.inner + (eye.HALF_WIDTH * np.cos(turn) - demo.inner) / wide
    rim = azimuth + (rim - azimuth) * step(0.0, 3 * _EDGE, outward)
    rim_top, rim_bottom = opening.edges(rim)
    meeting = rim_bottom + MEETING * (rim_top - rim_bottom)
    blink = np.where(is_upper, meeting - rim_top, meeting - rim_bottom)
    keys = {}
    for name, motion in lid_motions(turn, blink).items():
        up, out, off = (carried * part for part in motion)
        if name != "eyeBlinkLeft":
            up, out = up / np.sqrt(tall), out / np.sqrt(wide)
        keys[name] = np.zeros_like(points)
        keys[name][near] = place.back(azimuth + out, elevation + up, distance + off) - points[near]
    return keys



def at_edge(place: Eye, opening: Opening, points: Floats) -> Mask:
    """(N,) which of ``points`` are the edges of the lids."""
    azimuth, elevation, distance = place.seen(points)
    top, bottom = opening.edges(azimuth)
    near = (distance < _NEAR_BALL * eye.RADIUS) & (azimuth > opening.inner) & (azimuth < opening.outer)
    edges: Mask = near & (np.minimum(np.abs(elevation - top), np.abs(elevation - bottom)) < _EDGE)
    return edges
