"""The reference head: 68 landmarks in millimetres, so that every figure is measured on one and the same face.

``face68.json`` is from ICT-FaceKit (MIT, University of Southern California; see ``face68.LICENSE.txt``).
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from s2f_blender_addon.core.channels import CHANNELS

Floats = npt.NDArray[np.float64]

LIPS = list(range(48, 68))
UPPER = [*range(17, 27), *range(36, 48)]
INNER = ((61, 67), (62, 66), (63, 65))
"""Pairs of upper and lower inner-lip landmarks (iBUG numbering)."""


@dataclass(frozen=True)
class LandmarkHead:
    """neutral (68, 3) and delta (52, 68, 3) in mm; delta's rows are CHANNELS at weight 1."""

    neutral: Floats
    delta: Floats

    @staticmethod
    @lru_cache(maxsize=1)
    def load() -> "LandmarkHead":
        data = json.loads((Path(__file__).parent / "face68.json").read_text(encoding="utf-8"))
        delta = np.stack([np.array(data["delta"][name]) for name in CHANNELS]) * 10.0
        return LandmarkHead(np.array(data["neutral"]) * 10.0, delta)

    def landmarks(self, values: npt.NDArray[np.floating[Any]]) -> Floats:
        """(T, 52) weights to (T, 68, 3) mm."""
        moved = values.astype(np.float64) @ self.delta.reshape(len(CHANNELS), -1)
        points: Floats = self.neutral + moved.reshape(-1, 68, 3)
        return points


def opening(points: Floats) -> Floats:
    """(T, 68, 3) to (T,) the widest gap between the inner lips in mm above the head's own at rest."""
    neutral = LandmarkHead.load().neutral
    at_rest = max(neutral[u, 1] - neutral[low, 1] for u, low in INNER)
    gap: Floats = np.max([points[:, u, 1] - points[:, low, 1] for u, low in INNER], axis=0) - at_rest
    return gap


def on_grid(times: Floats, values: Floats, rate: float) -> tuple[Floats, Floats]:
    """``values`` (T, ...) read linearly on the grid 0, 1 / rate ... up to the last of ``times``."""
    grid = np.arange(0.0, times[-1] + 1e-9, 1.0 / rate)
    flat = values.reshape(len(values), -1)
    read = np.stack([np.interp(grid, times, column) for column in flat.T], 1)
    return grid, read.reshape((len(grid), *values.shape[1:]))
