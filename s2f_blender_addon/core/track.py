"""FaceTrack: what the model process makes and everything else consumes."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from .channels import CHANNELS
from .errors import UserError

Array = npt.NDArray[np.float32]
AnyArray = npt.NDArray[Any]
"""Of whatever dtype."""

FASTEST = 1000.0
"""Frames a second that a track may have."""

LATEST = 48 * 3600.0
"""Seconds from 0 at which a track may begin: a time of day, and one more for a night."""

LONGEST = 6 * 3600.0
"""Seconds that a track may last, so that no few bytes of a file ask for all memory at the rate of a scene."""

FLAME_COLUMNS = 112
"""Coefficients of FLAME in a frame; ``core.flame`` says which is which."""


@dataclass(frozen=True)
class Provenance:
    """What made a track, so that a file found in two years explains itself.

    ``licence_track`` is ``product`` or ``research``; ``emotion`` maps slider names to 0-1; ``notes`` say what was
    assumed, repaired or guessed on the way, a sentence for the user each.
    """

    model: str = ""
    audio_sha256: str = ""
    emotion: dict[str, float] = field(default_factory=dict)
    seed: int = 0
    licence_track: str = "product"
    source: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "notes", tuple(str(note) for note in self.notes))


@dataclass(frozen=True)
class FaceTrack:
    """Two layers of 52 blendshape curves on a regular grid of frames.

    talk: (T, 52) float32, what the words do to the face, blinks and gaze included.
    mood: (T, 52) float32, what emotion adds at intensity 1, already gated where the lips must be free.
    fps: frames a second; start: seconds of the first frame. Columns are ``CHANNELS``.
    head: (T, 3) float32, yaw, pitch and roll in radians; zeros when left out.
    flame: (T, 112) float32, FLAME's coefficients where a file told them (see ``core.flame``), which a FLAME head shows
    in place of the channels; (0, 112) without.
    A captured track has an empty (all zero) mood.
    Raises UserError when the layers do not fit together or hold values that are not finite.
    """

    talk: Array
    mood: Array
    fps: float
    start: float = 0.0
    provenance: Provenance = field(default_factory=Provenance)
    head: Array = field(default_factory=lambda: np.zeros((0, 3), np.float32))
    flame: Array = field(default_factory=lambda: np.zeros((0, FLAME_COLUMNS), np.float32))

    def __post_init__(self) -> None:
        for name in ("talk", "mood"):
            layer = np.ascontiguousarray(getattr(self, name), dtype=np.float32)
            if layer.ndim != 2 or layer.shape[1] != len(CHANNELS):
                raise UserError(f"A track needs {len(CHANNELS)} channels; its {name} layer has shape {layer.shape}.")
            if not np.isfinite(layer).all():
                raise UserError(f"The {name} layer of this track holds values that are not numbers.")
            object.__setattr__(self, name, layer)
        if len(self.talk) != len(self.mood):
            raise UserError(f"Talk has {len(self.talk)} frames and mood {len(self.mood)}; they must be equal.")
        if not len(self.talk):
            raise UserError("This track has no frames.")
        head = np.ascontiguousarray(self.head, dtype=np.float32)
        if not len(head):
            head = np.zeros((len(self.talk), 3), np.float32)
        if head.shape != (len(self.talk), 3) or not np.isfinite(head).all():
            raise UserError(f"Head rotations need 3 finite angles a frame; they have shape {head.shape}.")
        object.__setattr__(self, "head", head)
        flame = np.ascontiguousarray(self.flame, dtype=np.float32)
        if flame.shape not in ((0, FLAME_COLUMNS), (len(self.talk), FLAME_COLUMNS)) or not np.isfinite(flame).all():
            raise UserError(f"FLAME's coefficients are {FLAME_COLUMNS} finite numbers a frame, not {flame.shape}.")
        object.__setattr__(self, "flame", flame)
        if not (np.isfinite(self.fps) and 0 < self.fps <= FASTEST):
            raise UserError(f"A track needs a positive frame rate, at most {FASTEST:g}, not {self.fps:g}.")
        if not (abs(self.start) <= LATEST and self.duration <= LONGEST):
            raise UserError(
                f"A track lasts {LONGEST / 3600:g} hours at most and begins within {LATEST / 3600:g}; this one is from "
                f"{self.start:.3g} to {self.start + self.duration:.3g} s."
            )

    @property
    def names(self) -> tuple[str, ...]:
        return CHANNELS

    @property
    def times(self) -> npt.NDArray[np.float64]:
        """(T,) seconds."""
        return self.start + np.arange(len(self.talk)) / self.fps

    @property
    def duration(self) -> float:
        """Seconds from the first frame to the last."""
        return (len(self.talk) - 1) / self.fps

    def at(self, times: npt.NDArray[np.float64]) -> "FaceTrack":
        """The track read at ``times`` (regular, seconds), linear between frames, held at both ends."""
        if len(times) < 1:
            raise UserError("A track cannot be read at no times.")
        position = np.clip((times - self.start) * self.fps, 0, len(self.talk) - 1)
        below = np.minimum(position.astype(np.int64), max(len(self.talk) - 2, 0))
        above = np.minimum(below + 1, len(self.talk) - 1)
        share = (position - below).astype(np.float32)[:, None]
        fps = (len(times) - 1) / float(times[-1] - times[0]) if len(times) > 1 else self.fps
        return replace(
            self,
            talk=self.talk[below] * (1 - share) + self.talk[above] * share,
            mood=self.mood[below] * (1 - share) + self.mood[above] * share,
            head=self.head[below] * (1 - share) + self.head[above] * share,
            flame=self.flame[below] * (1 - share) + self.flame[above] * share if len(self.flame) else self.flame,
            fps=fps,
            start=float(times[0]),
        )

    @staticmethod
    def captured(values: Array, fps: float, start: float = 0.0, source: str = "") -> "FaceTrack":
        """A track without a mood layer, e.g. one read from a Live Link Face file."""
        return FaceTrack(values, np.zeros_like(values), fps, start, Provenance(source=source))
