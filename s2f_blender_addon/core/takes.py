"""Takes, several performances of one line: what they are called and how different they are."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from .channels import CHANNELS, REGIONS, indices
from .track import Array

NAMES = ("Plain", "Held back", "To the last row", "Mumbled")
"""The manner of each take; from the fifth on those behind the first come again, with other choices."""

_MOUTH = indices(REGIONS["mouth"])
_UPPER = indices(tuple(n for n in CHANNELS if n not in REGIONS["mouth"] and not n.startswith("eyeBlink")))


def manner_name(take: int) -> str:
    """What take ``take`` is like, 0 being the plain one."""
    return NAMES[0] if take == 0 else NAMES[1 + (take - 1) % (len(NAMES) - 1)]


def diversity(takes: Sequence[Array]) -> dict[str, float]:
    """How different performances (T, 52) of one line are, on the ``mouth`` and on the ``upper`` face without blinks.

    Mean over pairs of the mean distance, divided by the mean over takes of each one's own distance from its mean over
    time: 0 where all are the same.
    """
    found = {}
    for region, columns in (("mouth", _MOUTH), ("upper", _UPPER)):
        parts = [take[:, columns] for take in takes]
        apart = [float(np.abs(a - b).mean()) for a, b in combinations(parts, 2)]
        moving = [float(np.abs(a - a.mean(0)).mean()) for a in parts]
        found[region] = float(np.mean(apart)) / max(float(np.mean(moving)), 1e-9) if apart else 0.0
    return found
