"""The lower jaw: a hinge before the ears that carries chin, lower lip, lower teeth and tongue."""

import numpy as np

from ..anatomy import mouth
from ..anatomy.face import Face
from ..curves import Floats, rotation, step
from .lip_space import LipSpace

HINGE = np.array([0.0, 22.0, -28.0])
OPEN_DEGREES = 13.0
SLIDES = {"jawForward": (0.0, -9.0, 0.5), "jawLeft": (11.0, 1.0, 0.0)}
"""Millimetres by which the chin moves; jawRight mirrors jawLeft."""

UPPER_SHARE = np.array([0.5, 0.0, 0.42])
"""Share of a closing (x, y, z) that the upper lip makes; the lower lip makes the rest, so it alone comes forward."""

TONGUE_GAP = 0.28
"""Share of a full jawOpen that tongueOut takes along to let the tongue pass."""


def jaw_turn(points: Floats) -> Floats:
    """(N, 3) displacement of points that belong wholly to the jaw when it opens fully."""
    turned: Floats = (points - HINGE) @ rotation("x", OPEN_DEGREES).T + HINGE - points
    return turned


def jaw_moves(points: Floats) -> dict[str, Floats]:
    """Every key's displacement (N, 3) of points that belong wholly to the jaw, like the lower teeth."""
    moves = {name: np.tile(move, (len(points), 1)) for name, move in SLIDES.items()}
    opened = jaw_turn(points)
    return moves | {
        "jawRight": moves["jawLeft"] * (-1, 1, 1), "jawOpen": opened, "tongueOut": TONGUE_GAP * opened,
    }  # fmt: skip


def jaw_weight(points: Floats, lips: LipSpace) -> Floats:
    """(N,) how far each point belongs to the jaw: the chin 1, cheeks between, nose, nape and neck 0."""
    skin = lips.lower * _over_throat(points) * step(45, -20, points[:, 1])
    return np.where(np.isnan(lips.hollow), skin, lips.hollow)


def _over_throat(points: Floats) -> Floats:
    """(N,) 1 under the chin and above, 0 where the neck enters the collar."""
    return step(-156, -100, points[:, 2] + 0.25 * points[:, 1])


def jaw_keys(points: Floats, lips: LipSpace) -> dict[str, Floats]:
    """What the jaw does to skin and lips, but for the closing of the lips."""
    weight = jaw_weight(points, lips)[:, None]
    opened = weight * jaw_turn(points)
    # The corners are drawn in while the mouth grows long.
    narrow = -0.10 * points[:, 0] * lips.near(16) * 4 * lips.lower * (1 - lips.lower)
    opened[:, 0] += narrow
    over = points[:, 2] - mouth.line(points[:, 0])
    fade = step(15, -55, points[:, 1])[:, None]
    # Sideways both lips go along alike, or their curved line would gape.
    shared = np.where(lips.inside < 0.5, weight[:, 0], np.minimum(step(20, -24, over), weight[:, 0] + lips.near(30)))
    sideways = shared * _over_throat(points)
    return {
        "jawOpen": opened,
        "jawForward": weight * fade * SLIDES["jawForward"],
        "jawLeft": sideways[:, None] * fade * SLIDES["jawLeft"],
    }


def closing(face: Face, lips: LipSpace, opened: Floats) -> Floats:
    """What undoes the parting of the lips that ``opened`` (N, 3) makes, exactly on every loop where they touch."""
    result = np.zeros_like(opened)
    spokes = face.mouth.shape[1]
    for side, outwards in ((face.mouth, 1), (face.twin[face.mouth], -1)):
        upper, lower = side[:, : spokes // 2 + 1], side[:, : spokes // 2 - 1 : -1]
        parting = opened[lower] - opened[upper]
        mine = face.vertices[:, 0] * outwards > -1e-9
        rim_x = face.vertices[upper[mouth.RIM], 0] * outwards
        x = np.abs(face.vertices[mine, 0])
        gap = np.stack([np.interp(x, rim_x, parting[mouth.RIM, :, axis]) for axis in range(3)], 1)
        result[mine] = gap * closing_shares(lips)[mine]
        for loop in range(mouth.BORDER, mouth.RIM + 3):
            result[upper[loop]] = UPPER_SHARE * parting[loop]
            result[lower[loop]] = (UPPER_SHARE - 1) * parting[loop]
    return result


def closing_shares(lips: LipSpace) -> Floats:
    """(N, 3) what part of the gap each point closes: fully on the red, then falling as a bell."""
    lower, beyond = lips.lower[:, None], np.maximum(lips.distance - 7, 0)[:, None]
    upper_part = UPPER_SHARE * (1 - lower) * np.exp(-0.5 * (beyond / 13) ** 2)
    lower_part = (1 - UPPER_SHARE) * lower * np.exp(-0.5 * (beyond / 19) ** 2)
    return np.asarray((upper_part - lower_part) * lips.inside[:, None])
