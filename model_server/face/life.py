"""Everything that moves in a neutral speaking face besides the articulation, from the voice and a seed.

Emotion has no part in it: a track at intensity 0 is the neutral track to the bit. Emotional habits of lids and gaze are
part of the mood layer (``habits``).
"""

from dataclasses import dataclass

import numpy as np

from model_server.audio.prosody import Prosody, gaussian
from model_server.cancel import Progress, silent
from model_server.face.articulation import Articulation
from model_server.face.blinks import draw_blinks, plan_blinks
from model_server.face.brows import move_brows
from model_server.face.effort import Effort
from model_server.face.gaze import LARGE_SHIFT, look, plan_gaze, trace, wander
from model_server.face.head import move_head
from model_server.face.secondary_motion import add_secondary_motion
from model_server.face.streams import Floats, Times, drift, stream
from s2f_blender_addon.core.channels import CHANNELS, INDEX
from s2f_blender_addon.core.liveliness import HUMAN, Liveliness


@dataclass(frozen=True)
class Eyes:
    """degrees: (T, 2) rotation of the eyes in the head, left and up. wander: (T, 2) the part that is looking about.

    left, right: (T,) blinks 0-1. head: (T, 3) radians, what the eyes make up for.
    """

    degrees: Times
    wander: Times
    left: Floats
    right: Floats
    head: Floats

    @property
    def bytes(self) -> int:
        """The memory it holds."""
        return sum(array.nbytes for array in (self.degrees, self.wander, self.left, self.right, self.head))


@dataclass(frozen=True)
class Performance:
    """What a recording does to a neutral face, in T frames; sliders change none of it.

    talk: what the mouth does. prosody: how the voice sounds. eyes: where they look, blinks and the head. curves:
    (T, 52) what lives besides the articulation, to be added to it. seed and liveliness are those of its making.
    """

    talk: Articulation
    prosody: Prosody
    eyes: Eyes
    curves: Floats
    seed: int
    liveliness: Liveliness = HUMAN

    @property
    def fps(self) -> float:
        """Frames a second."""
        return self.talk.fps

    @property
    def head(self) -> Floats:
        """(T, 3) yaw, pitch, roll in radians (see ``head``)."""
        return self.eyes.head

    @property
    def face(self) -> Floats:
        """(T, 52) 0-1, all that shows before a mood is added."""
        return np.clip(self.talk.curves + self.curves, 0.0, 1.0).astype(np.float32)

    @property
    def bytes(self) -> int:
        """About how much memory it holds."""
        return self.curves.nbytes + self.talk.bytes + self.eyes.bytes


def live(
    talk: Articulation,
    prosody: Prosody,
    seed: int,
    strength: Liveliness = HUMAN,
    progress: Progress = silent,
    effort: Effort | None = None,
) -> Performance:
    """What a face does that speaks ``talk`` with ``effort``; ``prosody`` shares its frames. Same input, same bytes."""
    eyes = eye_motion(talk, prosody, seed, strength, effort)
    curves = np.zeros((len(prosody.times), len(CHANNELS)), np.float32)
    progress(0.4, "Lifting the brows")
    move_brows(prosody, gaussian(talk.speech, 0.2 * talk.fps), seed, curves)
    curves *= strength.brows
    if effort is not None:
        curves *= effort.brows[:, None]
    progress(0.7, "Moving cheeks and corners")
    breath = np.zeros_like(curves)
    add_secondary_motion(talk, prosody, seed, breath)
    curves += strength.breath * breath
    look(eyes.degrees, curves)
    _move_lids(eyes, prosody, seed, strength.gaze, curves)
    return Performance(talk, prosody, eyes, np.clip(curves, -1, 1).astype(np.float32), seed, strength)


def eye_motion(
    talk: Articulation, prosody: Prosody, seed: int, strength: Liveliness = HUMAN, effort: Effort | None = None
) -> Eyes:
    """Gaze, blinks and head of a shot, which depend on one another."""
    fixations = plan_gaze(prosody, seed)
    about = trace(fixations, prosody.times)
    head = strength.head * move_head(prosody, about, gaussian(talk.speech, 0.2 * talk.fps), seed)
    if effort is not None:
        head *= effort.head[:, None]
    # The eyes hold their aim while the head moves under them.
    turned = np.degrees(head[:, :2]) * np.array([-1.0, 1.0])
    degrees = strength.gaze * (about + wander(prosody.times, seed) + turned)
    shifts = fixations.starts[fixations.sizes > LARGE_SHIFT]
    left, right = draw_blinks(plan_blinks(prosody, shifts, seed, strength.blinks), prosody.times, talk.fps)
    return Eyes(degrees, strength.gaze * about, left, right, head.astype(np.float32))


def _move_lids(eyes: Eyes, prosody: Prosody, seed: int, gaze: float, curves: Floats) -> None:
    """Blinks, lids that follow the gaze (Becker and Fuchs 1988), and a little tension that comes and goes with it."""
    times = prosody.times
    tension = drift(times, 0.6, stream(seed, "lid tension"))
    alert = np.clip(0.03 + 0.03 * drift(times, 0.4, stream(seed, "alertness")), 0, None)
    for side, blink in (("Left", eyes.left), ("Right", eyes.right)):
        follow = 0.35 * curves[:, INDEX["eyeLookDown" + side]]
        curves[:, INDEX["eyeBlink" + side]] = np.maximum(blink, follow)
        stress = 0.1 * np.clip(prosody.stress - 0.5, 0, 1)
        wide = gaze * alert + 0.25 * curves[:, INDEX["eyeLookUp" + side]] + gaze * stress
        curves[:, INDEX["eyeWide" + side]] = np.clip(wide - follow, 0, 0.3) * (1 - blink)
        squint = gaze * (0.04 + 0.025 * tension + 0.03 * prosody.stress)
        curves[:, INDEX["eyeSquint" + side]] = np.clip(squint, 0, 0.25) * (1 - 0.5 * blink)
