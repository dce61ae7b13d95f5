"""Phones to mouth curves: dominance functions, loudness, seals and rest.

Cohen and Massaro, "Modeling coarticulation in synthetic visual speech" (1993): every phone pulls each articulator
towards its target with a strength that decays as a negative exponential of the time to it; the face is the weighted
mean. Here the posterior of every frame pulls, so doubtful phones pull less. Jaw and lips are apart, and loud
syllables open the jaw further, as in JALI (Edwards et al. 2016).
"""

import numpy as np
import numpy.typing as npt

from model_server.speech.visemes import group_of, visemes
from s2f_blender_addon.core.blend import lip_gap
from s2f_blender_addon.core.channels import CHANNELS, INDEX, indices

Array = npt.NDArray[np.float32]

REACH = ((0.030, 0.055), (0.040, 0.045), (0.035, 0.035))
"""Time constants in seconds of the pull before and after a phone: jaw, lips, tongue."""
LEAST_GAP_MM = 1.5
"""While someone speaks and the lips are not sealed they stay this far apart: touching would read as p, b or m."""
ROLLED_MM, UP_MM = 1.8, 7.0
"""What a lower lip that is rolled in, as for f, takes from that on an average head, and what raised upper lips give."""
SEAL_JAW = 0.035
"""What the jaw at least opens behind sealed lips, so that mouthClose, which is as much, tells a closure from rest."""
AHEAD, SOFT, STEADY = 0.01, 0.015, 0.018
"""Seconds: how long before and after a phone its ceiling holds; standard deviations by which ceilings give way to each
other, and by which a jaw, which is heavy, follows what is asked of it."""
LINGERING, PARTED = 0.028, 0.008
"""jawOpen and mouthLowerDown of lips that are about to speak or have just spoken: they part with the breath before a
phrase, and close slowly."""

QUIET, LOUD = -7.0, 1.5
"""Natural log of frame power over the level where the voice counts as gone and as loud as it gets."""
JAW = (0.631, 0.391, 0.031, -0.055, 0.120)
"""jaw = shape * (a v + b v^2) + c v^2 + (d w + e) * min(1, 2 v) of the smoothed voice v (0-1.2) and what it will be
``SOON``, w; least squares on the captured takes that training hears, less a quarter of what opens without a phone's
asking: those takes' solver gives consonants twice the jaw that Apple's convention gives them."""
SOON = 0.1
"""Seconds. A jaw opens late and closes late: what gets louder finds it less open than what gets softer."""

SYLLABLE = 0.1
"""Seconds. Lips part as far as the syllable is loud: f and s are weak by themselves, and yet show the teeth."""

_JAW, _CLOSE = INDEX["jawOpen"], INDEX["mouthClose"]
_PARTING = indices(("mouthFunnel", "mouthUpperUpLeft", "mouthUpperUpRight", "mouthLowerDownLeft",
                    "mouthLowerDownRight", "mouthShrugUpper"))  # fmt: skip
_UP = indices(("mouthUpperUpLeft", "mouthUpperUpRight"))
_DOWN = indices(("mouthLowerDownLeft", "mouthLowerDownRight"))
_PRESSED = indices(("mouthPressLeft", "mouthPressRight", "mouthRollLower", "mouthRollUpper", "cheekPuff"))


def pull(rate: float, before: float, after: float) -> Array:
    """Kernel for ``filtered``: a phone pulls with e^(-t/before) ahead of itself and e^(-t/after) behind; sums to 1."""
    radius = int(np.ceil(4 * max(before, after) * rate))
    t = np.arange(-radius, radius + 1) / rate
    kernel = np.where(t > 0, np.exp(-t / before), np.exp(t / after))  # t > 0: what is still to come
    unit: Array = (kernel / kernel.sum()).astype(np.float32)
    return unit


def filtered(values: Array, kernel: Array) -> Array:
    """(T, C) convolved with a kernel of odd length along time, ends held."""
    radius = len(kernel) // 2
    padded = np.pad(values, ((radius, radius), (0, 0)), mode="edge")
    out = np.zeros_like(values)
    for weight, offset in zip(kernel, range(len(kernel)), strict=True):
        out += weight * padded[offset : offset + len(values)]
    return out


def targets(phones: Array, rate: float) -> Array:
    """(T, K) posteriors to (T, 52) shapes as if the lips never had to seal and nobody was ever silent."""
    table = visemes()
    result = np.zeros((len(phones), len(CHANNELS)), np.float32)
    for group, (before, after) in enumerate(REACH):
        columns = [i for i, name in enumerate(CHANNELS) if group_of(name) == group and table.targets[:, i].any()]
        weights = phones * table.dominance[group]
        both = np.concatenate([weights @ table.targets[:, columns], weights.sum(1, keepdims=True)], 1)
        smooth = filtered(both, pull(rate, before, after))
        result[:, columns] = smooth[:, :-1] / np.maximum(smooth[:, -1:], 1e-6)
    return result


