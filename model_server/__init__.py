"""The process beside Blender: a recording in, a FaceTrack out."""

VERSION = "0.1.0"
