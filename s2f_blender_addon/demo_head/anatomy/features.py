"""What turns the bare skull into somebody: soft fields that push the skin in and out."""

import numpy as np

from ..curves import Floats, blob, bump, curve, step

NOSE_HEIGHT = [(-46.0, 0.0), (-41.0, 6.0), (-35.0, 11.5), (-28.0, 12.0), (-18.0, 9.0), (-6.0, 5.6), (6.0, 3.2),
               (20.0, 1.6), (32.0, 0.0)]  # fmt: skip
"""Millimetres of the bridge over the skull, by height; the tip and the wings are rounds on top of it."""

NOSE_WIDTH = [(-46.0, 6.0), (-34.0, 6.3), (-24.0, 6.0), (-12.0, 5.4), (5.0, 5.4), (20.0, 9.0)]


def sculpted(points: Floats) -> Floats:
    """(N, 3) skin after every feature; ``points`` (N, 3) lie on the bare skull, in millimetres."""
    p = points.copy()
    side = np.abs(points) * (1, 0, 0) + points * (0, 1, 1)  # features come in pairs
    front = step(30, -30, p[:, 1])
    p[:, 1] += front * (_sockets(side) + _mouth_dome(side) + _chin(side) - _nose(side))
    p += front[:, None] * _outwards(points) * _cheeks(side)[:, None]
    p[:, 2] += front * _nose_tip_droop(side)
    return p


def _outwards(points: Floats) -> Floats:
    flat = (points - (0, 10, 0)) * (1, 1, 0)
    return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6))


def _nose(p: Floats) -> Floats:
    ridge = curve(NOSE_HEIGHT, p[:, 2]) * bump(p[:, 0], 0, 1) ** (1 / curve(NOSE_WIDTH, p[:, 2]) ** 2)
    tip = 9.5 * blob(p, (0.0, -37.0), (7.0, 6.2))
    wings = 6.8 * blob(p, (11.2, -39.0), (3.7, 4.2))
    nostrils = -3.0 * blob(p, (6.2, -44.0), (2.4, 2.0))
    return np.asarray(ridge + tip + wings + nostrils)


def _nose_tip_droop(p: Floats) -> Floats:
    return -1.6 * blob(p, (0.0, -38.0), (11.0, 5.0))


def _sockets(p: Floats) -> Floats:
    """The hollows of the eyes under a soft brow."""
    hollow = 5.0 * blob(p, (35.0, 3.0), (19.0, 15.0)) + 3.0 * blob(p, (19.0, 4.0), (7.0, 13.0))
    ridge = -2.5 * blob(p, (30.0, 28.0), (19.0, 6.5))
    temple = 2.5 * blob(p, (80.0, 30.0), (20.0, 18.0))
    return np.asarray(hollow + ridge + temple)


def _cheeks(p: Floats) -> Floats:
    apple = 5.5 * blob(p, (44.0, -34.0), (17.0, 14.0))
    hollow = -1.0 * blob(p, (55.0, -62.0), (12.0, 12.0))
    return np.asarray(apple + hollow)


def _mouth_dome(p: Floats) -> Floats:
    dome = -4.5 * blob(p, (0.0, -59.0), (21.0, 14.0))
    groove = 1.2 * bump(p[:, 0], 0, 2.6) * step(-56, -53, p[:, 2]) * step(-43, -47, p[:, 2])  # philtrum
    corner = 1.8 * blob(p, (28.0, -58.0), (4.5, 5.0))
    return np.asarray(dome + groove + corner)


def _chin(p: Floats) -> Floats:
    fold = 2.6 * blob(p, (0.0, -74.0), (16.0, 4.2))
    ball = -5.0 * blob(p, (0.0, -90.0), (13.0, 8.5))
    return np.asarray(fold + ball)
