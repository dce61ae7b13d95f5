"""Many upright bars over a time line, drawn in microseconds: the graphics card keeps them."""

from collections.abc import Callable
from typing import NamedTuple

import gpu
import numpy as np
from bpy.types import Region
from gpu.types import GPUBatch
from gpu_extras.batch import batch_for_shader

from ..core.track import AnyArray


class Bars(NamedTuple):
    """Between ``edges`` (n + 1,) frames; heights (n,) shares of a row, colours (n, 3), opacity (n,)."""

    edges: AnyArray
    heights: AnyArray
    colours: AnyArray
    opacity: AnyArray


class KeptBars:
    """Upright bars of one row as the graphics card keeps them: in frames and shares of the row, so that another zoom
    draws the same ones.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[object, float, float, GPUBatch]] = {}

    def draw(self, region: Region, row: str, low: float, tall: float, what: object, made: Callable[[], Bars]) -> None:
        """Between the pixels ``low`` and ``low + tall`` what ``made`` gives; that is asked for when ``what`` is new."""
        if row not in self._known or self._known[row][0] is not what:
            bars = made()
            self._known[row] = what, float(bars.edges[0]), float(bars.edges[-1]), _batch(bars)
        _, first, last, batch = self._known[row]
        x = pixel(region, first)
        with gpu.matrix.push_pop():
            gpu.matrix.translate((x, low))
            gpu.matrix.scale(((pixel(region, last) - x) / max(last - first, 1e-6), tall))  # pixels are whole ones
            batch.draw(gpu.shader.from_builtin("FLAT_COLOR"))


def _batch(bars: Bars) -> GPUBatch:
    at, there = bars.edges - bars.edges[0], bars.opacity > 0
    left, right, top = at[:-1][there], at[1:][there], bars.heights[there]
    low = np.zeros(len(left))
    corners = np.stack([left, low, right, low, right, top, left, low, right, top, left, top], 1)
    points = corners.reshape(-1, 2).astype(np.float32)
    shades = np.concatenate([bars.colours[there], bars.opacity[there, None]], 1).repeat(6, axis=0).astype(np.float32)
    return batch_for_shader(gpu.shader.from_builtin("FLAT_COLOR"), "TRIS", {"pos": points, "color": shades})


def pixel(region: Region, frame: float) -> float:
    """Where ``frame`` lies in ``region``, in pixels from its left edge."""
    return float(region.view2d.view_to_region(frame, 0.0, clip=False)[0])
