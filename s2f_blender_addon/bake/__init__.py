"""From a FaceTrack to keys on a character: frames, values, F-curves and the sound strip."""

from .bake import BakeOptions, BakeReport, bake
from .erase import erase, lift

__all__ = ["BakeOptions", "BakeReport", "bake", "erase", "lift"]
