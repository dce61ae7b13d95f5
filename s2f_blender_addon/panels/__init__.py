"""The sidebar tab ``Speech2Face``."""

from . import keymap, main

CLASSES = (*keymap.CLASSES, *main.CLASSES)
