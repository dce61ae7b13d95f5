"""What the user can do, a file for each group of operators."""

from . import apply, bake, character, keymap, report, runtime, sound, tracks

CLASSES = (
    *bake.CLASSES,
    *apply.CLASSES,
    *character.CLASSES,
    *keymap.CLASSES,
    *sound.CLASSES,
    *tracks.CLASSES,
    *report.CLASSES,
    *runtime.CLASSES,
)
