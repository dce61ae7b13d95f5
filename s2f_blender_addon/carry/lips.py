"""How the points of another head stand to its lips, once they are laid over the demo head."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from ..demo_head.anatomy import mouth
from ..demo_head.curves import Floats, step
from ..demo_head.expressions.jaw import UPPER_SHARE, closing_shares, jaw_keys
from ..demo_head.expressions.lip_space import FOLLOWING, LipSpace, lip_space_of
from .landmarks import demo_face
from .mesh import Ints, Mask, Mesh, Ways

_WINDOW = np.array([[-75.0, -200.0, -135.0], [75.0, 45.0, -20.0]])
"""Where in the demo head's millimetres it matters which lip a point belongs to."""

_CLEARLY = 2.5
"""Millimetres over or under the line between the lips from which what is seen belongs to the upper or lower one."""

_AMID, _RIM = 0.6, 8.0
"""How far to the sides, of the mouth's half width, that is so; millimetres from the line within which the lips end."""

_BRIDGE = 0.6
"""Millimetres across which a lining that is a piece of its own is joined to the skin."""

_SHARP = 0.12
"""How much shorter the way to one lip is where a point belongs to it wholly, in lengths of edges at the corners."""


@dataclass(frozen=True)
class Sides:
    """Which lip each vertex belongs to. label (V,): 1 upper … -1 lower; hollow (V,): inside the mouth, behind the lips;
    cut: whether the lips can part at all.
    """

    label: Floats
    hollow: Mask
    cut: bool


def sides(mesh: Mesh, skin: Mask, there: Floats) -> Sides:
    """Which lip the vertices of ``mesh`` belong to, (V, 3) of which lie ``there`` over the demo head.

    skin (V,): the piece that is the face. Outside, each lip is what can be reached along what is seen, sooner than from
    the other lip; inside the mouth, what can be reached sooner from the rim of its lip. A piece of its own takes after
    the skin that is nearest to it.
    """
    near = np.flatnonzero(((there > _WINDOW[0]) & (there < _WINDOW[1])).all(axis=1))
    number = np.full(len(there), -1)
    number[near] = np.arange(len(near))
    over = there[:, 2] - mouth.line(there[:, 0])
    label, hollow = np.where(over > 0, 1.0, -1.0), np.zeros(len(there), bool)
    if not skin[near].any():
        return Sides(label, hollow, False)
    hidden = np.zeros(len(there), bool)
    hidden[near] = mesh.hidden(near)
    deep = there[:, 1] - rim_depth(there[:, 0])
    slit = (np.abs(there[:, 0]) < mouth.HALF_WIDTH) & (np.abs(over) < 6) & (deep > 6)
    hidden |= slit
    pairs = number[np.concatenate([mesh.edges, _seams_beside_lips(mesh, there), _bridges(mesh, skin, near)])]
    pairs = pairs[(pairs >= 0).all(axis=1)]
    flat, covered = there[near], hidden[near]
    seen = skin[near] & ~covered
    outside, fine = _outside(flat, over[near], seen, pairs)
    lips = seen & (np.abs(flat[:, 0]) < 1.1 * mouth.HALF_WIDTH) & (np.abs(over[near]) < _RIM)
    whole = Ways(flat, pairs)
    ways = [whole.lengths(np.flatnonzero(lips & (lip * outside > 0.9))) for lip in (1, -1)]
    reached = np.isfinite(ways).all(axis=0)
    inner = _labels(ways[0][reached], ways[1][reached], fine)
    label[near[reached]] = np.where(seen[reached], outside[reached], inner)
    inside = covered & reached & _joined_to_rim(flat, covered, pairs)
    hollow[near[inside]] = True
    _like_the_nearest(there, near[reached & skin[near]], near[~reached], label)
    return Sides(label, hollow, _is_cut(flat, label[near], seen, pairs))


def _outside(there: Floats, over: Floats, seen: Mask, pairs: Ints) -> tuple[Floats, float]:
    """(n,) the labels of what is ``seen`` of the skin, and how long edges are at the corners of the mouth."""
    amid = seen & (np.abs(there[:, 0]) < _AMID * mouth.HALF_WIDTH) & (np.abs(over) < 14)
    along = pairs[seen[pairs].all(axis=1)]
    on_skin = Ways(there, along)
    upper, lower = (on_skin.lengths(np.flatnonzero(amid & (sign * over > _CLEARLY))) for sign in (1, -1))
    lengths = []
    for side in (1, -1):  # the corner is as far from either lip, whatever way it is from what is clearly one
        corner = np.array([side * mouth.HALF_WIDTH, rim_depth(np.array([mouth.HALF_WIDTH]))[0], _CORNER_HEIGHT])
        away = np.where(seen & np.isfinite(upper + lower), np.linalg.norm(there - corner, axis=1), np.inf)
        beside = int(away.argmin())
        half = side * there[:, 0] > 0
        upper[half] += (lower[beside] - upper[beside]) * np.clip(np.abs(there[half, 0]) / mouth.HALF_WIDTH, 0, 1)
        sides = along[(along == beside).any(axis=1)]
        lengths.append(np.linalg.norm(there[sides[:, 0]] - there[sides[:, 1]], axis=1).mean())
    fine = float(np.nanmean(lengths))
    return _labels(upper, lower, fine), fine


