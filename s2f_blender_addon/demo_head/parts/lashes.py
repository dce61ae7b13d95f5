"""The upper lashes: a dark, tapering fringe on the free edge of each upper lid."""

import numpy as np

from ..anatomy import eye
from ..anatomy.face import Face
from ..curves import Floats
from ..expressions import with_mirror_images
from ..expressions.lids import LidTurn, blink_angles, lid_motions, spoke_turns, turned
from ..part import HeadPart, plain
from ..shapes import lattice, paired

LENGTH, THICKNESS = 4.2, 1.1


def lashes(face: Face) -> HeadPart:
    """Both fringes with the keys of the lids."""
    spokes = face.eye.shape[1]
    upper = np.arange(0, spokes // 2 + 1)
    edge = face.vertices[face.eye[eye.RIM]][upper]
    along = np.linspace(0, 1, len(upper))  # from the outer corner to the inner
    length = LENGTH * np.sin(np.pi * (1 - along) ** 0.75) ** 0.6 * (0.45 + 0.55 * (1 - along)) + 0.2
    loops = np.stack([edge + _offset(edge, 0.1, -0.2), edge + _offset(edge, length, 0.45 * length),
                      edge + _offset(edge, 0.5, THICKNESS), edge + _offset(edge, 0.1, -0.2)])  # fmt: skip
    vertices, quads, twin = paired(loops.reshape(-1, 3), lattice(4, len(upper), False))
    left = {}
    for name, turn in lid_motions(spoke_turns(spokes), blink_angles(spokes)).items():
        delta = turned(loops, LidTurn(*(part[upper] for part in turn))).reshape(-1, 3)
        left[name] = np.concatenate([delta, np.zeros_like(delta)])
    return plain("lashes", vertices, quads, "lash", with_mirror_images(left, twin))


def _offset(edge: Floats, forward: Floats | float, up: Floats | float) -> Floats:
    """Displacement (S, 3): away from the ball by ``forward`` and upwards by ``up`` mm."""
    normal = edge - eye.CENTRE
    normal = normal / np.linalg.norm(normal, axis=1, keepdims=True)
    size = len(edge)
    raised = np.outer(np.broadcast_to(up, size), (0, 0, 1))
    return np.asarray(normal * np.broadcast_to(forward, size)[:, None] + raised)