def held(shapes: Array, phones: Array, rate: float) -> Array:
    """Shapes (T, 52) whose jaw keeps under the ceilings of posteriors (T, K), and moves no faster than a jaw does."""
    known = phones.sum(1)
    ceiling = (phones @ visemes().ceilings + np.maximum(1 - known, 0)) / np.maximum(known, 1)
    reach = round(AHEAD * rate)
    near = np.lib.stride_tricks.sliding_window_view(np.pad(ceiling, reach, mode="edge"), 2 * reach + 1).min(1)
    limit = filtered(near[:, None].astype(np.float32), bell(rate, SOFT))
    result = shapes.copy()
    result[:, [_JAW]] = filtered(np.minimum(shapes[:, [_JAW]], limit), bell(rate, STEADY))
    return result


def bell(rate: float, seconds: float) -> Array:
    """Kernel for ``filtered``: a Gaussian of that standard deviation; sums to 1."""
    radius = int(np.ceil(3 * seconds * rate))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / (seconds * rate)) ** 2)
    unit: Array = (kernel / kernel.sum()).astype(np.float32)
    return unit


def voice(loudness: Array) -> Array:
    """(T,) 0-1.2, how loud the voice is, from (T,) natural log of frame power over the recording's level."""
    return np.asarray((np.clip(loudness, QUIET, LOUD) - QUIET) / -QUIET, np.float32)


def louder(shapes: Array, loudness: Array, rate: float) -> Array:
    """Shapes (T, 52) opened by the voice's loudness: (T,) natural log of frame power over the recording's level.

    In weak syllables the mouth opens little; in strong ones it opens beyond what its phone asks.
    """
    smooth = filtered(voice(loudness)[:, None], pull(rate, 0.02, 0.04))
    soon = smooth[np.minimum(np.arange(len(smooth)) + round(SOON * rate), len(smooth) - 1)]
    heard = np.minimum(1, 2 * smooth)
    a, b, c, d, e = JAW
    result = shapes.copy()
    opened = shapes[:, [_JAW]] * (a * smooth + b * smooth**2) + c * smooth**2 + (d * soon + e) * heard
    result[:, [_JAW]] = np.clip(opened, 0, 1)
    around = filtered(voice(loudness)[:, None], pull(rate, SYLLABLE, SYLLABLE))
    result[:, _PARTING] *= np.minimum(1, 2 * around)
    return result


def neutral(phones: Array, loudness: Array, rate: float) -> Array:
    """(T, 52) shapes of (T, K) posteriors and (T,) log loudness: the rules' mouth before seals and rest."""
    return held(louder(targets(phones, rate), loudness, rate), phones, rate)


def mouth(shapes: Array, seal: Array, speech: Array, about: Array) -> Array:
    """(T, 52) final curves from shapes, the seal's envelope (T,) 0-1 and how much somebody speaks (T,) 0-1.

    Where seal is 1 the lips meet: mouthClose equals jawOpen, which goes on as it was, and nothing parts them. Where
    speech is 0 all is at rest, but for lips that part and close with ``about`` (T,) 0-1, slower than speech.
    """
    pressed = shapes[:, _PRESSED] * seal[:, None]
    curves = shapes.copy()
    curves[:, [c for c in _PRESSED if CHANNELS[c] != "mouthRollLower"]] = 0
    gap = np.maximum(lip_gap(curves) - ROLLED_MM * curves[:, INDEX["mouthRollLower"]], 0)
    curves[:, _UP] += (np.maximum(LEAST_GAP_MM - gap, 0) / UP_MM)[:, None]
    curves *= speech[:, None]
    curves[:, _JAW] = np.maximum(curves[:, _JAW], LINGERING * about)
    curves[:, _DOWN] = np.maximum(curves[:, _DOWN], (PARTED * about)[:, None])
    open_share = (1 - seal)[:, None]
    curves[:, _PARTING] *= open_share
    curves[:, _JAW] = np.maximum(curves[:, _JAW], seal * SEAL_JAW)
    curves[:, _CLOSE] = seal * curves[:, _JAW]
    curves[:, _PRESSED] = curves[:, _PRESSED] * open_share + pressed
    return np.clip(curves, 0, 1).astype(np.float32)
