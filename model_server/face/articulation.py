"""What the face needs to know of the speaking mouth; ``speech.talk.Talk`` is one."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


class Articulation(Protocol):
    """curves: (T, 52) 0-1, mouth, jaw and tongue. seal, round, spread, speech: (T,) 0-1, how much the moment is a
    lip closure, a rounded vowel, a spread sound, speech at all. fps: frames a second. phones: (T, K) posteriors;
    loudness: (T,) natural log of frame power over the recording's level.
    """

    @property
    def curves(self) -> Floats: ...
    @property
    def seal(self) -> Floats: ...
    @property
    def round(self) -> Floats: ...
    @property
    def spread(self) -> Floats: ...
    @property
    def speech(self) -> Floats: ...
    @property
    def fps(self) -> float: ...
    @property
    def phones(self) -> Floats: ...
    @property
    def loudness(self) -> Floats: ...
    @property
    def bytes(self) -> int:
        """About how much memory it holds."""
        ...
