"""values = clamp(reseal(talk + intensity * mood)): the one place where the two layers meet.

The linear sum is EmoVOCA's latent addition carried into blendshape space. The model process, the redo panel and
the exporters all call ``blend``, so a slider needs no second inference.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .channels import CHANNELS, INDEX, REGIONS, indices
from .track import Array, FaceTrack

SEAL_MARK = 0.03
"""mouthClose at or above which the talk layer marks a closure that is meant (p, b, m); rest has none."""

BLOCK = 1 << 12
"""Frames that are mixed and written at a time: what an hour needs beside its layers stays small."""

FIRM = 0.9
"""From this seal on the lips make up for a mood in full: what is left of it would be seen as a gap."""
REACH_MM = 8.0
"""How far lips reach to close in spite of muscles that part them."""
RAISED = 0.6
"""How far the chin (AU17) pushes the lower lip up to meet an upper lip that is beyond their reach."""

OPENERS: dict[str, float] = {
    "jawOpen": 27.0, "mouthClose": -27.0, "mouthFunnel": 11.0,
    "mouthUpperUpLeft": 3.5, "mouthUpperUpRight": 3.5, "mouthLowerDownLeft": 3.4, "mouthLowerDownRight": 3.4,
    "noseSneerLeft": 3.1, "noseSneerRight": 3.1, "mouthShrugUpper": 4.6, "mouthShrugLower": -6.3,
}  # fmt: skip
"""How many millimetres a channel at 1 parts the inner lips of an average head (mouthClose undoes jawOpen)."""

_OPENER_COLUMNS = indices(tuple(OPENERS))
_OPENER_MM = np.array(list(OPENERS.values()), np.float32)
_PARTS = tuple(n for n, mm in OPENERS.items() if mm > 0 and n != "jawOpen")
_HOLDS = tuple(n for n, mm in OPENERS.items() if mm < 0 and n != "mouthClose")
_PARTING, _HOLDING = indices(_PARTS), indices(_HOLDS)
_PARTING_MM = np.array([OPENERS[name] for name in _PARTS], np.float32)
_HOLDING_MM = np.array([OPENERS[name] for name in _HOLDS], np.float32)
_OF_JAW = indices(tuple(n for n in REGIONS["mouth"] if n.startswith("jaw") or n == "mouthClose"))
_OF_LIPS = indices(tuple(n for n in REGIONS["mouth"] if n.startswith("mouth") and n != "mouthClose"))
_JAW, _CLOSE, _CHIN = INDEX["jawOpen"], INDEX["mouthClose"], INDEX["mouthShrugLower"]


@dataclass(frozen=True)
class Mix:
    """How a track is turned into values.

    intensity: scales the mood, 0-2. smoothing: seconds, the standard deviation of a zero-phase Gaussian.
    mouth, brow, eye: strengths of the regions, 0-2, 1 leaves them alone; jaw and lips are parts of the mouth.
    """

    intensity: float = 1.0
    smoothing: float = 0.0
    mouth: float = 1.0
    brow: float = 1.0
    eye: float = 1.0
    jaw: float = 1.0
    lips: float = 1.0

    @property
    def strengths(self) -> Array:
        """(52,) of every channel. mouthClose is the jaw's: it takes back what that opens."""
        found = np.ones(len(CHANNELS), np.float32)
        for region in ("mouth", "brow", "eye"):
            found[indices(REGIONS[region])] = getattr(self, region)
        found[_OF_JAW] *= self.jaw
        found[_OF_LIPS] *= self.lips
        return found


def lip_gap(values: Array) -> npt.NDArray[np.float32]:
    """(T,) estimated millimetres between the inner lips, above the gap at rest; negative when pressed."""
    gap: npt.NDArray[np.float32] = values[:, _OPENER_COLUMNS] @ _OPENER_MM
    return gap


def sealed(talk: Array) -> npt.NDArray[np.float32]:
    """(T,) 0-1: how firmly the talk layer wants the lips shut; 0 at rest, where a mood may open the mouth."""
    marked = np.clip(talk[:, _CLOSE] / SEAL_MARK, 0.0, 1.0)
    shut = np.clip(1.5 - np.maximum(lip_gap(talk), 0.0), 0.0, 1.0)
    return (marked * shut).astype(np.float32)


