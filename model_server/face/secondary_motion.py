"""Small motions around the mouth: breath, nostrils, cheeks, and two halves that are not quite alike.

Nothing here may part or press lips that articulate: whatever moves the inner lips fades with the seal and stays below a
third of a millimetre.
"""

import numpy as np

from model_server.audio.prosody import Prosody, gaussian
from model_server.face.articulation import Articulation
from model_server.face.heard_breaths import parting
from model_server.face.streams import Floats, bumps, drift, stream
from s2f_blender_addon.core.channels import CHANNELS, INDEX, mirrored

_PAIRS = tuple(n for n in CHANNELS if n.startswith("mouth") and n.endswith("Left") and n != "mouthLeft")


def add_secondary_motion(talk: Articulation, prosody: Prosody, seed: int, curves: Floats) -> None:
    """Adds cheeks, nose, jaw sway and mouth asymmetry to ``curves`` (T, 52)."""
    times = prosody.times
    free = 1 - np.clip(talk.seal, 0, 1)
    effort = gaussian(prosody.stress * talk.speech, 0.05 * prosody.fps)
    spreading = gaussian(np.clip(talk.spread, 0, 1) * talk.speech, 0.05 * prosody.fps)
    ends = prosody.phrases[:, 1]
    settled = bumps(times, ends + 0.35, np.ones(len(ends)), 0.3, 0.6) * (1 - np.clip(talk.speech, 0, 1))
    uneven = drift(times, 0.5, stream(seed, "cheek balance"))
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        share = 1 + 0.2 * sign * uneven
        nose = 0.045 * effort + 0.012 * spreading
        curves[:, INDEX["noseSneer" + side]] = np.clip(nose * share, 0, 0.1) * free
        cheek = 0.09 * spreading + 0.05 * effort + 0.01
        curves[:, INDEX["cheekSquint" + side]] = np.clip(cheek * share, 0, 0.25)
        # The corners tighten with effort and close the phrase.
        curves[:, INDEX["mouthDimple" + side]] = 0.035 * effort * share
        curves[:, INDEX["mouthPress" + side]] = 0.04 * settled * share
    # Air presses against closed lips.
    curves[:, INDEX["cheekPuff"]] = 0.05 * gaussian(np.clip(talk.seal, 0, 1) * talk.speech, 0.02 * prosody.fps)
    _breathe(talk, prosody, seed, curves)
    _unbalance(talk, prosody, seed, curves)


def _breathe(talk: Articulation, prosody: Prosody, seed: int, curves: Floats) -> None:
    """A short breath before a phrase, where there is a pause to take it in: nostrils widen, lips hardly part, unless it
    is heard.

    Lips that rest are never quite still. Where speech holds the jaw further open, breath adds nothing to it.
    """
    times, begins = prosody.times, prosody.phrases[:, 0]
    pauses = begins - np.concatenate([[-1.0], prosody.phrases[:, 1]])[: len(begins)]
    deep = 2 * np.clip(pauses - 0.2, 0, 0.5)
    breath = bumps(times, begins - 0.22, deep, 0.3, 0.2)
    resting = (1 - np.clip(talk.seal, 0, 1)) * (1 - np.clip(talk.speech, 0, 1))
    loose = np.clip(0.005 + 0.002 * drift(times, 0.5, stream(seed, "resting lips")), 0.001, 0.009)
    opened = np.maximum(np.maximum(0.014 * breath, loose), parting(prosody, talk.speech))
    curves[:, INDEX["jawOpen"]] += np.maximum(opened - talk.curves[:, INDEX["jawOpen"]], 0) * resting
    for side in ("Left", "Right"):
        curves[:, INDEX["noseSneer" + side]] += 0.04 * breath * resting


def _unbalance(talk: Articulation, prosody: Prosody, seed: int, curves: Floats) -> None:
    """No mouth is symmetric: the halves differ by some percent, slowly changing, and the jaw sways as it opens."""
    times = prosody.times
    free = 1 - np.clip(talk.seal, 0, 1)
    lean = 0.09 * drift(times, 0.3, stream(seed, "mouth balance")) + 0.05 * float(stream(seed, "mouth bias").normal())
    for name in _PAIRS:
        left, right = INDEX[name], INDEX[mirrored(name)]
        curves[:, left] += talk.curves[:, left] * np.clip(lean, -0.25, 0.25) * free
        curves[:, right] -= talk.curves[:, right] * np.clip(lean, -0.25, 0.25) * free
    jaw = gaussian(talk.curves[:, INDEX["jawOpen"]], 0.06 * prosody.fps)
    sway = 0.16 * jaw * drift(times, 1.3, stream(seed, "jaw sway"))
    shift = (0.25 * jaw + 0.015) * drift(times, 0.9, stream(seed, "mouth shift")) * 0.5
    for values, stem in ((sway, "jaw"), (shift, "mouth")):
        curves[:, INDEX[stem + "Left"]] = np.clip(values, 0, 0.12)
        curves[:, INDEX[stem + "Right"]] = np.clip(-values, 0, 0.12)
