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
_SAME_FRAME = 0.01

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


    def overlaps(self, first: float, last: float) -> bool:
        """Whether it sounds anywhere from ``first`` to ``last``."""
        return self.first <= last and self.last >= first

    def is_like(self, other: "HeardEvent") -> bool:
        """Whether a hand has changed nothing that makes one the other."""
        near = max(abs(self.first - other.first), abs(self.last - other.last)) <= _SAME_FRAME
        return near and (self.kind, self.acted) == (other.kind, other.acted)


@dataclass(frozen=True)
class Merged:
    """sounds: all that there are now; known: as they were heard; edited: those that a hand has made, changed or removed
    and that stay so."""

    sounds: list[HeardEvent]
    known: list[HeardEvent]
    edited: list[HeardEvent]


def heard_anew(
    present: Sequence[HeardEvent], known: Sequence[HeardEvent], heard: Sequence[HeardEvent],
    spans: Sequence[tuple[float, float]], all_anew: bool = False,
) -> Merged:
    """``heard`` in place of what is ``present`` in ``spans`` and still like what was ``known`` to be heard.

    What a hand has made, changed or removed stays so, and nothing new is put over it, unless ``all_anew``.
    """
    here = [sound for sound in present if any(sound.overlaps(*span) for span in spans)]
    before = [sound for sound in known if any(sound.overlaps(*span) for span in spans)]
    made = [sound for sound in here if not any(sound.is_like(other) for other in known)]
    lost = [sound for sound in before if not any(sound.is_like(other) for other in present)]
    if all_anew:
        made, lost = [], []
    stay = [sound for sound in present if sound not in here] + made
    fresh = [sound for sound in heard if not any(sound.overlaps(other.first, other.last) for other in made + lost)]
    was = [sound for sound in known if sound not in before] + lost
    return Merged(_ordered(stay + fresh), _ordered(was + fresh), made + lost)


def _ordered(sounds: Sequence[HeardEvent]) -> list[HeardEvent]:
    return sorted(sounds, key=lambda sound: (sound.first, sound.last))


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
