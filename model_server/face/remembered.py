"""A performance as a line remembers it, and back: enough for a mood to be added anew without the sound."""

from dataclasses import dataclass

import numpy as np

from model_server.audio.prosody import Prosody
from model_server.face.articulation import Floats
from model_server.face.life import Eyes, Performance
from s2f_blender_addon.core.blend import sealed
from s2f_blender_addon.core.drive import Drive
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.track import FaceTrack


def drive_of(performance: Performance) -> Drive:
    """What a mood needs of ``performance``."""
    prosody, eyes, talk = performance.prosody, performance.eyes, performance.talk
    count = len(performance.curves)
    columns = (
        prosody.energy, prosody.speech, prosody.pitch, talk.round, talk.seal, *eyes.degrees.T, *eyes.wander.T,
        eyes.left, eyes.right,
    )  # fmt: skip
    values = np.stack([np.asarray(column, np.float32)[:count] for column in columns], axis=1)
    return Drive(values, prosody.accents.astype(np.float32), prosody.phrases.astype(np.float32), performance.seed)


@dataclass(frozen=True)
class _Mouth:
    """The speaking mouth of a track."""

    curves: Floats
    seal: Floats
    round: Floats
    spread: Floats
    speech: Floats
    fps: float
    phones: Floats
    loudness: Floats

    @property
    def bytes(self) -> int:
        return self.curves.nbytes


def performance_of(track: FaceTrack, drive: Drive) -> Performance:
    """The performance that ``track`` and ``drive`` are of: as much of its sound as rules need for a mood, no phones.

    Raises UserError where the two do not fit together.
    """
    if len(drive) != len(track.talk):
        raise UserError("What this line keeps of its voice does not fit its speech; bake it again.")
    energy, speech, pitch, rounded, seal, *rest = drive.values.T
    none = np.zeros_like(energy)
    prosody = Prosody(
        track.fps, none, energy, none, pitch, none, speech, drive.accents.astype(np.float64),
        drive.phrases.astype(np.float64),
    )  # fmt: skip
    degrees, wander = np.stack(rest[:2], axis=1).astype(np.float64), np.stack(rest[2:4], axis=1).astype(np.float64)
    eyes = Eyes(degrees, wander, rest[4], rest[5], track.head)
    seal = np.maximum(seal, sealed(track.talk))
    mouth = _Mouth(track.talk, seal, rounded, none, speech, track.fps, np.zeros((len(none), 0), np.float32), none)
    return Performance(mouth, prosody, eyes, np.zeros_like(track.talk), drive.seed)
