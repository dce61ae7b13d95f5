"""What a job is for, and what it has made. Blender objects are remembered by name, since undo and redo move them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .core.messages import Felt
from .core.track import FaceTrack


@dataclass(frozen=True)
class Plan:
    """Where a track goes: names of scene and target, the frame of second 0, the recording for the sequencer or ''.

    felt_by: id and licence track of a model that filled the sliders' keys, where one did.
    """

    scene: str
    target: str
    start_frame: int
    sound: str
    name: str
    felt_by: tuple[str, str] = ("", "")

    def signed(self, track: FaceTrack) -> FaceTrack:
        """``track`` with a model of the research track in its provenance, where one heard its emotion."""
        model, licence_track = self.felt_by
        if licence_track in ("", "product"):
            return track
        made_by = replace(track.provenance, model=f"{track.provenance.model} + {model}", licence_track=licence_track)
        return replace(track, provenance=made_by)


@dataclass(frozen=True)
class Made:
    """A track that can be mixed and written any number of times; the words that were heard in it."""

    track: FaceTrack
    plan: Plan
    words: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Feeling:
    """What a recording felt like, for the scene and the character of these names, second 0 being at ``start_frame``."""

    felt: Felt
    scene: str
    target: str
    start_frame: int
