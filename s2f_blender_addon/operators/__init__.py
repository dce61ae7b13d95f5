"""What the user can do, a file for each group of operators."""

from . import apply, bake, character, report, runtime, sound, tracks

CLASSES = (
    *bake.CLASSES,
    *apply.CLASSES,
    *character.CLASSES,
    *sound.CLASSES,
    *tracks.CLASSES,
    *report.CLASSES,
    *runtime.CLASSES,
)
