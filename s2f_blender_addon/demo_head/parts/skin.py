"""The face's skin as a part: the red of the lips and the lining of the mouth have their own colours."""

import numpy as np

from ..anatomy import mouth
from ..anatomy.face import Face
from ..expressions import face_keys
from ..part import Part


def skin(face: Face) -> Part:
    """The face with all 52 keys."""
    level = np.zeros(len(face.vertices))
    for side in (face.mouth, face.twin[face.mouth]):
        level[side] = np.arange(len(side))[:, None]
    outermost = level[face.quads].min(1)
    paint = np.select([outermost >= mouth.RIM + 2, outermost >= mouth.BORDER], [2, 1], 0)
    return Part("face", face.vertices, face.quads, ("skin", "lip", "mouth"), paint, face_keys(face))
