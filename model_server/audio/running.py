"""A running ear: level and colour where they are heard, so that a soft line beside a shouted one is heard as speech.

The level is a bilateral filter (Tomasi and Manduchi 1998) in one dimension: of the second before a moment and the
second after it, the one that is as loud as the moment itself counts, so a level that jumps is followed at once and weak
syllables stay weak. Where nothing swells and fades as speech does (pauses, hiss) the recording's own level holds. It
holds also within ``SAME``, so a single sentence is heard as ever. The colour, slower, is that of the loud frames of
some seconds, drawn towards the recording's; a note that is held has none, or its vowel would be taken out of it. Both
know the whole recording's, and no more than ``SECOND`` or ``BIN`` * ``BINS`` frames around.
"""

import numpy as np
import numpy.typing as npt

from model_server.audio import features

Array = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

SECOND, MOMENT = 100, 15
"""Frames of 10 ms to one side, and to both sides of a moment."""
ALIKE = 1.0
"""Natural log of power by which a side may differ from the moment and still counts more than half."""
STEADY, SPEECH = 0.5, 1.5
"""Natural log of a stretch's level over its mean log power: steady up to the first, speech from the second on."""
SMOOTH = 20
"""Frames to either side over which the level is smoothed."""
SAME = 0.7
"""Natural log of power (3 dB) by which speech may differ from the recording's level without being another level."""
SOFTEST, SOFT, LOUDEST = -6.9, -6.0, 1.5
"""Natural log of a level over the recording's: down to ``SOFT`` (26 dB) it is listened for, below ``SOFTEST`` (30 dB)
not at all: that is somebody behind, who stays as soft as he is. A soft line of a dialogue is 20 dB softer, and its
weak phrases are softer still."""
FAINT = 1e-6
"""Power over the recording's level that counts as nothing at all."""
BIN, BINS = 50, 7
"""Frames of a bin of the colour, and bins to either side after which a bin no longer counts."""
PRIOR_FRAMES = 100.0
"""Loud frames that the colour of the whole recording is worth."""
HOLD, HELD = 12, 25
"""Frames after which a sound that is held is still the same, and to either side of a moment in which it is held."""
MOVES, LEAST_MOVES = 0.6, 0.3
"""Of the recording's usual change of features over ``HOLD``, and at least: what changes less is held."""
_BLOCK = 30 * features.RATE


def heard(power: Array, average: Array) -> tuple[Array, Array]:
    """(T, 80) features and (T,) natural log of frame power over the running level, from band ``power`` (T, 80).

    ``average`` (80,) is the colour of the average voice. ``power`` itself becomes the features.
    """
    level = levels(power)
    loudness = np.empty(len(power), np.float32)
    for start in range(0, len(power), _BLOCK):
        block, loud = power[start : start + _BLOCK], level[start : start + _BLOCK, None]
        loudness[start : start + _BLOCK] = features.loudness(block, loud)
        power[start : start + _BLOCK] = features.log_mel(block, loud)
    _uncolour(power, loudness, average)
    return power, loudness


def levels(power: Array) -> Array:
    """(T,) mean band power of the speech around each frame of (T, 80); never below ``features.QUIETEST``."""
    whole = features.level(power)
    energy = np.maximum(power.mean(1, dtype=np.float64), whole * FAINT)
    logarithm = np.log(energy)
    moment = np.log(level_around(energy, MOMENT, MOMENT))
    total, weights, spoken = np.zeros(len(energy)), np.zeros(len(energy)), np.zeros(len(energy))
    for before, after in ((SECOND, MOMENT), (MOMENT, SECOND)):
        side = np.log(level_around(energy, before, after))
        lively = side - _sums(logarithm, before, after) / _sums(np.ones(len(energy)), before, after)
        speech = np.clip((lively - STEADY) / (SPEECH - STEADY), 0, 1)
        weight = np.exp(-0.5 * ((moment - side) / ALIKE) ** 2) * speech + 1e-9
        total, weights, spoken = total + weight * side, weights + weight, np.maximum(spoken, speech)
    apart = total / weights - np.log(whole)
    behind = spoken * np.clip((SOFT - apart) / (SOFT - SOFTEST), 0, 1)
    apart *= spoken * (1 - behind)
    apart = _sums(apart, SMOOTH, SMOOTH) / _sums(np.ones(len(apart)), SMOOTH, SMOOTH)
    apart = np.sign(apart) * np.maximum(np.abs(apart) - SAME, 0)
    found: Array = np.maximum(whole * np.exp(np.clip(apart, SOFT, LOUDEST)), features.QUIETEST).astype(np.float32)
    return found