def reseal(addition: Array, talk: Array, seal: Array) -> Array:
    """``addition`` (T, 52) with the counter-movement that keeps sealed lips shut: its muscles stay on, the lips reach.

    ``seal`` (T,) is 0-1. mouthClose follows a jaw that drops and makes up for channels that part the lips, as far as
    lips reach (``REACH_MM``); then the chin comes up (``RAISED``), so that a wrinkled nose stays wrinkled through a b.
    Only what is beyond both is taken from the channels that part.
    """
    kept, seal = addition.copy(), np.minimum(seal / FIRM, 1)
    before, close = np.clip(talk, 0, 1), np.clip(talk[:, _CLOSE], 0, 1)
    # A closed mouth can follow the jaw only so far that mouthClose has something left for the rest.
    most = np.maximum(1 - REACH_MM / OPENERS["jawOpen"] - close, 0)
    dropped = np.minimum(kept[:, _JAW], most)
    kept[:, _JAW] += seal * np.minimum(dropped - kept[:, _JAW], 0)
    moved = np.clip(talk + kept, 0, 1) - before
    held = moved[:, _HOLDING] @ _HOLDING_MM  # what lips press together more or less than in speech alone counts, too
    parting = kept[:, _PARTING]
    parted = np.maximum(parting, 0) @ _PARTING_MM
    reach = np.minimum(REACH_MM, np.maximum(1 - close - most, 0) * OPENERS["jawOpen"]) + np.maximum(-held, 0)
    room = np.clip(1 - before[:, _CHIN] - moved[:, _CHIN], 0, RAISED)
    raised = np.minimum(np.maximum(parted - reach, 0) / -OPENERS["mouthShrugLower"], room)
    reach += raised * -OPENERS["mouthShrugLower"]
    share = np.where(parted > reach, reach / np.maximum(parted, 1e-6), 1.0)
    kept[:, _PARTING] = np.where(parting > 0, parting * (1 - seal * (1 - share))[:, None], parting)
    # From where the chin really is: a mood that would take it below 0 takes nothing of this away.
    kept[:, _CHIN] += seal * np.where(raised > 0, moved[:, _CHIN] - kept[:, _CHIN] + raised, 0)
    apart = parted * share + held + raised * OPENERS["mouthShrugLower"]
    needed = moved[:, _JAW] + np.maximum(apart, 0) / OPENERS["jawOpen"]
    closing = np.maximum(needed, np.maximum(kept[:, _CLOSE], 0.0))
    kept[:, _CLOSE] += seal * (closing - kept[:, _CLOSE])
    return kept


def blend(talk: Array, mood: Array, intensity: float | Array = 1.0, seal: Array | None = None) -> Array:
    """(T, 52) values in 0-1.

    ``intensity`` is a number or (T,); at 0 the result is clamp(talk) exactly. ``seal`` (T,) is ``sealed(talk)``
    unless the caller has scaled the talk layer since.
    """
    scale = np.asarray(intensity, np.float32)
    addition = mood * (scale[:, None] if scale.ndim else scale)
    kept = reseal(addition, talk, sealed(talk) if seal is None else seal)
    result: Array = np.clip(talk + kept, 0.0, 1.0).astype(np.float32)
    return result


def smooth(values: Array, fps: float, seconds: float) -> Array:
    """Gaussian of standard deviation ``seconds`` along time, zero phase, ends held."""
    sigma = seconds * fps
    if sigma < 1e-3 or len(values) < 2:
        return values
    radius = min(int(np.ceil(3 * sigma)), len(values) - 1)
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / max(sigma, 1e-6)) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(values, ((radius, radius), (0, 0)), mode="edge")
    total = np.zeros(values.shape, np.float64)
    for weight, offset in zip(kernel, range(2 * radius + 1), strict=True):
        total += weight * padded[offset : offset + len(values)]
    return total.astype(np.float32)


def restore_seals(values: Array, talk: Array) -> Array:
    """``values`` with the lips shut again wherever ``talk`` has them sealed: smoothing must not open them."""
    seal = sealed(talk)[:, None]
    result = values.copy()
    result[:, _PARTING] *= 1 - seal
    # A smoothed jaw may stand higher than the one that was sealed: follow it, never less than asked for.
    wanted = np.maximum(result[:, _JAW], talk[:, _CLOSE])
    result[:, _CLOSE] += seal[:, 0] * (wanted - result[:, _CLOSE])
    return result


def mixed(track: FaceTrack, mix: Mix, intensity: Array | None = None) -> Array:
    """(T, 52) values in 0-1 of ``track`` under ``mix``; ``intensity`` (T,) multiplies ``mix.intensity``.

    It is made ``BLOCK`` frames at a time, with as many to both sides as smoothing sees.
    """
    result = np.empty_like(track.talk)
    reach = int(np.ceil(3 * mix.smoothing * track.fps))
    for first in range(0, len(result), BLOCK):
        last = min(first + BLOCK, len(result))
        around = slice(max(0, first - reach), min(len(result), last + reach))
        talk, mood = track.talk[around], track.mood[around]
        heard = sealed(talk)
        if mix.smoothing > 0:
            talk = restore_seals(smooth(talk, track.fps, mix.smoothing), talk)
            mood = smooth(mood, track.fps, mix.smoothing)
        scale = mix.intensity if intensity is None else mix.intensity * intensity[around]
        values = blend(talk * mix.strengths, mood * mix.strengths, scale, heard)
        result[first:last] = values[first - around.start : last - around.start]
    return result
