"""Several performances of the same line, as a director would ask for: another mouth, other accents, other eyes.

Take 0 is the plain one. The others differ in manner (how far the jaw and the lips go, how far sounds reach into each
other, how much brows and head underline) and in every random choice; lips close where they close in take 0.
"""

from dataclasses import dataclass, replace

import numpy as np

from model_server.face.streams import Floats, drift, stream
from s2f_blender_addon.core.blend import OPENERS, lip_gap, restore_seals, smooth
from s2f_blender_addon.core.channels import INDEX, REGIONS, indices
from s2f_blender_addon.core.liveliness import STRONGEST, Liveliness

APART_MM = 1.5
"""Lips that speak apart in take 0 stay so far apart in every take."""
_JAW = INDEX["jawOpen"]
_LIPS = indices(tuple(name for name in REGIONS["mouth"] if name.startswith("mouth") and name != "mouthClose"))


@dataclass(frozen=True)
class TakeManner:
    """jaw, lips: factors on their way. reach: seconds, standard deviation of what smooths sounds into each other.
    emphasis: 0-1, how much these factors change from phrase to phrase. brows, head: factors on liveliness.
    """

    jaw: float = 1.0
    lips: float = 1.0
    reach: float = 0.0
    emphasis: float = 0.0
    brows: float = 1.0
    head: float = 1.0


PLAIN = TakeManner()
MANNERS = (
    TakeManner(jaw=0.62, lips=1.35, reach=0.0, emphasis=0.15, brows=0.5, head=0.6),  # held back: the lips do the work
    TakeManner(jaw=1.35, lips=1.15, reach=0.0, emphasis=0.25, brows=1.6, head=1.5),  # to the last row
    TakeManner(jaw=0.9, lips=0.6, reach=0.035, emphasis=0.2, brows=1.1, head=1.0),  # mumbled, one sound into the next
)
"""After the plain take, as ``core.takes.NAMES`` calls them; a fifth take begins anew with other choices."""


def manner(seed: int, take: int) -> TakeManner:
    """How take ``take`` is played; the same for the same two numbers."""
    if take == 0:
        return PLAIN
    chosen = MANNERS[(take - 1) % len(MANNERS)]
    luck = stream(seed, f"manner {take}").uniform(0.93, 1.07, 4)
    return replace(
        chosen, jaw=chosen.jaw * luck[0], lips=chosen.lips * luck[1], brows=chosen.brows * luck[2],
        head=chosen.head * luck[3],
    )  # fmt: skip


def seed_of(seed: int, take: int) -> int:
    """The seed of every random choice in take ``take``; that of take 0 is ``seed``."""
    return (seed + 0x9E3779B1 * take) % 2**32


def played(curves: Floats, seal: Floats, fps: float, seed: int, take: int) -> Floats:
    """(T, 52) mouth ``curves`` in the manner of take ``take``; lips close where they did (``seal`` (T,) 0-1), and those
    that speak apart stay apart.
    """
    how = manner(seed, take)
    if how == PLAIN:
        return curves
    times = np.arange(len(curves)) / fps
    course = 1 + how.emphasis * np.clip(drift(times, 0.5, stream(seed, f"emphasis {take}")), -1.5, 1.5)
    result = smooth(curves, fps, how.reach).copy()
    result[:, _JAW] *= how.jaw * course
    result[:, _LIPS] *= how.lips * course[:, None]
    wanted = np.minimum(lip_gap(curves), APART_MM)
    result[:, _JAW] += np.maximum(wanted - lip_gap(result), 0) / OPENERS["jawOpen"] * (1 - seal)
    return np.clip(restore_seals(result, curves), 0, 1).astype(np.float32)


def lively(life: Liveliness, seed: int, take: int) -> Liveliness:
    """``life`` as take ``take`` underlines it."""
    how = manner(seed, take)
    return replace(
        life, brows=min(life.brows * how.brows, STRONGEST), head=min(life.head * how.head, STRONGEST)
    )  # fmt: skip
