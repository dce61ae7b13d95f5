"""The 52 keys of the demo head carried over to another head: all of its pieces, in its own coordinates."""

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..core.channels import CHANNELS, mirrored
from ..core.errors import UserError
from ..demo_head.anatomy import eye
from ..demo_head.curves import Floats
from ..demo_head.expressions import CHEEK_LIFTS_LID, skin_keys
from ..demo_head.expressions.jaw import jaw_moves
from ..demo_head.parts.eyes import LOOKS, look
from ..demo_head.parts.teeth import BEHIND_LIPS
from ..demo_head.parts.tongue import BEHIND_TEETH, LENGTH, OUT, put_out
from . import lips as lips_of
from .landmarks import Landmarks, checked, demo_landmarks
from .lids import Eye, at_edge, lid_keys, opening_of
from .mesh import Faces, Ints, Mask, Mesh, triangles_of, untangled
from .parts import Ball, Parts, ball_of, lining, sorted_out
from .strengths import cartoon, strengths
from .warp import Pose, Warp, Way

Progress = Callable[[float, str], None]
"""Takes a fraction 0-1 and what is being done; may raise to end the work."""

_MIRROR = np.array([-1.0, 1.0, 1.0])

_HEAD = np.array([[-170.0, -170.0, -230.0], [170.0, 170.0, 190.0]])
"""Millimetres round the demo head's origin beyond which nothing moves."""


@dataclass(frozen=True)
class Carried:
    """fields: channel -> (V, 3) displacement at 1, in the units of the mesh; notes: sentences on what was assumed."""

    fields: dict[str, npt.NDArray[np.float32]]
    notes: tuple[str, ...]


def carried_fields(
    points: Floats, faces: Faces, landmarks: Landmarks
) -> dict[str, npt.NDArray[np.float32]]:
    """The displacement (V, 3) of every vertex for each of the 52 channels at 1, in the units of ``points``.

    points (V, 3): a head at rest, in any units, however it is turned; faces (F, 3 or 4); landmarks: see
    ``landmarks.NAMES``. Raises UserError where landmarks are missing or lie on no mesh.
    """
    return carry(points, faces, landmarks).fields


def carry(
    points: Floats, faces: Faces, landmarks: Landmarks,
    progress: Progress = lambda *_: None, wanted: Mapping[str, float] = {},
) -> Carried:  # fmt: skip
    """See ``carried_fields``; ``wanted``: see ``strengths.strengths``; ``progress`` is told how far it has come."""
    steps = carrying(points, faces, landmarks, wanted)
    while True:
        try:
            progress(*next(steps))
        except StopIteration as end:
            done: Carried = end.value
            return done


def carrying(
    points: Floats, faces: Faces, landmarks: Landmarks, wanted: Mapping[str, float]
) -> Generator[tuple[float, str], None, Carried]:
    """``carry`` step by step, so that it can be left: yields how far it has come, 0-1, and what comes next."""
    yield 0.0, "laying the head over ours"
    head = _PosedHead(np.asarray(points, np.float64), triangles_of(faces), checked(landmarks))
    yield 0.2, "telling the lips apart"
    told = lips_of.sides(head.mesh, head.parts.skin, head.there)
    if not told.cut:
        head.notes.append("The lips of this mesh are not cut apart, so the mouth stretches instead of opening.")
    keys = {name: np.zeros_like(head.mesh.points) for name in CHANNELS}
    yield from head.move_skin(keys, told)
    yield 0.7, "moving the lids"
    head.add_lids(keys)
    head.scale(keys, strengths(cartoon(head.lids), wanted))
    yield 0.8, "smoothing"
    yield from head.smooth(keys)
    yield 0.9, "moving eyes and teeth"
    head.add_mouth(keys)
    head.add_eyes(keys)
    yield 0.93, "moving what hangs on the skin"
    head.add_stiff(keys)
    fields = {name: head.pose.back(keys[name]).astype(np.float32) for name in CHANNELS}
    yield 1.0, "done"
    return Carried(fields, tuple(head.notes))