def _labels(upper: Floats, lower: Floats, fine: float) -> Floats:
    """(n,) 1 … -1 from the ways to both lips."""
    with np.errstate(invalid="ignore"):
        nearer = np.nan_to_num(lower - upper, nan=0.0) / (_SHARP * fine)
    labels: Floats = 2 * step(-1, 1, nearer) - 1
    return labels


def _seams_beside_lips(mesh: Mesh, there: Floats) -> Ints:
    """Seams of the texture, but not where lips that touch may lie in one place."""
    at = there[mesh.seams[:, 0]]
    lips = (np.abs(at[:, 0]) < mouth.HALF_WIDTH) & (np.abs(at[:, 2] - mouth.line(at[:, 0])) < 3) & (at[:, 1] < -50)
    others: Ints = mesh.seams[~lips]
    return others


def _bridges(mesh: Mesh, skin: Mask, near: Ints) -> Ints:
    """(B, 2) pairs that join the open rim of other pieces to the skin, where they meet."""
    from mathutils.kdtree import KDTree

    rim = np.intersect1d(mesh.open_vertices, near)
    outer, other = rim[skin[rim]], rim[~skin[rim]]
    tree = KDTree(len(outer))
    for i, place in enumerate(mesh.points[outer].tolist()):
        tree.insert(place, i)
    tree.balance()
    found = [(int(outer[i]), int(vertex)) for vertex, place in zip(other, mesh.points[other].tolist(), strict=True)
             for _, i, _ in tree.find_range(place, _BRIDGE)[:1]]  # fmt: skip
    return np.array(found, np.int64).reshape(-1, 2)


def _joined_to_rim(there: Floats, hidden: Mask, pairs: Ints) -> Mask:
    """(n,) which of the ``hidden`` points are reached from between the lips without coming into view."""
    over = there[:, 2] - mouth.line(there[:, 0])
    rim = hidden & (np.abs(there[:, 0]) < mouth.HALF_WIDTH) & (np.abs(over) < 6)
    rim &= np.abs(there[:, 1] - rim_depth(there[:, 0])) < 14
    within = pairs[hidden[pairs].all(axis=1)]
    reached = np.isfinite(Ways(there, within).lengths(np.flatnonzero(rim)))
    return reached & hidden


def _like_the_nearest(there: Floats, known: Ints, others: Ints, label: Floats) -> None:
    """Give ``others`` the label of the nearest of the vertices ``known``, in place."""
    from mathutils.kdtree import KDTree

    if not len(known):
        return
    tree = KDTree(len(known))
    for i, place in enumerate(there[known].tolist()):
        tree.insert(place, i)
    tree.balance()
    for vertex, place in zip(others.tolist(), there[others].tolist(), strict=True):
        label[vertex] = label[known[tree.find(place)[1]]]


def _is_cut(there: Floats, label: Floats, seen: Mask, pairs: Ints) -> bool:
    """Whether no edge leads straight from one lip to the other in the middle of the mouth, before the teeth."""
    amid = seen & (np.abs(there[:, 0]) < 0.4 * mouth.HALF_WIDTH)
    amid &= np.abs(there[:, 2] - mouth.line(there[:, 0])) < 12
    return not (amid[pairs].all(axis=1) & (label[pairs[:, 0]] * label[pairs[:, 1]] < 0)).any()


