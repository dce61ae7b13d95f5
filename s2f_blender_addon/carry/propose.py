"""Landmarks found by looking at a head from the front: eyeballs, the profile, the slit of the mouth, the lids."""

from dataclasses import dataclass

import numpy as np

from ..core.errors import UserError
from ..demo_head.curves import Floats
from .front import Front
from .landmarks import NEEDED, demo_landmarks
from .mesh import Faces, Ints, Mask, Mesh, Ways, triangles_of
from .parts import Ball, fitted
from .warp import Pose

_APART = 72.0
"""Millimetres between the demo head's eyes: the head is looked at in this size."""

_STEP = 0.4
"""Millimetres between rays."""


@dataclass(frozen=True)
class Proposal:
    """Landmarks in the coordinates of the mesh; ``found`` of them were seen, the others are where they should be."""

    landmarks: dict[str, tuple[float, float, float]]
    found: tuple[str, ...]


def propose(points: Floats, faces: Faces) -> Proposal:
    """Landmarks of a head (V, 3) that stands upright, z up, however it is turned about that, in any units.

    Raises UserError that says what could not be found, so that landmarks have to be placed by hand.
    """
    triangles = triangles_of(faces)
    mesh = Mesh(np.asarray(points, np.float64), triangles)
    problem = UserError("")
    for turn, (left, right) in _eyes(mesh):
        try:
            return _looked_at(mesh, turn, left, right)
        except UserError as error:
            problem = problem if str(problem) else error
    raise problem if str(problem) else UserError(
        "No pair of eyeballs was found in this head, so its landmarks cannot be proposed; place them by hand."
    )


def _eyes(mesh: Mesh) -> list[tuple[Floats, tuple[Ball, Ball]]]:
    """Pairs of balls that may be eyes, the likeliest first: (3, 3) what turns the face to -y, left and right ball."""
    pieces = mesh.pieces
    numbers, sizes = np.unique(pieces, return_counts=True)
    balls = [ball for number in numbers[(sizes >= 20) & (sizes < 0.4 * len(pieces))]
             if (ball := fitted(mesh.points, np.flatnonzero(pieces == number))) is not None]  # fmt: skip
    pairs = []
    tall = float(np.ptp(mesh.points[:, 2]))
    for i, one in enumerate(balls):
        for other in balls[i + 1 :]:
            apart = other.centre - one.centre
            wide, size = float(np.hypot(*apart[:2])), float((one.radii.mean() + other.radii.mean()) / 2)
            alike = abs(one.radii.mean() - other.radii.mean()) < 0.1 * size
            if alike and 1.9 * size < wide < 9 * size and abs(apart[2]) < 0.4 * size and size > 0.002 * tall:
                for sign in (1, -1):
                    across = sign * apart * (1, 1, 0) / wide  # to the character's left
                    turn = np.stack([across, np.cross([0.0, 0.0, 1.0], across), [0.0, 0.0, 1.0]])
                    pair = (other, one) if sign > 0 else (one, other)
                    likely = (round(one.off + other.off, 3), -size, -turn[1, 1])  # round, outermost, rather to -y
                    pairs.append((likely, turn, pair))
    pairs.sort(key=lambda entry: entry[0])
    return [(turn, pair) for _, turn, pair in pairs[:8]]


def _looked_at(mesh: Mesh, turn: Floats, left: Ball, right: Ball) -> Proposal:
    """The landmarks of a head whose eyes are known."""
    middle = (left.centre + right.centre) / 2
    scale = _APART / float(np.linalg.norm(left.centre - right.centre))
    pose = Pose(scale, turn, -scale * turn @ middle)
    seen = Mesh(pose.there(mesh.points), mesh.triangles)
    eyes = [Ball(pose.there(ball.centre), np.abs(turn @ np.diag(ball.radii) @ turn.T).diagonal() * scale, ball.vertices)
            for ball in (left, right)]  # fmt: skip
    front = Front(seen, _face_piece(seen, eyes))
    marks = _profile(front)
    for side, ball in zip(("_left", "_right"), eyes, strict=True):
        marks |= {name + side: place for name, place in _lids(front, ball, 1 if side == "_left" else -1).items()}
    marks |= _mouth(front, marks)
    marks |= _nostrils(front, marks)
    missing = [name for name in NEEDED if name not in marks]
    if missing:
        raise UserError(f"Not found on this head: {', '.join(missing)}; place these landmarks by hand.")
    found = tuple(name for name in demo_landmarks() if name in marks)
    marks |= _where_they_should_be(front, marks)
    back = {name: (place - pose.shift) @ pose.turn / pose.scale for name, place in marks.items()}
    return Proposal({name: _triple(back[name]) for name in demo_landmarks() if name in back}, found)