class _PosedHead:
    """A head in the pose and size of the demo head, and over it."""

    def __init__(self, points: Floats, triangles: Ints, landmarks: dict[str, Floats]) -> None:
        demo = demo_landmarks()
        source, target = _pairs(landmarks, demo)
        self.pose = Pose.between(source, target)
        self.mesh = Mesh(self.pose.there(points), triangles)
        self.landmarks = {name: self.pose.there(place) for name, place in landmarks.items()}
        self.warp = Warp(self.pose.there(source), target)
        self.notes: list[str] = []
        self.edges, self.lips = np.zeros(len(points), bool), np.zeros(len(points), bool)
        within = ((self.mesh.points > _HEAD[0]) & (self.mesh.points < _HEAD[1])).all(axis=1)
        self.there = np.full_like(self.mesh.points, 1e6)
        self.there[within] = self.warp(self.mesh.points[within])
        self.within = within
        skin = self._skin()
        balls = [ball_of(self.mesh, skin, self._lids(side)) for side in ("_left", "_right")]
        self.balls: list[Ball | None] = balls
        self.parts: Parts = sorted_out(self.mesh, self.there, skin, balls)

    def _skin(self) -> Mask:
        """(V,) the pieces on which landmarks lie."""
        found = [self.mesh.tree.find_nearest(tuple(place)) for place in self.landmarks.values()]
        on = [self.mesh.triangles[index, 0] for _, _, index, away in found if index is not None and away < 10]
        if not on:
            raise UserError("The landmarks lie on no part of the mesh; place them on its surface.")
        numbers, times = np.unique(self.mesh.pieces[on], return_counts=True)
        return np.isin(self.mesh.pieces, numbers[times >= max(2, times.max() // 4)])

    def _lids(self, side: str) -> Floats:
        return np.stack([self.landmarks[f"eye_{name}{side}"] for name in ("outer", "inner", "upper", "lower")])

    @property
    def lids(self) -> tuple[Floats, Floats]:
        """(4, 3) landmarks of the left and of the right eye."""
        return self._lids("_left"), self._lids("_right")

    def move_skin(self, keys: dict[str, Floats], told: lips_of.Sides) -> Iterator[tuple[float, str]]:
        """Write to ``keys`` what skin and all that bends with it do, but for the lids; see ``carrying``."""
        soft = self.parts.soft[self.within[self.parts.soft]]
        label = lips_of.Sides(told.label[soft], told.hollow[soft], told.cut)
        way = Way.of(self.warp, self.mesh.points[soft])
        lips = lips_of.standing(way.there, label)
        self.lips[soft] = lips_of.red(way.there, lips)
        left = skin_keys(way.there, lips)
        left["mouthClose"] = lips_of.closing(way.there, lips, label.label)
        other = skin_keys(way.there * _MIRROR, replace(lips, along=-lips.along))
        moves = left | {mirrored(name): move * _MIRROR for name, move in other.items() if mirrored(name) != name}
        for number, (name, move) in enumerate(moves.items()):
            yield 0.35 + 0.35 * number / len(moves), f"carrying {name} over"
            keys[name][soft] = way.carried(move)
        # What a long way bends must not keep the lips apart: together, opening and closing are short.
        keys["mouthClose"][soft] = way.carried(left["jawOpen"] + left["mouthClose"]) - keys["jawOpen"][soft]

    def scale(self, keys: dict[str, Floats], factors: dict[str, float]) -> None:
        """Make keys stronger or weaker, in place."""
        for name, factor in factors.items():
            keys[name] *= factor

    def smooth(self, keys: dict[str, Floats]) -> Iterator[tuple[float, str]]:
        """Turn no face inside out that is seen from the front; edges stay where they meet. See ``carrying``."""
        own = self.parts.skin & self.within
        faces = np.flatnonzero(own[self.mesh.triangles].all(axis=1))
        seen = np.zeros(len(own), bool)
        seen[own] = ~self.mesh.hidden(np.flatnonzero(own))
        faces = faces[seen[self.mesh.triangles[faces]].all(axis=1)]
        both = keys["jawOpen"] + keys["mouthClose"]
        for number, name in enumerate(CHANNELS):
            if name != "mouthClose":  # by itself it draws a lip through the other one, with an open jaw it does not
                keys[name] = untangled(self.mesh, faces, keys[name], self.edges)
            yield 0.8 + 0.1 * number / len(CHANNELS), f"smoothing {name}"
        keys["mouthClose"] = untangled(self.mesh, faces, both, self.lips) - keys["jawOpen"]

    def add_lids(self, keys: dict[str, Floats]) -> None:
        """The lids turn about the balls."""
        soft = self.parts.soft[self.within[self.parts.soft]]
        for side, mirror in (("_left", 1.0), ("_right", -1.0)):
            flip = np.array([mirror, 1.0, 1.0])
            place = self.eye(side)
            points = self.mesh.points[soft] * flip
            near = soft[np.linalg.norm(points - place.centre, axis=1) < _AROUND_EYE * self._width(side)]
            if not len(near):
                continue
            edges = self.mesh.edges
            marked = np.zeros(len(self.mesh.points), bool)
            marked[near] = True
            skin = marked & self.parts.skin
            segments = self.mesh.points[edges[skin[edges].all(axis=1)]] * flip
            opening = opening_of(place, self._lids(side) * flip, segments)
            if opening.height < 6.0:
                self.notes.append(f"The {side[1:]} eye of this mesh is nearly shut, so its lids hardly move.")
            folded = self._folded(near, place, flip)
            moves = lid_keys(place, opening, self.mesh.points[near] * flip, self.there[near] * flip, folded)
            self.edges[near] |= folded | at_edge(place, opening, self.mesh.points[near] * flip)
            for name, move in moves.items():
                channel = name if mirror > 0 else mirrored(name)
                keys[channel][near] += move * flip
            squint = "eyeSquintLeft" if mirror > 0 else "eyeSquintRight"
            cheek = squint.replace("eye", "cheek")
            keys[cheek][near] += CHEEK_LIFTS_LID * keys[squint][near]

    def _width(self, side: str) -> float:
        lids = self._lids(side)
        return float(np.linalg.norm(lids[0] - lids[1]))

    def _folded(self, near: Ints, place: Eye, flip: Floats) -> Mask:
        """Which vertices near a ball are the inner side of a lid: they look at it, and have skin before them."""
        outwards = self.mesh.points[near] - place.centre * flip
        about = outwards * flip @ place.into.T
        outwards /= np.maximum(np.linalg.norm(outwards, axis=1, keepdims=True), 1e-9)
        result: Mask = (self.mesh.normals[near] * outwards).sum(axis=1) < _LOOKS_IN
        result &= np.linalg.norm(about, axis=1) < _BESIDE_BALL * eye.RADIUS
        thick = _THICK * eye.RADIUS / np.linalg.norm(place.into, 2)
        for i in np.flatnonzero(result):
            start = self.mesh.points[near[i]] + 0.05 * outwards[i]
            _, _, face, _ = self.mesh.tree.ray_cast(start.tolist(), outwards[i].tolist(), thick)
            result[i] = face is not None and self.parts.skin[self.mesh.triangles[face, 0]]
        return result

    def eye(self, side: str) -> Eye:
        """The eye of ``side``, in a mirror for the right one."""
        flip = np.array([1.0 if side == "_left" else -1.0, 1.0, 1.0])
        ball = self.balls[side == "_right"]
        if ball is not None:
            return Eye(ball.centre * flip, np.diag(eye.RADIUS / ball.radii))
        target = eye.CENTRE * flip
        lids = self._lids(side).mean(axis=0)
        centre = self.warp.source_of(target, lids + np.array([0, 0.7 * eye.RADIUS, 0]))
        slopes = self.warp.slopes(centre[None])[0]
        return Eye(centre * flip, slopes * np.outer(flip, flip))

    def add_mouth(self, keys: dict[str, Floats]) -> None:
        """Lower teeth go with the jaw as a whole, so does the tongue, which also comes out."""
        for vertices in (self.parts.lower_teeth, self.parts.tongue):
            if len(vertices):
                way = Way.of(self.warp, self.mesh.points[vertices])
                for name, move in jaw_moves(way.there).items():
                    keys[name][vertices] = _as_one(self.mesh.points[vertices], way.carried(move))
        if len(self.parts.tongue):
            keys["tongueOut"][self.parts.tongue] += self._put_out(self.parts.tongue, np.ones(len(self.parts.tongue)))
        for vertices in self.parts.mixed:
            way = Way.of(self.warp, self.mesh.points[vertices])
            lower, tongue = lining(self.mesh, vertices, way.there, self.parts)
            for name, move in jaw_moves(way.there).items():
                keys[name][vertices] = way.carried(move * lower[:, None])
            if (tongue > 0.5).any():
                keys["tongueOut"][vertices] += self._put_out(vertices, tongue)

    def _put_out(self, vertices: Ints, share: Floats) -> Floats:
        """(n, 3) how a tongue comes out that ``vertices`` belong to by ``share`` 0-1."""
        way = Way.of(self.warp, self.mesh.points[vertices])
        own = way.there[share > 0.5]
        front, root = float(own[:, 1].min()), float(own[:, 1].max())
        length = min((root - front) * _TONGUE, 1.4 * LENGTH)
        tip = front - length * (1 - 1 / _TONGUE)
        return way.carried(put_out(way.there, tip, length, OUT + tip - _DEMO_TIP) * share[:, None])

    def add_eyes(self, keys: dict[str, Floats]) -> None:
        """The balls turn about their centres."""
        for side, vertices in zip(("_left", "_right"), self.parts.eyes, strict=True):
            if not len(vertices):
                continue
            flip = np.array([1.0 if side == "_left" else -1.0, 1.0, 1.0])
            place = self.eye(side)
            ball = (self.mesh.points[vertices] * flip - place.centre) @ place.into.T
            for name, (axis, degrees) in LOOKS.items():
                turned = np.linalg.solve(place.into, look(ball, axis, degrees).T).T
                keys[name if side == "_left" else mirrored(name)][vertices] = turned * flip

    def add_stiff(self, keys: dict[str, Floats]) -> None:
        """What hangs on the skin goes with the skin under its roots."""
        if not self.parts.stiff:
            return
        from mathutils.kdtree import KDTree

        skin = np.flatnonzero(self.parts.skin)
        tree = KDTree(len(skin))
        for i, place in enumerate(self.mesh.points[skin].tolist()):
            tree.insert(place, i)
        tree.balance()
        for vertices, roots in self.parts.stiff:
            under = skin[[tree.find(place)[1] for place in self.mesh.points[roots].tolist()]]
            for key in keys.values():
                key[vertices] = key[under].mean(axis=0)


_BESIDE_BALL, _THICK = 1.09, 0.3
"""In radii of a ball: how far from its centre the inner side of a lid lies at most, and how thick a lid is at most."""

_LOOKS_IN = -0.5
"""Cosine between the normal of such a side and the way outwards, at most."""

_AROUND_EYE = 2.6
"""Widths of an eye within which its lids may move anything."""

_TONGUE = 1.06
"""A tongue's length by that of its vertices: no vertex of the demo head's lies at the very tip."""

_DEMO_TIP = lips_of.rim_depth(np.zeros(1))[0] + BEHIND_LIPS + BEHIND_TEETH
"""Depth y of the tip of the demo head's tongue."""


def _pairs(landmarks: dict[str, Floats], demo: dict[str, Floats]) -> tuple[Floats, Floats]:
    """(L, 3) each: where landmarks are and where they are on the demo head; lips that are apart count in the middle."""
    sources, targets = dict(landmarks), {name: demo[name] for name in landmarks}
    for side in ("", "_side_left", "_side_right"):
        both = [f"{lip}_lip{side}" for lip in ("upper", "lower")]
        if all(name in sources for name in both):
            sources[both[0]] = (sources[both[0]] + sources.pop(both[1])) / 2
            targets[both[0]] = (targets[both[0]] + targets.pop(both[1])) / 2
    return np.stack([sources[name] for name in targets]), np.stack(list(targets.values()))


def _as_one(points: Floats, moves: Floats) -> Floats:
    """(N, 3) the displacement of a solid body that is nearest to ``moves`` (N, 3) of its ``points``."""
    if len(points) < 4:
        return np.broadcast_to(moves.mean(axis=0), moves.shape).copy()
    pose = Pose.between(points, points + moves)
    solid = (points - points.mean(axis=0)) @ pose.turn.T + (points + moves).mean(axis=0)
    return np.asarray(solid - points)

