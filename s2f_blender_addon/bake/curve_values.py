"""What an F-curve says at many frames: out of its keys, without asking Blender frame by frame."""

import numpy as np
from bpy.types import FCurve

from . import compat
from .keyed import BEZIER, Values, evaluate


def curve_values(curve: FCurve, frames: Values) -> Values:
    """(n,) values of ``curve`` at ``frames`` (n,), right to a hundred-thousandth of their size."""
    keys = compat.read_shape(curve)
    told = len(keys["co"]) > 0 and bool((keys["interpolation"] <= BEZIER).all())
    if told and curve.extrapolation == "CONSTANT" and not len(curve.modifiers):
        return evaluate(keys, frames.astype(np.float32).astype(np.float64))  # Blender's frames are single
    return np.array([curve.evaluate(frame) for frame in frames.tolist()], float)
