"""What the pieces of a head are: skin, eyeballs, teeth of either jaw, tongue, and what merely hangs on the skin."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..demo_head.anatomy import mouth
from ..demo_head.curves import Floats, step
from .lips import rim_depth
from .mesh import Ints, Mask, Mesh, Ways

_TOUCHES, _TOUCHING = 2.0, 0.2
"""Millimetres from the skin, and the share of a piece's vertices within them from which it bends with the skin."""

_TUFT = 22.0
"""Millimetres: a shorter piece that hangs on the skin, like a tuft of hair, goes along as a whole."""

_CLOTHES = 190.0
"""Millimetres: what is larger and does not bend with the skin is no part of a face, like a collar."""

_BOTH_JAWS = -10.0, 13.0
"""Millimetres under and over the line between the lips that a piece reaches which lines both jaws."""

_BEHIND = 1.5
"""Millimetres behind the lips from where a piece may be inside the mouth."""


@dataclass
class Parts:
    """Vertices of each kind. ``skin`` is the face itself; ``soft`` moves as the skin would in its place; each of
    ``stiff`` goes along as a whole with the skin at ``roots``. eyes: those of the left and of the right ball; mixed:
    pieces that line both jaws, like gums with a tongue.
    """

    skin: Mask
    soft: Ints
    eyes: tuple[Ints, Ints]
    upper_teeth: Ints
    lower_teeth: Ints
    tongue: Ints
    mixed: list[Ints] = field(default_factory=list)
    stiff: list[tuple[Ints, Ints]] = field(default_factory=list)


@dataclass(frozen=True)
class Ball:
    """An eyeball: centre (3,), half sizes (3,) and its vertices; off: how far those lie off it, by its size."""

    centre: Floats
    radii: Floats
    vertices: Ints
    off: float = 0.0


