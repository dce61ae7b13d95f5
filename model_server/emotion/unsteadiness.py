"""Whether a sound lives as voices do, or is a tone, a hum, a buzz, keys of a telephone, a held chord, a hiss, clicks.

A voice is never the same for long: its bands change from one hundredth of a second to the next, even in a vowel that is
held (jitter, shimmer, lips on their way), and its colour changes from one sound to the next. Tones and what is built of
them stand still while they last; noises and clicks have one colour. The idea is spectral flux (Scheirer and Slaney,
"Construction and evaluation of a robust multifeature speech/music discriminator", ICASSP 1997); the limits lie below
99 % of the voices that were measured: read, acted, sung and screamed, and speech in as much as 5 dB of noise.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model_server.audio.prosody import gaussian

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

STILL_DB = 0.6
"""Change in a hundredth of a second below which a band stands still."""
STILL_SHARE = 0.35
"""Of a sound in which half of the bands stand still, above which it is no voice: 0.3 in voices, 0.8 in chords."""
ONE_COLOUR_DB = 0.9
"""How far a sound's colour varies that is no voice."""
_DB = 40.0
"""What one of the bands of ``ear.bands`` is worth."""
_GROUPS = 10
_NEAR_DB = 30.0
"""Below the strongest band, within which bands count; and below the loud parts of a sound, within which it does."""
_SMOOTH = 5.0
_LEAST = 12
_BLOCK = 4096


@dataclass(frozen=True)
class Unsteadiness:
    """still (T,): half of the loud bands stand still. colour (T, 10): dB of groups of bands over their mean, smooth."""

    still: Bools
    colour: Floats


def unsteadiness(bands: Floats) -> Unsteadiness:
    """Of (T, 80) ``bands`` (as ``ear.bands``)."""
    still = np.zeros(len(bands), bool)
    colour = np.zeros((len(bands), _GROUPS), np.float32)
    for first in range(0, len(bands), _BLOCK):
        block = bands[max(first - 1, 0) : first + _BLOCK]
        now = block[min(first, 1) :]
        moved = np.abs(np.diff(block, axis=0, prepend=block[:1] if first == 0 else block[:0]))
        near = now > now.max(1, keepdims=True) - np.float32(_NEAR_DB / _DB)
        calm = near & (moved < np.float32(STILL_DB / _DB))
        still[first : first + _BLOCK] = 2 * calm.sum(1) >= near.sum(1)
        groups = now.reshape(len(now), _GROUPS, -1).mean(2)
        colour[first : first + _BLOCK] = _DB * (groups - groups.mean(1, keepdims=True))
    for k in range(_GROUPS if len(bands) else 0):
        colour[:, k] = gaussian(colour[:, k], _SMOOTH)
    return Unsteadiness(still, colour)


def lives(found: Unsteadiness, level_db: Floats, spoken: Bools) -> bool:
    """Whether what is ``spoken`` (T,), ``level_db`` (T,) loud, may be a voice; yes where it is too short to tell."""
    if spoken.sum() < _LEAST:
        return True
    loud = spoken & (level_db > np.percentile(level_db[spoken], 90) - _NEAR_DB)
    return float(found.still[loud].mean()) <= STILL_SHARE and float(found.colour[loud].std(0).mean()) >= ONE_COLOUR_DB
