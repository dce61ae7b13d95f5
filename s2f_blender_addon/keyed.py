"""Sliders that are animated: their F-curves, read at every frame of the shot."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .bake import compat
from .bake.frames import Frames, frame_rate
from .core.channels import EMOTIONS

Floats = npt.NDArray[np.float32]


def _curve(scene: Any, name: str) -> Any | None:
    """The F-curve of scene.s2f's property ``name``, or None."""
    bag = compat.bag_of(scene)
    curve = bag.fcurves.find(f"s2f.{name}") if bag is not None else None
    return curve if curve is not None and not curve.mute and not curve.is_empty else None


def _read(curve: Any, frames: npt.NDArray[np.float64]) -> Floats:
    return np.array([curve.evaluate(frame) for frame in frames.tolist()], np.float32)


def keyed_intensity(scene: Any) -> Callable[[Frames], Floats] | None:
    """Reads the intensity at scene frames, 0-2; None when it is not animated."""
    curve = _curve(scene, "intensity")
    return None if curve is None else lambda frames: np.clip(_read(curve, frames), 0.0, 2.0)


def keyed_emotions(scene: Any, start_frame: float, start: float, fps: float) -> Floats | None:
    """(n, 8) sliders 0-1 at ``fps`` from second ``start`` of a recording whose second 0 is at ``start_frame``.

    They reach to the last key or the scene's end. None when no slider is animated.
    """
    curves = {name: curve for name in EMOTIONS if (curve := _curve(scene, f"emotion_{name}")) is not None}
    if not curves:
        return None
    rate = frame_rate(scene)
    first = np.floor(start_frame + start * rate)
    last = max(scene.frame_end, *(curve.range()[1] for curve in curves.values()), first + 1)
    frames = np.arange(first, np.ceil(last) + 1)
    wanted = np.arange(int((last - first) / rate * fps) + 1) / fps * rate + start_frame + start * rate
    sliders = np.empty((len(wanted), len(EMOTIONS)), np.float32)
    for column, name in enumerate(EMOTIONS):
        if name in curves:
            sliders[:, column] = np.interp(wanted, frames, _read(curves[name], frames))
        else:
            sliders[:, column] = getattr(scene.s2f, f"emotion_{name}")
    return np.clip(sliders, 0.0, 1.0)
