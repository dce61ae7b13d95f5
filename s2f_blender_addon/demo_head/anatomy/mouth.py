"""The mouth at rest: the line where the lips meet, the red of the lips, and the pocket behind them."""

import numpy as np

from ..curves import Floats, curve

BORDER, RIM = 5, 10
"""Loops of the patch: the edge of the red, and the front edge of the surfaces where the lips meet."""

HALF_WIDTH, HEIGHT = 24.0, -60.0
UPPER_RED = [(0.0, 5.2), (0.10, 5.5), (0.26, 6.2), (0.55, 4.8), (0.85, 2.0), (1.0, 0.6)]
LOWER_RED = [(0.0, 8.0), (0.3, 7.8), (0.6, 6.0), (0.85, 2.7), (1.0, 0.6)]
"""Heights of the red in mm by distance from the middle (1: the corner)."""

POCKET = [(3.0, 0.0, 1.0), (5.0, 0.4, 1.0), (6.5, 4.0, 1.02), (9.0, 11.0, 1.14), (17.0, 19.0, 1.38), (30.0, 20.0, 1.5),
          (48.0, 14.0, 1.2), (52.0, -2.0, 0.8)]  # fmt: skip
"""Loops behind RIM: depth behind the lips, half height, width relative to the mouth's; two where lips touch first, then
the cheeks' inner side, which clears the teeth."""


def line(x: Floats) -> Floats:
    """Height z of the line between the lips at ``x``: level, as of nobody in particular, but for the dip of the upper
    lip's middle.
    """
    t = np.minimum(np.abs(x) / HALF_WIDTH, 1.3)
    return np.asarray(HEIGHT - 0.8 * np.exp(-((t / 0.25) ** 2)) - 0.4 * t**2 - 0.6)


def spread(spokes: int) -> tuple[Floats, Floats]:
    """Distance from the middle 0 … 1 and lip (1 upper, -1 lower, 0 corner) of each of an odd number of spokes."""
    turn = np.pi * np.arange(spokes) / (spokes - 1)
    return np.sin(turn), np.sign(np.round(np.cos(turn), 9))


def red_loops(spokes: int) -> tuple[Floats, Floats, Floats]:
    """x, z and forward bulge (RIM - BORDER + 1, S) of the loops from the border to the rim."""
    along, lip = spread(spokes)
    bend = np.linspace(0, 2.35, RIM - BORDER + 1)[:, None]
    share = (np.cos(bend) - np.cos(2.35)) / (1 - np.cos(2.35))
    height = np.where(lip >= 0, curve(UPPER_RED, along), curve(LOWER_RED, along)) * lip
    x = HALF_WIDTH * along + 1.0 * along**6 * share
    fullness = np.where(lip >= 0, 3.2, 4.4) * np.sqrt(np.maximum(1 - along**2.2, 0.0)) + 0.3
    bulge = fullness * np.sin(bend)
    bulge[-1] = (bulge[-1] + bulge[-1, ::-1]) / 2  # the lips meet edge to edge
    return x, line(x) + height * share, bulge


def pocket_loops(rim: Floats) -> Floats:
    """(len(POCKET), S, 3) the loops behind the rim (S, 3): contact first, then the hollow of the mouth."""
    along, lip = spread(len(rim))
    arch = np.cos(0.5 * np.pi * along)
    loops = []
    for depth, height, width in POCKET:
        loop = rim.copy()
        loop[:, 0] *= width
        loop[:, 1] += depth - 0.35 * depth * np.minimum(along, 1) ** 2 * (depth < 10)
        loop[:, 2] = line(rim[:, 0]) + lip * height * np.sqrt(np.maximum(arch, 0))
        loops.append(loop)
    return np.array(loops)