@cache
def _rim() -> Floats:
    """(2, S) half: distance from the middle and depth y of the demo head's line between the lips."""
    face = demo_face()
    rim = face.vertices[face.mouth[mouth.RIM]]
    upper = rim[: len(rim) // 2 + 1]
    line: Floats = upper[:, :2].T.copy()
    return line


def rim_depth(x: Floats) -> Floats:
    """y in mm of the line between the demo head's lips at ``x``; beyond the corners, that of the corners."""
    depth: Floats = np.interp(np.abs(x), *_rim())
    return depth


_CORNER_HEIGHT = float(mouth.line(np.array([mouth.HALF_WIDTH]))[0])


@cache
def _skirt() -> tuple[Floats, Floats]:
    """(n, 2) x and z of the demo head's loops from the frame to the red, left half, and (n,) how much is lip there."""
    face = demo_face()
    loops = face.mouth[: mouth.BORDER + 1]
    places = face.vertices[loops][..., [0, 2]]
    share = np.broadcast_to(np.arange(len(loops))[:, None] / mouth.BORDER, loops.shape)
    return places.reshape(-1, 2), share.ravel().copy()


def _lip_share(there: Floats) -> Floats:
    """(n,) 1 on the red and between the lips, 0 beyond the skin round them, as on the demo head."""
    x, y, z = there.T
    places, share = _skirt()
    loops, spokes = mouth.BORDER + 1, len(share) // (mouth.BORDER + 1)
    middle = np.array([0.0, mouth.HEIGHT])
    rays = places.reshape(loops, spokes, 2) - middle
    angle, reach = np.arctan2(rays[..., 0], rays[..., 1]), np.hypot(rays[..., 0], rays[..., 1])
    own = np.stack([np.abs(x), z], axis=1) - middle
    at, far = np.arctan2(own[:, 0], own[:, 1]), np.hypot(own[:, 0], own[:, 1])
    limits = np.stack([np.interp(at, angle[i], reach[i]) for i in range(loops)])  # (loops, n), falling
    result = np.ones(len(x))
    levels = np.arange(loops) / mouth.BORDER
    for outer in range(loops - 1):
        wide, narrow = limits[outer], limits[outer + 1]
        part = np.clip((wide - far) / np.maximum(wide - narrow, 1e-9), 0, 1)
        between = (far <= wide) & (far > narrow)
        result[between] = (levels[outer] + part * (levels[1]))[between]
    result[(far > limits[0]) | (y > _FRONT)] = 0.0
    return result


_ROOF = 1.5
"""Millimetres above and below the line between the lips from which the hollow is wholly roof, and wholly floor."""

_FRONT = -35.0
"""Depth y behind which nothing is lip, unless it belongs to the mouth."""

_DEPTHS = np.array([0.0, *(depth for depth, _, _ in mouth.POCKET)])
_WIDTHS = np.array([1.0, *(width for _, _, width in mouth.POCKET)])
_HOLLOW_FROM, _THROAT = 5.75, (50.6, 51.9)
"""Millimetres behind the lips where the hollow begins, and where its end is shut."""


def _behind_rim(there: Floats) -> Floats:
    """(N,) mm by which points lie behind the lips, as the loops of the demo head's pocket count it, which is wider."""
    deep = there[:, 1] - rim_depth(there[:, 0])
    for _ in range(5):
        x = there[:, 0] / np.interp(deep, _DEPTHS, _WIDTHS)
        straight = there[:, 1] - rim_depth(x)
        bent = 1 - 0.35 * np.minimum((x / mouth.HALF_WIDTH) ** 2, 1)  # the first loops follow the bow of the lips
        deep = np.where(straight / bent < 10, straight / bent, straight)
    return np.asarray(deep)


def standing(there: Floats, told: Sides) -> LipSpace:
    """The coordinates of points ``there`` (N, 3) over the demo head, of which ``told`` says the lip."""
    deep = _behind_rim(there)
    following = np.where(told.hollow & (deep > 0), np.interp(deep, _DEPTHS, FOLLOWING), np.nan)
    behind = told.hollow & (deep > _HOLLOW_FROM)
    shut = step(_THROAT[0], _THROAT[1], deep)
    over = there[:, 2] - mouth.line(there[:, 0])
    lower = 1 - step(-_ROOF, _ROOF, over)  # the surface leads round the corners there, height does not
    hollow = np.where(behind, 0.5 + (lower - 0.5) * (1 - shut), np.nan)
    share = np.where(told.hollow, 1.0, _lip_share(there))
    return lip_space_of(there, share * told.label, following, hollow)


def red(there: Floats, lips: LipSpace) -> Mask:
    """(N,) which points ``there`` over the demo head are the red of the lips or between them."""
    found: Mask = ((lips.distance < 1e-9) | (_lip_share(there) > 0.999)) & np.isnan(lips.hollow)
    return found


def closing(there: Floats, lips: LipSpace, label: Floats) -> Floats:
    """(N, 3) what brings the lips together again that an open jaw has parted, over the demo head in mm."""
    x, y, z = there.T
    over = z - mouth.line(x)
    touching = red(there, lips)
    none = np.zeros(len(x))
    gap = _parting(x, rim_depth(x), none, none) * closing_shares(lips)
    shares = np.where(label[:, None] > 0, UPPER_SHARE, UPPER_SHARE - 1)
    other = over * (1 - 2 * step(*_FACING, np.abs(over)))  # what touches it, or what faces it on the other lip
    own = _parting(x, y, np.where(label > 0, over, other), np.where(label > 0, other, over))
    gap[touching] = (own * shares)[touching]
    return gap


_FACING = 0.5, 2.0
"""Millimetres from the line between the lips up to which a point touches the other lip, and from where it faces it."""


def _parting(x: Floats, y: Floats, upper: Floats, lower: Floats) -> Floats:
    """(n, 3) how far an open jaw parts points of both lips that lie ``upper`` and ``lower`` mm over their line."""
    unknown, opened = np.full(len(x), np.nan), []
    for label, over in ((-1.0, lower), (1.0, upper)):
        place = np.stack([x, y, mouth.line(x) + over], axis=1)
        opened.append(jaw_keys(place, lip_space_of(place, np.full(len(x), label), unknown, unknown))["jawOpen"])
    parting: Floats = opened[0] - opened[1]
    return parting
