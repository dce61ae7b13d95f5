"""A character out of Blender: each line as a named clip from frame 0 on, in files that engines and others read.

``write`` decides the form by the ending; ``ENDINGS`` has all of them.
"""

from .clips import Clip, rate_of
from .forms import ENDINGS, write

__all__ = ["ENDINGS", "Clip", "rate_of", "write"]
