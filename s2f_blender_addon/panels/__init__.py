"""The sidebar tab ``Speech2Face``."""

from . import emotion, keymap, main

CLASSES = (*keymap.CLASSES, *emotion.CLASSES, *main.CLASSES)
