"""The 52 keys of the face: each module writes the left and the central ones, ``face_keys`` mirrors them."""

import numpy as np

from ...core.channels import CHANNELS, mirrored
from ..anatomy.face import Face
from ..anatomy.sheet import Ints
from ..curves import Floats, field
from .jaw import TONGUE_GAP, closing, jaw_keys
from .lids import lid_keys
from .lip_space import LipSpace, lip_space
from .lips import lip_keys
from .upper_face import upper_face_keys


def with_mirror_images(keys: dict[str, Floats], twin: Ints) -> dict[str, Floats]:
    """``keys`` (each (N, 3)) and the right-hand partner of every left key, in the order of the channels."""
    images = {mirrored(name): delta[twin] * (-1, 1, 1) for name, delta in keys.items() if mirrored(name) != name}
    everything = keys | images
    return {name: everything[name] for name in CHANNELS if name in everything}


CHEEK_LIFTS_LID = 0.55
"""Share of a squint that a raised cheek brings along."""


def face_keys(face: Face) -> dict[str, Floats]:
    """Displacement (N, 3) in mm of the whole face for each of the 52 channels at 1."""
    lips = lip_space(face)
    keys = skin_keys(face.vertices, lips)
    keys["mouthClose"] = closing(face, lips, keys["jawOpen"])
    return with_mirror_images(with_lids(keys, lid_keys(face)), face.twin)


def skin_keys(points: Floats, lips: LipSpace) -> dict[str, Floats]:
    """Displacements (N, 3) of skin ``points`` (N, 3) in mm at 1, left keys and central ones, without lids and
    ``mouthClose``.
    """
    keys = jaw_keys(points, lips) | lip_keys(points, lips) | upper_face_keys(points)
    upper, lower = 1 - lips.lower, lips.lower
    lifted = lips.near(12) * np.exp(-0.5 * ((lips.along - 0.35) / 0.5) ** 2)
    keys["noseSneerLeft"] = keys["noseSneerLeft"] + field(0, -0.5, 4.0, upper * lifted)
    # The tongue needs room to come out.
    keys["tongueOut"] = TONGUE_GAP * keys["jawOpen"] + field(0, 0, upper * 2.5 - lower * 2.0, lips.near(9))
    return keys


def with_lids(keys: dict[str, Floats], lids: dict[str, Floats]) -> dict[str, Floats]:
    """``keys`` of the left side and the lids' own, and what else moves the lids."""
    squint = keys["cheekSquintLeft"] + CHEEK_LIFTS_LID * lids["eyeSquintLeft"]
    return keys | lids | {"cheekSquintLeft": squint}
