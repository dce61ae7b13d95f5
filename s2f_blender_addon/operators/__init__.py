"""What the user can do, a file for each group of operators."""

from . import (
    apply,
    bake,
    character,
    clips,
    emotion_models,
    feel,
    keymap,
    lines,
    own_emotion,
    play,
    report,
    runtime,
    sound,
    tracks,
    where,
    words,
)  # fmt: skip

CLASSES = (
    *bake.CLASSES,
    *apply.CLASSES,
    *lines.CLASSES,
    *feel.CLASSES,
    *clips.CLASSES,
    *own_emotion.CLASSES,
    *emotion_models.CLASSES,
    *character.CLASSES,
    *keymap.CLASSES,
    *sound.CLASSES,
    *play.CLASSES,
    *tracks.CLASSES,
    *report.CLASSES,
    *runtime.CLASSES,
    *where.CLASSES,
    *words.CLASSES,
)
