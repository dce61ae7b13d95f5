"""A noise gate that knows speech: who is far softer than the recording's own speech is not heard at all.

Level is judged over moments of half a second, ahead as well as behind, so that the weak sounds of loud words stay. A
soft line of the same speaker goes as well: that is why this is chosen and not the rule.
"""

import numpy as np
import numpy.typing as npt

from model_server.audio import features
from model_server.audio.running import FAINT, level_around

Samples = npt.NDArray[np.float32]

BELOW_DB = 12.0
"""Under the recording's level from which on a moment is another's."""
NEAR = 20
"""Frames of 10 ms to either side of a moment."""
FADE = 3
"""Frames in which the gate opens and shuts."""


def foreground(samples: Samples) -> Samples:
    """Mono 16 kHz ``samples`` (N,), silent where they are another's."""
    power = features.mel_power(samples)
    level = features.level(power)
    energy = np.maximum(power.mean(1, dtype=np.float64), max(level * FAINT, 1e-20))
    loud = level_around(energy, NEAR, NEAR) >= level * 10 ** (-BELOW_DB / 10)
    share = np.convolve(np.pad(loud.astype(np.float64), FADE, mode="edge"), np.ones(2 * FADE + 1), "valid")
    share = np.interp(np.arange(len(samples)) / features.HOP, np.arange(len(share)), share / (2 * FADE + 1))
    return (samples * share).astype(np.float32)