def level_around(energy: Floats, before: int, after: int) -> Floats:
    """As ``features.level``, of the frames from ``before`` each to ``after`` it."""
    found: Floats = np.maximum((_sums(energy**1.5, before, after) / _sums(energy, before, after)) ** 2, 1e-30)
    return found


def _sums(values: Floats, before: int, after: int) -> Floats:
    """(T,) sums of the frames from ``before`` each to ``after`` it."""
    until = np.concatenate([[0.0], np.cumsum(values)])
    frame = np.arange(len(values))
    found: Floats = until[np.minimum(frame + after + 1, len(values))] - until[np.maximum(frame - before, 0)]
    return found


def _uncolour(mel: Array, loudness: Array, average: Array) -> None:
    """Take the running colour out of features (T, 80), in place."""
    weight = features.loud_share(loudness).astype(np.float64)
    weight *= _moving(mel, weight)
    starts = np.arange(0, len(mel), BIN)
    weights = np.add.reduceat(weight, starts)
    sums = np.stack([weight[a : a + BIN] @ mel[a : a + BIN] for a in starts])
    whole = features.colour_of(sums.sum(0), float(weights.sum()), average)
    near = 1 - np.abs(np.arange(1 - BINS, BINS)) / BINS
    both = np.pad(np.column_stack([sums, weights]), ((BINS - 1, BINS - 1), (0, 0)))
    around = sum(share * both[i : i + len(starts)] for i, share in enumerate(near))
    colours = (around[:, :-1] + PRIOR_FRAMES * whole) / (around[:, -1:] + PRIOR_FRAMES)
    centres = starts + (BIN - 1) / 2
    for start in range(0, len(mel), _BLOCK):
        frames = np.arange(start, min(start + _BLOCK, len(mel)))
        place = np.clip((frames - centres[0]) / BIN, 0, len(starts) - 1)
        low = np.minimum(place.astype(np.int64), max(0, len(starts) - 2))
        share = (place - low)[:, None]
        colour = colours[low] * (1 - share) + colours[np.minimum(low + 1, len(starts) - 1)] * share
        mel[frames[0] : frames[-1] + 1] -= colour.astype(np.float32)


def _moving(mel: Array, weight: Floats) -> Floats:
    """(T,) 0-1 of features (T, 80): 0 where one sound is held for longer than anybody does who speaks."""
    change = np.zeros(max(0, len(mel) - HOLD))
    for start in range(0, len(change), _BLOCK):
        stop = min(start + _BLOCK, len(change))
        change[start:stop] = np.abs(mel[start + HOLD : stop + HOLD] - mel[start:stop]).mean(1)
    loud = weight > 0.5
    if not len(change) or not loud.any():
        return np.ones(len(mel))
    change = np.maximum(np.pad(change, (0, HOLD), mode="edge"), np.pad(change, (HOLD, 0), mode="edge"))
    around = _sums(change, HELD, HELD) / _sums(np.ones(len(change)), HELD, HELD)
    least = max(LEAST_MOVES, MOVES * float(np.median(around[loud])))
    found: Floats = np.clip(6 * around / least - 5, 0, 1)
    return found
