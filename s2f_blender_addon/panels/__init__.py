"""The sidebar tab ``Speech2Face``."""

from . import emotion, keymap, lines, main, takes

CLASSES = (*keymap.CLASSES, *emotion.CLASSES, *lines.CLASSES, *takes.CLASSES, *main.CLASSES)
