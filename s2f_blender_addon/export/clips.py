"""Clips: the stretches of a scene that are exported, and the frames at which each of them is read."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from bpy.types import Object, Scene

from ..bake.frames import frame_rate


@dataclass(frozen=True)
class ExportClip:
    """A line by its name, from the scene frame ``first`` to ``last``, both included."""

    name: str
    first: float
    last: float

    def frames(self, scene: Scene) -> npt.NDArray[np.float64]:
        """(T,) scene frames of its frames 0, 1 … at ``rate_of(scene)``, to the end or just behind it."""
        step = frame_rate(scene) / rate_of(scene)
        return self.first + step * np.arange(int(np.ceil((self.last - self.first) / step - 1e-6)) + 1)


def clips_of(owner: Object) -> list[ExportClip]:
    """The lines of the character ``owner`` that are baked and seen."""
    listed = owner.s2f_character.lines
    return [ExportClip(line.name, line.first, line.last) for line in listed if line.baked and not line.mute]


def rate_of(scene: Scene) -> int:
    """Frames a second of exported clips: the scene's rate, to the next whole number, as engines want it."""
    return max(round(frame_rate(scene)), 1)


def distinct(clips: list[ExportClip]) -> list[ExportClip]:
    """``clips`` with a number behind names that were there before, in order of time."""
    taken: set[str] = set()
    found = []
    for clip in sorted(clips, key=lambda clip: clip.first):
        name = base = clip.name or "Speech"
        number = 1
        while name in taken:
            number += 1
            name = f"{base} {number}"
        taken.add(name)
        found.append(ExportClip(name, clip.first, clip.last))
    return found
