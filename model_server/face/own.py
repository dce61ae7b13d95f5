"""Emotions that a user made: a pose with a name, which comes and goes as the eight do."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from model_server.face.expressions import STEPS, Expression, Timing
from s2f_blender_addon.core.channels import CHANNELS, EMOTIONS, INDEX
from s2f_blender_addon.core.errors import UserError

TIMING = Timing(onset=0.5, apex=1.6, release=1.4, sustain=0.86, stress=0.06, energy=0.06, pitch=0.03)
"""About the middle of the eight."""


def own_expressions(given: Sequence[Mapping[str, Any]]) -> tuple[Expression, ...]:
    """The expressions of {name, channels}, which maps channels to their values 0-1 at full strength.

    Raises UserError that names the emotion and what is wrong with it.
    """
    made = tuple(_expression(item) for item in given)
    names = [one.name for one in made]
    doubled = next((name for name in names if names.count(name) > 1 or name in EMOTIONS), None)
    if doubled is not None:
        raise UserError(f"There are two emotions with the name {doubled!r}; give one of them another name.")
    return made


def _expression(item: Mapping[str, Any]) -> Expression:
    name, channels = item.get("name"), item.get("channels")
    if not isinstance(name, str) or not name.strip() or not isinstance(channels, Mapping):
        raise UserError("An emotion of your own needs a name and channels; save its pose again.")
    pose = np.zeros(len(CHANNELS), np.float32)
    for channel, value in channels.items():
        if channel not in INDEX:
            raise UserError(f"The emotion {name!r} moves {channel!r}, which is no channel; save its pose again.")
        if not isinstance(value, int | float) or not 0 <= value <= 1:
            raise UserError(f"The emotion {name!r} needs values from 0 to 1; {channel} has another.")
        pose[INDEX[channel]] = value
    steps = np.array(STEPS, np.float32)[:, None] * pose
    return Expression(name, "", "a pose of the user's", TIMING, steps)
