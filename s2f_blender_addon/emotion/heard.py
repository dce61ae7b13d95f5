"""Laughs, sighs, gasps and sobs of a character on the timeline: where a hand takes hold of one and what it does to it.

A sound lies on scene frames; what is done to it is numbers alone, so that it needs no window.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..core.vocal_events import KINDS, Kind
from .colours import Colour

Part = Literal["first", "last", "whole"]

SHORTEST = 1.0
"""Frames that a sound lasts at least."""

COLOURS: dict[Kind, Colour] = {
    "laugh": (0.93, 0.68, 0.12), "sigh": (0.42, 0.6, 0.66), "gasp": (0.94, 0.47, 0.2), "sob": (0.3, 0.4, 0.78),
}  # fmt: skip
"""sRGB 0-1, near those of the emotion that each goes with."""


@dataclass(frozen=True)
class HeardEvent:
    """Scene frames ``first`` to ``last`` of a sound, and which of ``KINDS`` it is; acted: whether the face acts it."""

    kind: Kind
    first: float
    last: float
    acted: bool = True

    @property
    def colour(self) -> Colour:
        """sRGB 0-1 in which it is shown."""
        return COLOURS[self.kind]


@dataclass(frozen=True)
class Grip:
    """What is held of the sound with this number."""

    number: int
    part: Part


def grip_at(sounds: Sequence[HeardEvent], frame: float, near: float) -> Grip | None:
    """What lies at ``frame``: an edge within ``near`` frames before anything else, and the later of two that overlap.

    A short sound keeps its middle third, so that it can be taken as a whole.
    """
    for number, sound in reversed(list(enumerate(sounds))):
        reach = min(near, (sound.last - sound.first) / 3)
        if abs(frame - sound.first) <= reach or sound.first - near <= frame < sound.first:
            return Grip(number, "first")
        if abs(frame - sound.last) <= reach or sound.last < frame <= sound.last + near:
            return Grip(number, "last")
        if sound.first <= frame <= sound.last:
            return Grip(number, "whole")
    return None


def dragged(sound: HeardEvent, part: Part, by: float) -> HeardEvent:
    """``sound`` with ``part`` moved by so many frames; an edge stops ``SHORTEST`` before the other one."""
    if part == "first":
        return HeardEvent(sound.kind, min(sound.first + by, sound.last - SHORTEST), sound.last, sound.acted)
    if part == "last":
        return HeardEvent(sound.kind, sound.first, max(sound.last + by, sound.first + SHORTEST), sound.acted)
    return HeardEvent(sound.kind, sound.first + by, sound.last + by, sound.acted)


def kind_of(name: str) -> Kind:
    """The kind that a property calls ``name``, in capitals."""
    return next(kind for kind in KINDS if kind.upper() == name)
