"""The process beside Blender: a recording in, a FaceTrack out."""

from model_server import blas

VERSION = "0.1.0"
"""Of the program; blender_manifest.toml has the same, or there is no zip."""

blas.choose()
