"""A character out of Blender: each line as a named clip from frame 0 on, in files that engines and others read.

``write`` decides the form by the ending, one of ``core.exports``.
"""

from .clips import ExportClip, clips_of, rate_of
from .forms import write

__all__ = ["ExportClip", "clips_of", "rate_of", "write"]
