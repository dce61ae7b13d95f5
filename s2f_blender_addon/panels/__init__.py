"""The sidebar tab ``Speech2Face``."""

from . import main

CLASSES = (*main.CLASSES,)
