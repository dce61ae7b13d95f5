"""Brows, cheeks and nose: fields over positions, so that the eyebrows' own mesh moves with the skin under them."""

import numpy as np

from ..curves import Floats, blob, bump, field, step


def upper_face_keys(points: Floats) -> dict[str, Floats]:
    """Displacements of skin ``points`` (N, 3) in mm at 1, left keys and central ones."""
    p = points
    front = step(30, -20, p[:, 1])
    left = step(-7, 7, p[:, 0])
    mirrored = p * (-1, 1, 1)
    inner, outer = _inner_brow(p) * front, _outer_brow(p) * front
    whole = blob(p, (31.0, 31.0), (17.0, 9.0)) * front * left
    frown = bump(p[:, 0], 6.0, 3.0) * bump(p[:, 2], 26.0, 9.0) * front
    cheek = blob(p, (45.0, -30.0), (16.0, 12.0)) * front
    bag = blob(p, (37.0, -20.0), (16.0, 5.0)) * front
    wing = blob(p, (12.0, -34.0), (6.0, 8.0)) * front
    bridge = blob(p, (9.0, -14.0), (6.0, 9.0)) * front
    beside = blob(p, (23.0, -31.0), (8.0, 10.0)) * front
    fold = blob(p, (27.0, -43.0), (5.0, 9.0)) * front
    puffed = blob(np.abs(p) * (1, 0, 0) + p * (0, 1, 1), (44.0, -57.0), (14.0, 15.0)) * front
    muzzle = blob(p, (0.0, -49.0), (16.0, 4.5)) * front
    return {
        "browDownLeft": field(-3.0, -1.5, -6.0, whole) + field(-1.5, -0.5, -4.5, inner * left)
        + field(0, 1.2, 0, frown),
        "browInnerUp": field(0, 0.8, 9.0, inner + _inner_brow(mirrored) * front),
        "browOuterUpLeft": field(0.0, 1.0, 9.0, outer),
        "cheekSquintLeft": field(1.5, -5.0, 6.5, cheek) + field(0.0, -1.0, 3.5, bag),
        "noseSneerLeft": field(2.5, -0.5, 6.5, wing) + field(-0.5, -2.0, 3.0, bridge)
        + field(-1.5, -0.5, -4.0, inner * left) + field(0.3, -1.8, 3.0, beside) + field(0.0, 1.5, 0.0, fold),
        "cheekPuff": puffed[:, None] * _outwards(p) * 13 + field(0, -3.0, 0, muzzle),
    }  # fmt: skip


def _inner_brow(p: Floats) -> Floats:
    return blob(p, (15.0, 32.0), (11.0, 9.0))


def _outer_brow(p: Floats) -> Floats:
    return blob(p, (47.0, 32.0), (14.0, 10.0))


def _outwards(p: Floats) -> Floats:
    flat = (p - (0, -30, 0)) * (1, 1, 0)
    return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6))
