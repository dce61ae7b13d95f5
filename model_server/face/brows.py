"""Brows: they underline accents, rise with the voice and are never frozen.

Brow raises go with pitch accents (Cavé et al., "About the relationship between eyebrow movements and F0 variations",
ICSLP 1996: 71 % of raises come with a rise of F0; not every accent has one); frowns underline some words instead.
"""

import numpy as np

from model_server.audio.prosody import Prosody, gaussian
from model_server.face.streams import Floats, bumps, drift, stream
from s2f_blender_addon.core.channels import INDEX

_RAISED = 0.6  # share of accents with a raise
_FROWNED = 0.12  # share with a frown


def move_brows(prosody: Prosody, speech: Floats, seed: int, curves: Floats) -> None:
    """Adds brow channels to ``curves`` (T, 52)."""
    times, fps = prosody.times, prosody.fps
    rng = stream(seed, "brows")
    n = len(prosody.accents)
    choice, size, lead, tilt = rng.random(n), rng.uniform(0.6, 1.35, n), rng.normal(0.04, 0.03, n), rng.random(n)
    strength = prosody.accents[:, 1] * size
    peaks = prosody.accents[:, 0] - lead
    raised = np.where(choice < _RAISED, strength, 0)
    frowned = np.where(choice > 1 - _FROWNED, strength, 0)
    raises = bumps(times, peaks, raised, 0.2, 0.5)
    frowns = bumps(times, peaks, frowned, 0.2, 0.55)
    opening = bumps(times, prosody.phrases[:, 0] + 0.1, np.full(len(prosody.phrases), 0.10), 0.4, 0.9)
    voiced_pitch = gaussian(np.clip(prosody.pitch, -6, 8) * speech, 0.25 * fps)
    rest = 0.025 * (1 + 0.6 * drift(times, 0.5, stream(seed, "brow drift")))
    inner = rest + 0.26 * raises + opening + 0.014 * np.maximum(voiced_pitch, 0)
    curves[:, INDEX["browInnerUp"]] = np.clip(inner - 0.1 * frowns, 0, 0.6)
    # One brow leads a little, and not always the same one.
    balance = 0.15 * drift(times, 0.4, stream(seed, "brow balance"))
    leaning = bumps(times, peaks, raised * (tilt - 0.5), 0.2, 0.5)
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        outer = 0.17 * raises + 0.5 * opening + 0.4 * rest + sign * (0.12 * leaning + balance * 0.06)
        curves[:, INDEX["browOuterUp" + side]] = np.clip(outer, 0, 0.6)
        down = 0.24 * frowns * (1 + sign * balance) + 0.02 * (1 + sign * balance) * speech
        curves[:, INDEX["browDown" + side]] = np.clip(down * (1 - np.clip(2 * raises, 0, 1)), 0, 0.6)
