"""The eyebrows: soft tapering rolls that ride on the skin's own fields."""

import numpy as np

from ..anatomy import skull
from ..anatomy.features import sculpted
from ..curves import Floats, curve
from ..expressions import with_mirror_images
from ..expressions.upper_face import upper_face_keys
from ..part import HeadPart, plain
from ..shapes import paired, tube

X = [(0.0, 13.0), (0.5, 34.0), (1.0, 56.0)]
Z = [(0.0, 27.5), (0.35, 31.5), (0.62, 33.0), (1.0, 26.5)]
HEIGHT = [(0.0, 1.8), (0.08, 3.2), (0.45, 3.4), (0.8, 2.2), (1.0, 0.5)]
SECTIONS, SEGMENTS = 18, 10


def brows() -> HeadPart:
    """Both eyebrows with the keys that move the skin under them."""
    at = np.linspace(0, 1, SECTIONS)
    middle = _on_skin(curve(X, at), curve(Z, at))
    turn = 2 * np.pi * np.arange(SEGMENTS) / SEGMENTS
    height = curve(HEIGHT, at)[:, None]
    loops = np.repeat(middle[:, None], SEGMENTS, 1)
    loops[..., 2] += height * np.sin(turn)
    loops[..., 0] += 0.35 * height * np.sin(turn)
    loops = _on_skin(loops[..., 0].ravel(), loops[..., 2].ravel()).reshape(loops.shape)
    loops[..., 1] -= 0.3 + 0.75 * height * np.cos(turn)
    vertices, quads, twin = paired(*tube(loops[:, ::-1]))
    keys = {name: delta for name, delta in upper_face_keys(vertices).items() if name.startswith("brow")}
    return plain("brows", vertices, quads, "brow", with_mirror_images(keys, twin))


def _on_skin(x: Floats, z: Floats) -> Floats:
    return sculpted(skull.surface(*skull.locate(x, z)))
