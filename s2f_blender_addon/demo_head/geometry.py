"""Every part of the demo character as arrays: pure numpy, no Blender."""

from .anatomy.face import build_face
from .part import Part, joined
from .parts.brows import brows
from .parts.bust import bust
from .parts.ears import ears
from .parts.eyes import eyes
from .parts.hair import hair
from .parts.lashes import lashes
from .parts.mouth_inside import teeth, tongue
from .parts.skin import skin

BASE = -229.0
"""Height in mm, in the head's own coordinates, of the plane that the character stands on."""


def character() -> list[Part]:
    """The parts, the face first; millimetres, the face looks to -y, z up."""
    face = build_face()
    return [joined("face", [skin(face), ears()]), eyes(), teeth(face), tongue(face), lashes(face), brows(), hair(), bust()]
