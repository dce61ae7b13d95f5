"""Emotions that a user made: a pose with a name, which comes and goes, and shows as it was saved."""

from collections.abc import Iterable

import numpy as np

from model_server.face.expressions import STEPS, Expression, Timing
from s2f_blender_addon.core.channels import CHANNELS, INDEX
from s2f_blender_addon.core.custom_emotion import CustomEmotion

APEX = 1.6
"""Seconds, of one that holds its height."""


def own_expressions(given: Iterable[CustomEmotion]) -> tuple[Expression, ...]:
    """Each of ``given`` as an expression that comes and goes in its own time; the voice does nothing to it."""
    return tuple(map(_expression, given))


def _expression(emotion: CustomEmotion) -> Expression:
    pose = np.zeros(len(CHANNELS), np.float32)
    for channel, value in emotion.channels.items():
        pose[INDEX[channel]] = value
    steps = np.array(STEPS, np.float32)[:, None] * pose
    timing = Timing(emotion.onset, APEX, emotion.release, sustain=1.0, energy=0.0, pitch=0.0)
    return Expression(emotion.name, "", "a pose of the user's", timing, steps, steps)
