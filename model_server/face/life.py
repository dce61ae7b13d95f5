"""Everything that moves in a neutral speaking face besides the articulation, from the voice and a seed.

Emotion has no part in it: a track at intensity 0 is the neutral track to the bit. Emotional habits of lids and gaze are
part of the mood layer (``habits``).
"""

from dataclasses import dataclass

import numpy as np

from model_server.audio.prosody import Prosody, gaussian
from model_server.face.articulation import Articulation
from model_server.face.blinks import draw_blinks, plan_blinks
from model_server.face.brows import move_brows
from model_server.face.flesh import move_flesh
from model_server.face.gaze import LARGE_SHIFT, look, plan_gaze, trace
from model_server.face.head import move_head
from model_server.face.streams import Floats, drift, stream
from s2f_blender_addon.core.channels import CHANNELS, INDEX


@dataclass(frozen=True)
class Liveliness:
    """Strengths, 0-2; 1 is human, 0 switches off. Changing one moves nothing of the others."""

    blinks: float = 1.0
    gaze: float = 1.0
    brows: float = 1.0
    flesh: float = 1.0
    head: float = 1.0


@dataclass(frozen=True)
class Life:
    """curves: (T, 52) to be added to the articulation. head: (T, 3) yaw, pitch, roll in radians (see ``head``)."""

    curves: Floats
    head: Floats


def live(talk: Articulation, prosody: Prosody, fps: float, seed: int, liveliness: Liveliness | None = None) -> Life:
    """The life of a face that speaks ``talk``; ``prosody`` has the same T frames at ``fps``. Same input, same bytes."""
    strength = liveliness or Liveliness()
    times = prosody.times
    gaze, lids = np.zeros((len(times), len(CHANNELS)), np.float32), np.zeros((len(times), len(CHANNELS)), np.float32)
    brows, flesh = np.zeros_like(gaze), np.zeros_like(gaze)

    fixations = plan_gaze(prosody, seed)
    speaking = gaussian(talk.speech, 0.2 * fps)
    path = trace(fixations, times, seed)
    head = strength.head * move_head(prosody, path, speaking, seed)
    # The eyes hold their aim while the head moves under them.
    turned = np.degrees(head[:, :2]) * np.array([-1.0, 1.0])
    look(strength.gaze * (path + turned), gaze)

    shifts = fixations.starts[fixations.sizes > LARGE_SHIFT]
    left, right = draw_blinks(plan_blinks(prosody, shifts, seed), times, fps)
    _move_lids(left * min(strength.blinks, 1), right * min(strength.blinks, 1), gaze, prosody, seed, lids)
    move_brows(prosody, speaking, seed, brows)
    move_flesh(talk, prosody, seed, flesh)
    curves = gaze + lids + strength.brows * brows + strength.flesh * flesh
    return Life(np.clip(curves, -1, 1).astype(np.float32), head.astype(np.float32))


def _move_lids(left: Floats, right: Floats, gaze: Floats, prosody: Prosody, seed: int, lids: Floats) -> None:
    """Blinks, lids that follow the gaze (Becker and Fuchs 1988), and a little tension that comes and goes."""
    times = prosody.times
    tension = drift(times, 0.6, stream(seed, "lid tension"))
    alert = np.clip(0.03 + 0.03 * drift(times, 0.4, stream(seed, "alertness")), 0, None)
    for side, blink in (("Left", left), ("Right", right)):
        down, up = gaze[:, INDEX["eyeLookDown" + side]], gaze[:, INDEX["eyeLookUp" + side]]
        follow = 0.35 * down
        lids[:, INDEX["eyeBlink" + side]] = np.maximum(blink, follow)
        open_lid = 1 - np.clip(blink, 0, 1)
        wide = alert + 0.25 * up + 0.1 * np.clip(prosody.stress - 0.5, 0, 1)
        lids[:, INDEX["eyeWide" + side]] = np.clip(wide - follow, 0, 0.3) * open_lid
        squint = 0.04 + 0.025 * tension + 0.03 * prosody.stress
        lids[:, INDEX["eyeSquint" + side]] = np.clip(squint, 0, 0.25) * (1 - 0.5 * blink)