def _triple(place: Floats) -> tuple[float, float, float]:
    return float(place[0]), float(place[1]), float(place[2])


def _face_piece(mesh: Mesh, eyes: list[Ball]) -> Mask:
    """The pieces that are met most between and below the eyes, but for the eyes."""
    x, z = (a.ravel() for a in np.meshgrid(np.linspace(-30, 30, 13), np.linspace(-70, 20, 19)))
    other = np.ones(len(mesh.points), bool)
    for ball in eyes:
        other[ball.vertices] = False
    front = Front(mesh, other)
    met = front.face(x, z)
    met = met[met >= 0]
    if len(met) < 60:
        raise UserError("There is no face below these eyes; place the landmarks by hand.")
    pieces = mesh.pieces
    numbers, times = np.unique(pieces[mesh.triangles[met, 0]], return_counts=True)
    return np.isin(pieces, numbers[times.argmax()])


def _profile(front: Front) -> dict[str, Floats]:
    """Landmarks of the outline in the plane of symmetry."""
    z = np.arange(90.0, -170.0, -0.5)
    rows = np.stack([front.depth(np.full(len(z), x), z) for x in (-0.6, 0.0, 0.6)])
    y = np.median(rows, axis=0)

    def mark(number: int) -> Floats:
        return np.array([0.0, y[number], z[number]])

    def within(low: float, high: float) -> Ints:
        return np.flatnonzero((z >= low) & (z <= high) & np.isfinite(y))

    nose = within(-85, -12)
    if len(nose) < 20:
        raise UserError("There is no nose below these eyes; place the landmarks by hand.")
    tip = int(nose[y[nose].argmin()])
    bridge = within(max(z[tip] + 10, -10), 10)
    bridge_at = int(bridge[y[bridge].argmax()])
    if y[bridge_at] - y[tip] < 4:
        raise UserError("The nose of this head does not stand out; place the landmarks by hand.")
    marks = {"nose_tip": mark(tip), "nose_bridge": mark(bridge_at)}
    high = within(58, 64)
    if len(high):
        marks["forehead"] = mark(int(high[len(high) // 2]))
    base = within(z[tip] - 24, z[tip] - 4)
    first = [i for i in base[1:-1] if y[i] >= y[i - 1] and y[i] > y[i + 1]]
    base_at = int(first[0]) if first else int(base[y[base].argmax()])
    marks["nose_base"] = mark(base_at)
    return marks | _chin(z, y, base_at)


def _chin(z: Floats, y: Floats, base: int) -> dict[str, Floats]:
    """Chin, its underside and the throat, below the base of the nose in the profile ``y`` of ``z``."""
    below = np.flatnonzero((z < z[base] - 22) & (z > z[base] - 90) & np.isfinite(y))
    if len(below) < 20:
        return {}
    drop = y[below] - y[base]
    # The chin stands out before what follows: the outline runs back below it.
    back = np.flatnonzero(drop > drop.min() + 14)
    end = int(back[back > drop.argmin()][0]) if (back > drop.argmin()).any() else len(below) - 1
    upright = below[: max(end, 3)]
    tail = upright[len(upright) // 2 :]
    chin = int(tail[y[tail].argmin()])
    marks = {"chin": np.array([0.0, y[chin], z[chin]])}
    under = np.flatnonzero((z < z[chin]) & np.isfinite(y) & (y > y[chin] + 8))
    if len(under):
        marks["jaw_bottom"] = np.array([0.0, y[under[0]], z[under[0]]])
        neck = np.flatnonzero((z <= z[under[0]]) & (z > z[under[0]] - 45) & np.isfinite(y))
        if len(neck) > 10:
            chord = np.array([z[neck[-1]] - z[neck[0]], y[neck[-1]] - y[neck[0]]])
            off = (y[neck] - y[neck[0]]) * chord[0] - (z[neck] - z[neck[0]]) * chord[1]
            corner = int(neck[np.argmin(off)])
            marks["throat"] = np.array([0.0, y[corner], z[corner]])
    return marks


def _lids(front: Front, ball: Ball, outwards: int) -> dict[str, Floats]:
    """Corners and middles of the lids: the edge of what is seen of the ball."""
    reach = 1.5 * float(ball.radii.mean())
    steps = np.arange(-reach, reach + _STEP, _STEP)
    x, z = np.meshgrid(ball.centre[0] + steps, ball.centre[2] + 0.75 * steps)
    skin = front.depth(x.ravel(), z.ravel()).reshape(x.shape)
    flat = 1 - ((x - ball.centre[0]) / ball.radii[0]) ** 2 - ((z - ball.centre[2]) / ball.radii[2]) ** 2
    surface = ball.centre[1] - ball.radii[1] * np.sqrt(np.maximum(flat, 0))
    seen = _patch((skin > surface + 0.3) & (flat > -0.6), x.shape[0] // 2, x.shape[1] // 2)
    if seen.sum() < 30:
        return {}
    columns, rows = np.flatnonzero(seen.any(axis=0)), {}
    for name, column in (("eye_inner", columns[0 if outwards > 0 else -1]),
                         ("eye_outer", columns[-1 if outwards > 0 else 0])):  # fmt: skip
        rows[name] = (float(x[0, column]) + outwards * (0.5 if name == "eye_outer" else -0.5) * _STEP,
                      float(z[seen[:, column], 0].mean()))  # fmt: skip
    middle = int(np.abs(x[0] - (rows["eye_inner"][0] + rows["eye_outer"][0]) / 2).argmin())
    heights = z[seen[:, middle], 0]
    width = abs(rows["eye_outer"][0] - rows["eye_inner"][0])
    if not 0.5 * ball.radii[0] < width < 2.2 * ball.radii[0]:
        return {}
    rows["eye_upper"] = (float(x[0, middle]), float(heights.max()) + 0.5 * 0.75 * _STEP)
    rows["eye_lower"] = (float(x[0, middle]), float(heights.min()) - 0.5 * 0.75 * _STEP)
    return {name: _onto(front, ball, *place) for name, place in rows.items()}


def _onto(front: Front, ball: Ball, x: float, z: float) -> Floats:
    """(3,) the point of the skin nearest to where the ball is seen last."""
    flat = 1 - ((x - ball.centre[0]) / ball.radii[0]) ** 2 - ((z - ball.centre[2]) / ball.radii[2]) ** 2
    y = ball.centre[1] - ball.radii[1] * float(np.sqrt(max(flat, 0.0))) - 1.0
    near = front.tree.find_nearest((x, y, z))[0]
    return np.array([x, y, z]) if near is None else np.array(near, float)


def _patch(mask: Mask, row: int, column: int) -> Mask:
    """The part of ``mask`` that hangs together with its cell nearest to ``row``, ``column``."""
    cells = np.argwhere(mask)
    result = np.zeros_like(mask)
    if not len(cells):
        return result
    start = cells[((cells - (row, column)) ** 2).sum(axis=1).argmin()]
    result[tuple(start)] = True
    while True:
        grown = result.copy()
        grown[1:] |= result[:-1]
        grown[:-1] |= result[1:]
        grown[:, 1:] |= result[:, :-1]
        grown[:, :-1] |= result[:, 1:]
        grown &= mask
        if (grown == result).all():
            return result
        result = grown


def _mouth(front: Front, marks: dict[str, Floats]) -> dict[str, Floats]:
    """The line between the lips, found where the skin is cut: its middle, corners and halfway points."""
    base, chin = marks["nose_base"], marks.get("chin")
    if chin is None:
        return {}
    line = _slit(front, float(base[2]), float(chin[2]))
    if line is None:
        return {}
    lips = _Lips(front, line, float(base[2]), float(chin[2]))
    corners = lips.corners()
    if corners is None:
        return {}
    (left, right), result = corners, {}
    result["mouth_corner_left"], result["mouth_corner_right"] = left, right
    for side, x in (("", 0.0), ("_side_left", left[0] / 2), ("_side_right", right[0] / 2)):
        rims = lips.rims(float(x))
        if rims is not None:
            result["upper_lip" + side], result["lower_lip" + side] = rims
    result |= _fold(front, result.get("lower_lip"), chin)
    return result


def _fold(front: Front, lip: Floats | None, chin: Floats) -> dict[str, Floats]:
    """The deepest point of the skin between the lower lip and the chin."""
    if lip is None or lip[2] - chin[2] < 12:
        return {}
    z = np.arange(float(lip[2]) - 5, float(chin[2]) + 4, -0.5)
    y = front.depth(np.zeros(len(z)), z)
    folds = [i for i in range(1, len(z) - 1) if y[i] >= y[i - 1] and y[i] > y[i + 1] and np.isfinite(y[i])]
    fold = max(folds, key=lambda i: y[i], default=None)
    return {} if fold is None else {"chin_fold": np.array([0.0, y[fold], z[fold]])}


_LONG = 40.0
"""Millimetres of a way along the surface that are not followed further."""


def _slit(front: Front, top: float, bottom: float) -> float | None:
    """Height of the line between the lips in the middle: there, two points that nearly touch are far by the surface."""
    heights = np.arange(top - 4, bottom + 6, -0.5)
    faces = front.face(np.zeros(len(heights)), heights)
    mesh = front.mesh
    near = np.flatnonzero(front.skin & (np.abs(mesh.points[:, 0]) < 45) & (mesh.points[:, 2] < top + 12)
                          & (mesh.points[:, 2] > bottom - 25))  # fmt: skip
    ways = Ways(mesh.points[near], _within(mesh, near))
    best, line = 1.8, None
    met = [(z, mesh.triangles[face, 0]) for z, face in zip(heights, faces, strict=True) if face >= 0]
    number = np.full(len(mesh.points), -1)
    number[near] = np.arange(len(near))
    for step in range(0, len(met) - 8, 2):
        (high, one), (low, other) = met[step], met[step + 8]
        if number[one] < 0 or number[other] < 0:
            continue
        way = ways.lengths(number[[one]], _LONG)[number[other]]
        straight = max(float(np.linalg.norm(mesh.points[one] - mesh.points[other])), 1.0)
        if min(way, _LONG) / straight > best:
            best, line = min(way, _LONG) / straight, (high + low) / 2
    return line


def _within(mesh: Mesh, near: Ints) -> Ints:
    """(P, 2) edges between the vertices ``near``, as numbers among them."""
    number = np.full(len(mesh.points), -1)
    number[near] = np.arange(len(near))
    pairs = number[np.concatenate([mesh.edges, mesh.seams])]
    inner: Ints = pairs[(pairs >= 0).all(axis=1)]
    return inner


_LOPSIDED = 4.0
"""Millimetres by which the corners may differ in a mouth that is meant to be even."""


class _Lips:
    """Which of what is seen round the mouth belongs to the upper and which to the lower lip."""

    def __init__(self, front: Front, line: float, top: float, bottom: float) -> None:
        points = front.mesh.points
        depth = float(front.depth(np.zeros(1), np.array([line + 4.0]))[0])
        near = np.flatnonzero(front.skin & (np.abs(points[:, 0]) < 55) & (points[:, 2] < top + 6)
                              & (points[:, 2] > bottom - 4) & (points[:, 1] < depth + 45))  # fmt: skip
        near = near[~front.mesh.hidden(near)]
        self._front, self._near, self._line = front, near, line
        self._points, self._pairs = points[near], _within(front.mesh, near)
        amid = np.abs(self._points[:, 0]) < 6
        over = self._points[:, 2] - line
        seeds = [np.flatnonzero(amid & (sign * over > 2) & (sign * over < 7)) for sign in (1, -1)]
        self._upper, self._lower = (Ways(self._points, self._pairs).lengths(seed) for seed in seeds)
        self._shift = np.zeros(2)

    def corners(self) -> tuple[Floats, Floats] | None:
        """Left and right corner: where an edge first leads from one lip to the other, from the middle outwards."""
        left = right = None
        for _ in range(3):  # the lips' own ways to a corner may differ, which is seen once it is found
            left, right = self._corner(1), self._corner(-1)
            if left is None or right is None:
                return None
            found = [int(np.linalg.norm(self._points - place, axis=1).argmin()) for place in (left, right)]
            self._shift = self._shift + [self._apart()[i] for i in found]
        if left is None or right is None or abs(left[0] + right[0]) > _LOPSIDED:
            return None if left is None or right is None else (left, right)
        outer = left if left[0] > -right[0] else right  # a corner that is missed lies too far inside
        other = np.array(self._front.tree.find_nearest(tuple(outer * (-1, 1, 1)))[0], float)
        return (outer, other) if outer[0] > 0 else (other, outer)

    def _apart(self) -> Floats:
        """(n,) positive on the upper lip, negative on the lower one."""
        with np.errstate(invalid="ignore"):
            apart = np.nan_to_num(self._lower - self._upper, nan=0.0, posinf=99.0, neginf=-99.0)
        left, right = self._shift
        shifted: Floats = apart - np.where(self._points[:, 0] > 0, left, right)
        return shifted

    def _corner(self, side: int) -> Floats | None:
        apart = self._apart()
        a, b = self._pairs.T
        places = (self._points[a] + self._points[b]) / 2
        crossing = (apart[a] * apart[b] < 0) & (side * places[:, 0] > 5) & (np.abs(places[:, 2] - self._line) < 22)
        if not crossing.any():
            return None
        place: Floats = places[crossing][np.abs(places[crossing, 0]).argmin()]
        return place

    def rims(self, x: float) -> tuple[Floats, Floats] | None:
        """(3,) each: the lowest point of the upper lip and the highest of the lower one that are seen at ``x``."""
        upper = np.full(len(self._front.mesh.points), 0.0)
        upper[self._near] = np.sign(self._apart())
        heights = np.arange(self._line + 14, self._line - 14, -0.2)
        faces = self._front.face(np.full(len(heights), x), heights)
        lip = np.where(faces >= 0, np.sign(upper[self._front.mesh.triangles[faces]].sum(axis=1)), 0.0)
        above, below = np.flatnonzero(lip > 0), np.flatnonzero(lip < 0)
        below = below[below > above.max()] if len(above) else below
        if not len(above) or not len(below):
            return None
        places = [self._front.place(x, float(heights[i])) for i in (above[-1], below[0])]
        if places[0] is None or places[1] is None:
            return None
        return places[0], places[1]


def _nostrils(front: Front, marks: dict[str, Floats]) -> dict[str, Floats]:
    """The wings of the nose: where the skin falls back most steeply beside the tip."""
    height = float(marks["nose_tip"][2] - 2)
    x = np.arange(6.0, 30.0, 0.4)
    result = {}
    for side, sign in (("_left", 1), ("_right", -1)):
        y = front.depth(sign * x, np.full(len(x), height))
        if not np.isfinite(y).all():
            continue
        steep = np.diff(y)
        at = float(x[np.flatnonzero(steep > 0.6 * steep.max())[-1]])
        place = front.place(sign * at, height)
        if place is not None:
            result["nostril" + side] = place
    return result


_SEEN_THERE = ("forehead", "cheek_left", "cheek_right")
_FROM_THE_SIDE = ("jaw_angle_left", "jaw_angle_right", "temple_left", "temple_right")


def _where_they_should_be(front: Front, marks: dict[str, Floats]) -> dict[str, Floats]:
    """Landmarks without a feature of their own: the skin where the demo head, laid over this one, has them."""
    demo = demo_landmarks()
    names = [name for name in marks if name in demo]
    pose = Pose.between(np.stack([demo[name] for name in names]), np.stack([marks[name] for name in names]))
    result = {}
    for name in (*_SEEN_THERE, *_FROM_THE_SIDE):
        if name in marks:
            continue
        x, y, z = pose.there(demo[name])
        if name in _SEEN_THERE:
            place = front.place(float(x), float(z))
        else:
            place = front.side(float(y), float(z), 1 if name.endswith("_left") else -1)
        if place is not None and np.linalg.norm(place - (x, y, z)) < 30:
            result[name] = place
    return result
