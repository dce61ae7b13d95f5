"""Emotions that a user made: a pose with a name, which comes and goes as the eight do."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from model_server.face.expressions import STEPS, Expression, Timing
from s2f_blender_addon.core.channels import CHANNELS, EMOTIONS, INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.own_emotion import checked, read_file

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
    name = item.get("name")
    if not isinstance(name, str) or not name.strip():
        raise UserError("An emotion of your own needs a name; save its pose again.")
    pose = np.zeros(len(CHANNELS), np.float32)
    for channel, value in checked(name, item.get("channels")).items():
        pose[INDEX[channel]] = value
    steps = np.array(STEPS, np.float32)[:, None] * pose
    return Expression(name, "", "a pose of the user's", TIMING, steps)


def from_files(paths: Sequence[Path]) -> tuple[Expression, ...]:
    """The emotions in files that “Export Emotion” wrote. Raises UserError that names the file."""
    return own_expressions([{"name": name, "channels": pose} for name, pose in map(read_file, paths)])
