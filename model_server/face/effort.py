"""Effort: what is said louder than the speaker's ordinary voice opens the mouth further and moves brows and head more.

Articulation makes the mouth of a calm line and of a shouted one alike, since level is taken out before anything is
heard. Here the difference comes back: the level of half a second or so against that of the speaker's ordinary speech.
"""

from dataclasses import dataclass

import numpy as np

from model_server.audio.prosody import Prosody, gaussian
from model_server.face.streams import Floats
from s2f_blender_addon.core.channels import CHANNELS, indices

FULL_DB = 10.0
"""Louder than ordinary by this much is an effort of 1: angry actors (CREMA-D) are 13 dB above their own neutral."""
MOST = 1.5
SECONDS = 0.4
"""Standard deviation of the time over which a level is judged: a phrase, not a syllable."""
SPOKEN = 0.5
"""Speech from which on a frame counts."""
JAW, LIPS, BROWS, HEAD = 0.3, 0.2, 0.4, 0.3
"""What an effort of 1 adds to each, as a share of itself."""

_JAW = indices(("jawOpen", "mouthClose"))
_LIPS = indices(tuple(n for n in CHANNELS if n.startswith(("mouthLowerDown", "mouthUpperUp", "mouthFunnel",
                                                           "mouthStretch", "mouthPucker"))))  # fmt: skip


@dataclass(frozen=True)
class Effort:
    """(T,) from -``MOST`` to ``MOST``, 0 is ordinary; scaled by the strength that the user gives it."""

    share: Floats

    def mouth(self, curves: Floats) -> Floats:
        """Curves (T, 52) of a mouth that makes this effort; lips that are shut stay shut."""
        found = curves.copy()
        found[:, _JAW] *= (1 + JAW * self.share)[:, None]
        found[:, _LIPS] *= (1 + LIPS * self.share)[:, None]
        return np.clip(found, 0, 1)

    @property
    def brows(self) -> Floats:
        """(T,) what the motion of the brows is multiplied with."""
        return np.asarray(np.maximum(0, 1 + BROWS * self.share), np.float32)

    @property
    def head(self) -> Floats:
        """(T,) what the motion of the head is multiplied with."""
        return np.asarray(np.maximum(0, 1 + HEAD * self.share), np.float32)


def effort_of(voice: Prosody, ordinary_db: float = 0.0, strength: float = 1.0) -> Effort:
    """The effort of ``voice`` against ordinary speech of ``ordinary_db`` below full scale, 0: that of the recording."""
    spoken = (voice.speech > SPOKEN).astype(np.float32)
    if not spoken.any():
        return Effort(np.zeros(len(spoken), np.float32))
    usual = ordinary_db or float(np.median(voice.loudness_db[spoken > 0]))
    near = gaussian(spoken, SECONDS * voice.fps)
    level = gaussian(spoken * (voice.loudness_db - usual), SECONDS * voice.fps) / np.maximum(near, 1e-3)
    found = strength * np.clip(level / FULL_DB, -MOST, MOST) * np.clip(4 * near, 0, 1)
    return Effort(found.astype(np.float32))
