"""Whether anybody speaks in a recording, seen from the face that was made of it."""

import numpy as np

from .channels import REGIONS, indices
from .track import FaceTrack

_MOVES = 0.02
"""What no channel of a mouth goes beyond while nobody speaks."""
_MOUTH = indices(REGIONS["mouth"])


def silence(track: FaceTrack, name: str) -> str:
    """A sentence about a recording, called ``name``, in which nobody is heard to speak; empty where somebody is."""
    if np.abs(track.talk[:, _MOUTH]).max(initial=0.0) > _MOVES:
        return ""
    return f"Nobody is heard to speak in “{name}”: the mouth stays at rest. Is it the right sound, and loud enough?"
