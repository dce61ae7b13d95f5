"""The landmarks of a head: their names, which are a must, and where the demo head has them.

"Left" is the character's own left. A pair ends in ``_left`` and ``_right``.
"""

from collections.abc import Mapping
from functools import cache

import numpy as np

from ..core.errors import UserError
from ..demo_head.anatomy import eye, mouth, skull
from ..demo_head.anatomy.face import Face, build_face
from ..demo_head.anatomy.features import sculpted
from ..demo_head.curves import Floats

Landmarks = Mapping[str, tuple[float, float, float]]
"""Name of a landmark to its place, in the coordinates and units of the mesh."""

MIDDLE = {
    "forehead": "middle of the forehead",
    "nose_bridge": "deepest point of the bridge, between the eyes",
    "nose_tip": "foremost point of the nose",
    "nose_base": "where the nose meets the upper lip",
    "upper_lip_top": "edge of the red above the middle of the upper lip",
    "upper_lip": "middle of the upper lip, where it meets the lower one",
    "lower_lip": "middle of the lower lip, where it meets the upper one",
    "lower_lip_bottom": "edge of the red below the middle of the lower lip",
    "chin_fold": "deepest point between lower lip and chin",
    "chin": "foremost point of the chin",
    "jaw_bottom": "lowest point of the chin, seen from the front",
    "throat": "where the underside of the chin meets the neck",
}
"""What each landmark in the plane of symmetry is."""

PAIRED = {
    "mouth_corner": "corner of the mouth",
    "upper_lip_side": "line of the upper lip, halfway to the corner",
    "lower_lip_side": "line of the lower lip, halfway to the corner",
    "eye_outer": "outer corner of the eye",
    "eye_inner": "inner corner of the eye",
    "eye_upper": "middle of the upper lid's edge",
    "eye_lower": "middle of the lower lid's edge",
    "brow_inner": "inner end of the eyebrow",
    "brow_middle": "top of the eyebrow's arch",
    "brow_outer": "outer end of the eyebrow",
    "nostril": "widest point of the wing of the nose",
    "cheek": "foremost point of the cheekbone, below the outer half of the eye",
    "jaw_angle": "angle of the lower jaw, below the ear",
    "temple": "side of the head before the ear, at the height of the eyes",
}
"""What each landmark that comes twice is."""

SIDES = ("_left", "_right")

NAMES = (*MIDDLE, *(name + side for name in PAIRED for side in SIDES))

NEEDED = (
    "nose_tip", "chin",
    *(name + side for name in ("mouth_corner", "eye_outer", "eye_inner", "eye_upper", "eye_lower") for side in SIDES),
)  # fmt: skip
"""Without these no head is understood; upper_lip or lower_lip must be there, too."""


def other_side(name: str) -> str:
    """The name of the mirror image: its own for a landmark in the middle."""
    for one, other in (SIDES, SIDES[::-1]):
        if name.endswith(one):
            return name.removesuffix(one) + other
    return name


def checked(landmarks: Landmarks) -> dict[str, Floats]:
    """``landmarks`` as arrays (3,). Raises UserError that names what is unknown, missing or no place."""
    unknown = [name for name in landmarks if name not in NAMES]
    if unknown:
        raise UserError(f"There is no landmark {unknown[0]}; the names are {', '.join(NAMES)}.")
    missing = [name for name in NEEDED if name not in landmarks]
    if not {"upper_lip", "lower_lip"} & set(landmarks):
        missing.append("upper_lip")
    if missing:
        raise UserError(f"These landmarks are missing: {', '.join(missing)}; place them first.")
    places = {name: np.asarray(place, np.float64) for name, place in landmarks.items()}
    wrong = [name for name, place in places.items() if place.shape != (3,) or not np.isfinite(place).all()]
    if wrong:
        raise UserError(f"The landmark {wrong[0]} has no place: three finite numbers are needed.")
    return places


def at_vertices(points: Floats, vertices: Mapping[str, int]) -> dict[str, tuple[float, float, float]]:
    """Landmarks of a known topology: the places in ``points`` (V, 3) of ``vertices``. Raises UserError beyond V."""
    beyond = [name for name, number in vertices.items() if not 0 <= number < len(points)]
    if beyond:
        raise UserError(
            f"The landmark {beyond[0]} is vertex {vertices[beyond[0]]}, but the mesh has {len(points)} vertices."
        )
    return {name: (float(x), float(y), float(z)) for name, (x, y, z) in
            ((name, points[number]) for name, number in vertices.items())}  # fmt: skip


@cache
def demo_face() -> Face:
    """The demo head's face, built when it is first asked for."""
    return build_face()


@cache
def demo_landmarks() -> dict[str, Floats]:
    """Every landmark of the demo head (3,), in its millimetres; it looks to -y, z up."""
    face = demo_face()
    spokes = face.mouth.shape[1]
    quarter = int(np.argmin(np.abs(mouth.spread(spokes)[0][: spokes // 2] - 0.5)))
    lips = {"upper_lip_top": (mouth.BORDER, 0), "lower_lip_bottom": (mouth.BORDER, spokes - 1)}
    places = {name: face.vertices[face.mouth[place]] for name, place in lips.items()}
    rim = face.vertices[face.mouth[mouth.RIM]]
    places["upper_lip"], places["lower_lip"] = rim[0], rim[-1]
    for name, (x, z) in _SEEN_FROM_FRONT.items():
        places[name] = _skin(x, z)
    lids = face.vertices[face.eye[eye.RIM]]
    around = len(lids)
    left = {
        "mouth_corner": rim[spokes // 2], "upper_lip_side": rim[quarter], "lower_lip_side": rim[-1 - quarter],
        "eye_outer": lids[0], "eye_upper": lids[around // 4], "eye_inner": lids[around // 2],
        "eye_lower": lids[-(around // 4)],
        "jaw_angle": skull.surface(np.array([78.0]), np.array([5.6]))[0],
        "temple": skull.surface(np.array([82.0]), np.array([11.6]))[0],
    }  # fmt: skip
    left |= {name: _skin(x, z) for name, (x, z) in _SEEN_FROM_THE_LEFT_HALF.items()}
    middle = face.vertices[np.abs(face.vertices[:, 0]) < 1e-6]
    places["nose_tip"] = middle[middle[:, 1].argmin()]
    places["throat"] = skull.surface(np.array([0.0]), np.array([3.4]))[0]
    for name, place in left.items():
        places[name + "_left"], places[name + "_right"] = place, place * (-1, 1, 1)
    return {name: places[name] for name in NAMES}


_SEEN_FROM_FRONT = {
    "forehead": (0.0, 62.0), "nose_bridge": (0.0, 6.0), "nose_base": (0.0, -52.0),
    "chin_fold": (0.0, -75.0), "chin": (0.0, -87.5), "jaw_bottom": (0.0, -98.0),
}  # fmt: skip
_SEEN_FROM_THE_LEFT_HALF = {
    "brow_inner": (13.0, 27.5), "brow_middle": (36.0, 32.5), "brow_outer": (56.0, 26.5), "nostril": (18.0, -38.5),
    "cheek": (46.0, -32.0),
}  # fmt: skip


def _skin(x: float, z: float) -> Floats:
    place: Floats = sculpted(skull.surface(*skull.locate(np.array([x]), np.array([z]))))[0]
    return place
