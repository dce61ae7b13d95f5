"""The sidebar tab ``Speech2Face``."""

from . import emotion, keymap, lines, main

CLASSES = (*keymap.CLASSES, *emotion.CLASSES, *lines.CLASSES, *main.CLASSES)
