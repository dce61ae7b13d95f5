"""The face's skin as a part: the red of the lips and the lining of the mouth have their own colours."""

import numpy as np

from ..anatomy import mouth
from ..anatomy.face import Face
from ..curves import Floats, blob, curve, step
from ..expressions import face_keys
from ..part import HeadPart


def skin(face: Face) -> HeadPart:
    """The face with all 52 keys."""
    level = np.zeros(len(face.vertices))
    for side in (face.mouth, face.twin[face.mouth]):
        level[side] = np.arange(len(side))[:, None]
    outermost = level[face.quads].min(1)
    paint = np.select([outermost >= mouth.RIM + 2, outermost >= mouth.BORDER], [2, 1], 0)
    return HeadPart("face", face.vertices, face.quads, ("skin", "lip", "mouth"), paint, face_keys(face), _blush(face))


def _blush(face: Face) -> Floats:
    """(N, 3) warmer cheeks, nose, chin and lids, and a soft edge round the lips."""
    p = np.abs(face.vertices) * (1, 0, 0) + face.vertices * (0, 1, 1)
    front = step(20, -30, p[:, 1])
    rosy = 0.9 * blob(p, (46.0, -32.0), (15.0, 12.0)) + 0.7 * blob(p, (0.0, -37.0), (10.0, 7.0))
    rosy += 0.3 * blob(p, (0.0, -90.0), (12.0, 8.0)) + 0.4 * blob(p, (84.0, 0.0), (6.0, 30.0))
    lids, edge = np.zeros(len(p)), np.zeros(len(p))
    for eyes, mouths in ((face.eye, face.mouth), (face.twin[face.eye], face.twin[face.mouth])):
        lids[eyes] = curve([(2.0, 0.0), (5.0, 0.6), (8.0, 0.8), (9.0, 1.0)], np.arange(float(len(eyes))))[:, None]
        edge[mouths] = curve([(2.0, 0.0), (5.0, 1.0), (8.0, 0.0)], np.arange(float(len(mouths))))[:, None]
    tint = np.ones_like(p)
    for weight, colour in ((rosy * front, (1.0, 0.74, 0.70)), (lids, (0.94, 0.80, 0.76)), (edge, (0.94, 0.76, 0.72))):
        tint *= 1 - weight[:, None] * (1 - np.array(colour))
    return tint
