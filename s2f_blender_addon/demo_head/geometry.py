"""Every part of the demo character as arrays: pure numpy, no Blender."""

from dataclasses import replace

from .anatomy.face import build_face
from .part import HeadPart, joined
from .parts.brows import brows
from .parts.bust import bust
from .parts.ears import ears
from .parts.eyes import eyes
from .parts.hair import hair
from .parts.lashes import lashes
from .parts.skin import skin
from .parts.teeth import teeth
from .parts.tongue import tongue

BASE = -229.0
"""Height in mm, in the head's own coordinates, of the plane that the character stands on."""


def character() -> list[HeadPart]:
    """The parts, the face first; millimetres, the face looks to -y, z up."""
    face = build_face()
    head = replace(joined("face", [skin(face), ears()]), rides_on="")
    return [head, eyes(), teeth(face), tongue(face), lashes(face), brows(), hair(), bust()]
