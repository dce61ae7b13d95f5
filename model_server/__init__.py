"""The process beside Blender: a recording in, a FaceTrack out."""

from model_server import blas

VERSION = "0.1.0"
"""Of the program, as the manifest has it."""

blas.choose()
