"""Eyes that look at something: the look channels of a track drawn towards angles."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from .channels import INDEX
from .track import Array, FaceTrack

Angles = npt.NDArray[np.float64]

UP, DOWN, SIDE = 25.0, 30.0, 35.0
"""Degrees that an eye turns at 1."""
_ALIVE = 0.15
"""Of the eyes' own wandering, that stays while they look at something."""
_FOLLOW = 0.35
"""How far a lid comes down with an eye that looks down (Becker and Fuchs 1988)."""


def aimed(track: FaceTrack, angles: Angles, share: Array) -> FaceTrack:
    """``track`` whose eyes look along ``angles`` (T, 2 eyes, 2): degrees to the character's left and up, of the left
    and of the right eye, as far as ``share`` (T,) 0-1 says. Lids follow; what a mood does to the gaze gives way.
    """
    if not share.any():
        return track
    talk, mood = track.talk.copy(), track.mood.copy()
    for eye, side in enumerate(("Left", "Right")):
        left, up = angles[:, eye, 0], angles[:, eye, 1]
        outward = left if side == "Left" else -left
        wanted = {"Out": outward / SIDE, "In": -outward / SIDE, "Up": up / UP, "Down": -up / DOWN}
        down = INDEX[f"eyeLookDown{side}"]
        before = talk[:, down].copy()
        for way, value in wanted.items():
            channel = INDEX[f"eyeLook{way}{side}"]
            goal = np.clip(value, 0, 1).astype(np.float32)
            talk[:, channel] = np.clip((1 - (1 - _ALIVE) * share) * talk[:, channel] + share * goal, 0, 1)
            mood[:, channel] *= 1 - share
        lid = INDEX[f"eyeBlink{side}"]
        talk[:, lid] = np.clip(talk[:, lid] + _FOLLOW * (talk[:, down] - before), 0, 1)
    return replace(track, talk=talk, mood=mood)
