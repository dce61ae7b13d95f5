"""The left eye: where the ball sits, the almond between the lids, and the lids that hug the ball."""

import numpy as np

from ..curves import Floats

CENTRE = np.array([36.0, -59.5, 0.0])
RADIUS = 23.5
RIM, CREASE = 9, 5
"""Loops of the patch: the free edge of the lids, and the fold where the lids begin."""

HALF_WIDTH, UPPER, LOWER, TILT = 47.0, 20.5, 24.0, 2.5
"""Degrees seen from the centre of the ball: half the opening, its height above and below, the outer corner's lift."""

CLEARANCE = [1.0, 1.6, 2.3, 2.7, 2.7, 0.5, 0.4, 0.4]
"""Millimetres between ball and lid on loops CREASE … last: skin, the thick free edge, and the side that touches."""


def almond(spokes: int) -> tuple[Floats, Floats]:
    """Azimuth and elevation (S,) in degrees of the free edge at each spoke, from the outer corner over the top."""
    turn = 2 * np.pi * np.arange(spokes) / spokes
    upper = np.sin(turn) >= 0
    height = np.where(upper, UPPER, LOWER) * np.sin(turn) * np.abs(np.sin(turn)) ** 0.15
    lean = np.where(upper, 1 - 0.10 * np.cos(turn), 1 + 0.16 * np.cos(turn))
    return HALF_WIDTH * np.cos(turn), height * lean + TILT * np.cos(turn)


def lid_angles(spokes: int, loops: int) -> tuple[Floats, Floats]:
    """Azimuth and elevation (loops - CREASE, S) in degrees of the loops from CREASE inwards, eyes open."""
    azimuth, elevation = almond(spokes)
    turn = 2 * np.pi * np.arange(spokes) / spokes
    fold_azimuth = azimuth * 1.24
    fold_elevation = elevation + np.where(np.sin(turn) >= 0, 13.0, 9.0) * np.sin(turn)
    steps = np.array([1.0, 0.72, 0.46, 0.2, 0.0, -0.01, 0.2, 0.6][: loops - CREASE])[:, None]
    return azimuth + steps * (fold_azimuth - azimuth), elevation + steps * (fold_elevation - elevation)


def on_ball(azimuth: Floats, elevation: Floats, radius: Floats | float) -> Floats:
    """Points ``radius`` mm from the ball's centre in a direction given in degrees; shape (…, 3)."""
    a, e = np.radians(azimuth), np.radians(elevation)
    direction = np.stack([np.sin(a) * np.cos(e), -np.cos(a) * np.cos(e), np.sin(e)], -1)
    return np.asarray(CENTRE + np.asarray(radius)[..., None] * direction)


def seen_from_ball(points: Floats) -> tuple[Floats, Floats, Floats]:
    """Azimuth, elevation (degrees) and distance (mm) of points (…, 3) from the ball's centre."""
    offset = points - CENTRE
    distance = np.linalg.norm(offset, axis=-1)
    azimuth = np.degrees(np.arctan2(offset[..., 0], -offset[..., 1]))
    return azimuth, np.degrees(np.arcsin(np.clip(offset[..., 2] / distance, -1, 1))), distance


def open_lids(spokes: int, loops: int) -> Floats:
    """(loops - CREASE, S, 3) the lids at rest, from the fold inwards."""
    azimuth, elevation = lid_angles(spokes, loops)
    clearance = np.array(CLEARANCE[: loops - CREASE])[:, None] + np.zeros(spokes)
    return on_ball(azimuth, elevation, RADIUS + clearance)


def pushed_clear(points: Floats, gap: float = 1.2, softness: float = 1.5) -> Floats:
    """Skin near the ball moved outwards to lie at least ``gap`` mm off it (a smooth maximum)."""
    result = points.copy()
    near = np.linalg.norm(points - CENTRE, axis=1) < RADIUS + 15
    offset = points[near] - CENTRE
    distance = np.linalg.norm(offset, axis=1, keepdims=True)
    above = (distance - RADIUS - gap) / softness
    wanted = RADIUS + gap + softness * np.logaddexp(0, above)
    result[near] = CENTRE + offset * wanted / distance
    return result