def sorted_out(mesh: Mesh, there: Floats, skin: Mask, balls: Sequence[Ball | None]) -> Parts:
    """The parts of ``mesh``, whose vertices lie ``there`` (V, 3) over the demo head; ``balls``: left and right."""
    pieces = mesh.pieces
    eyes = [_turning(mesh, pieces, skin, ball) for ball in balls]
    taken = skin.copy()
    for vertices in eyes:
        taken[vertices] = True
    inside, soft, stiff = [], [np.flatnonzero(skin)], []
    rest = np.flatnonzero(~taken)
    away = _away(mesh, skin, rest)
    for piece in np.unique(pieces[rest]):
        mine = pieces[rest] == piece
        vertices = rest[mine]
        if _in_mouth(there[vertices], away[mine]):
            inside.append(vertices)
        elif _bends(mesh.points[vertices], away[mine]):
            soft.append(vertices)
        elif np.ptp(mesh.points[vertices], axis=0).max() < _CLOTHES:
            stiff.append((vertices, vertices[np.argsort(away[mine])[: max(len(vertices) // 10, 1)]]))
    mixed = [v for v in inside if _lines_both_jaws(there[v, 2] - mouth.HEIGHT)]
    upper, lower, tongue = _jaws(there, [v for v in inside if not _lines_both_jaws(there[v, 2] - mouth.HEIGHT)])
    return Parts(skin, np.sort(np.concatenate(soft)), (eyes[0], eyes[1]), upper, lower, tongue, mixed, stiff)


def ball_of(mesh: Mesh, skin: Mask, lids: Floats) -> Ball | None:
    """The eyeball behind the four landmarks ``lids`` (4, 3) of an eye, if a piece of the mesh is one."""
    middle, width = lids.mean(axis=0), float(np.linalg.norm(lids[0] - lids[1]))
    pieces = mesh.pieces
    near = (np.abs(mesh.points - middle) < 1.6 * width).all(axis=1) & ~skin
    best: Ball | None = None
    for piece in np.unique(pieces[near]):
        vertices = np.flatnonzero(pieces == piece)
        ball = fitted(mesh.points, vertices)
        if ball is None or not near[vertices].all():
            continue
        size, off = float(ball.radii.mean()), ball.centre - middle
        before = np.hypot(off[0], off[2]) < 0.6 * size and 0.1 * size < off[1] < 1.5 * size
        if before and 0.3 * width < size < 1.1 * width and (best is None or size > best.radii.mean()):
            best = ball
    return best


def fitted(points: Floats, vertices: Ints) -> Ball | None:
    """The sphere, or ellipsoid along the axes of the head, that ``vertices`` lie on; None where they lie on none."""
    if len(vertices) < 12:
        return None
    p = points[vertices]
    middle = (p.min(axis=0) + p.max(axis=0)) / 2
    p = p - middle
    size = float(np.abs(p).max())
    if size < 1e-6 or np.ptp(p, axis=0).min() < 0.3 * np.ptp(p, axis=0).max():
        return None
    p = p / size
    for columns in (np.hstack([p**2, p]), np.hstack([(p**2).sum(axis=1, keepdims=True), p])):
        solved = np.linalg.lstsq(columns, np.ones(len(p)), rcond=None)[0]
        square = solved[:-3] if len(solved) == 6 else np.repeat(solved[0], 3)
        if (square <= 1e-6).any():
            continue
        centre = -solved[-3:] / (2 * square)
        radii = np.sqrt((1 + (square * centre**2).sum()) / square)
        off = np.abs(np.sqrt((((p - centre) / radii) ** 2).sum(axis=1)) - 1)
        round_ = np.median(off) < 0.05 and np.quantile(off, 0.9) < 0.25 and radii.max() < 1.6 * radii.min()
        if round_ and np.ptp(p, axis=0).min() > 0.9 * radii.max():
            return Ball(centre * size + middle, radii * size, vertices, float(off.mean()))
    return None


def _turning(mesh: Mesh, pieces: Ints, skin: Mask, ball: Ball | None) -> Ints:
    """The vertices of ``ball`` and of what lies in and on it, like iris, pupil and cornea."""
    if ball is None:
        return np.empty(0, np.int64)
    offset = (mesh.points - ball.centre) / ball.radii
    distance = np.linalg.norm(offset, axis=1)
    angle = np.degrees(np.arccos(np.clip(-offset[:, 1] / np.maximum(distance, 1e-9), -1, 1)))
    found = [ball.vertices]
    for piece in np.unique(pieces[(distance < 1.25) & ~skin]):
        vertices = np.flatnonzero(pieces == piece)
        if piece == pieces[ball.vertices[0]] or distance[vertices].max() > 1.3:
            continue
        inner = distance[vertices].max() < 0.99
        disc = angle[vertices].max() < 50 and angle[vertices].min() < 14
        if inner or disc or (fitted(mesh.points, vertices) is not None and angle[vertices].max() > 120):
            found.append(vertices)
    return np.concatenate(found)


def _away(mesh: Mesh, skin: Mask, vertices: Ints) -> Floats:
    """(n,) how far ``vertices`` are from the nearest vertex of the skin."""
    return _nearest(mesh.points[skin], mesh.points[vertices])


def _in_mouth(there: Floats, away: Floats) -> bool:
    """Whether a piece lies behind the lips and is no lining that touches them all round."""
    x, y, z = there.T
    within = (np.abs(x) < 42) & (y > rim_depth(x) + _BEHIND) & (y < 35)
    within &= (z > mouth.HEIGHT - 48) & (z < mouth.HEIGHT + 30)
    lining = (away < 0.6).mean() > 0.05 and np.ptp(y) > 20 and (away[y < np.quantile(y, 0.15)] < 0.6).mean() > 0.3
    return bool(within.mean() > 0.9 and not lining)


def _lines_both_jaws(over: Floats) -> bool:
    return bool(over.min() < _BOTH_JAWS[0] and over.max() > _BOTH_JAWS[1])


def _bends(points: Floats, away: Floats) -> bool:
    long = float(np.ptp(points, axis=0).max())
    return long > _TUFT and float((away < _TOUCHES).mean()) > _TOUCHING


def _jaws(there: Floats, inside: list[Ints]) -> tuple[Ints, Ints, Ints]:
    """Vertices of the upper jaw, of the lower one and of the tongue."""
    none = np.empty(0, np.int64)
    if not inside:
        return none, none, none
    front = min(float(there[v, 1].min()) for v in inside)
    heights = np.array([float(there[v, 2].min() + there[v, 2].max()) / 2 for v in inside])
    parting = (heights.min() + heights.max()) / 2 if np.ptp(heights) > 5 else mouth.HEIGHT - 2.5
    upper, lower, tongue = [none], [none], [none]
    for vertices, height in zip(inside, heights, strict=True):
        x, y, _ = there[vertices].T
        filled = float(((np.abs(x) < 10) & (y > front + 12)).mean())
        if height < parting + 5 and filled > 0.25 and np.ptp(y) > 18 and np.ptp(x) < 75:
            tongue.append(vertices)
        else:
            (upper if height > parting else lower).append(vertices)
    return np.concatenate(upper), np.concatenate(lower), np.concatenate(tongue)


def lining(mesh: Mesh, vertices: Ints, there: Floats, parts: Parts) -> tuple[Floats, Floats]:
    """(n,) each, 0-1: how far ``vertices`` of a piece that lines both jaws go with the lower one, and are tongue.

    What touches upper teeth is upper jaw, what touches lower ones is lower jaw, or else what is highest and lowest.
    """
    number = np.full(len(mesh.points), -1)
    number[vertices] = np.arange(len(vertices))
    pairs = number[mesh.edges]
    ways = Ways(there, pairs[(pairs >= 0).all(axis=1)])
    away = [_nearest(mesh.points[teeth], mesh.points[vertices]) for teeth in (parts.upper_teeth, parts.lower_teeth)]
    touching = [np.flatnonzero((mine < _TOUCHES) & (mine < other)) for mine, other in (away, away[::-1])]
    if not all(len(seeds) for seeds in touching):
        low, high = np.quantile(there[:, 2], (0.2, 0.8))
        touching = [np.flatnonzero(there[:, 2] >= high), np.flatnonzero(there[:, 2] <= low)]
    upper, lower = (np.nan_to_num(ways.lengths(seeds), posinf=1e3) for seeds in touching)
    share = step(0.35, 0.65, upper / np.maximum(upper + lower, 1e-9))
    room = np.minimum(np.minimum(*away), 50.0)
    front = float(there[:, 1].min())
    inner = step(4.0, 9.0, room) * step(24.0, 17.0, np.abs(there[:, 0])) * step(front + 6, front + 12, there[:, 1])
    return share, share * inner


def _nearest(others: Floats, points: Floats) -> Floats:
    """(n,) how far each of ``points`` is from the nearest of ``others``; far where there are none."""
    from mathutils.kdtree import KDTree

    if not len(others):
        return np.full(len(points), 1e3)
    tree = KDTree(len(others))
    for place in others.tolist():
        tree.insert(place, 0)
    tree.balance()
    return np.array([tree.find(place)[2] for place in points.tolist()], float)
