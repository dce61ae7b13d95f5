"""What can be measured of a voice, frame by frame: level, tilt of the spectrum, pitch, and where somebody speaks."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model_server.audio import features
from model_server.audio.prosody import prosody
from model_server.cancel import Progress, part, silent

Floats = npt.NDArray[np.float32]

RATE = float(features.RATE)
_SPLIT_HZ = 1000.0
"""Where tilt compares power above with power below: the alpha ratio of Frokjaer-Jensen and Prytz (1976)."""
_BLOCK = 4096
_FAINT = 1e-9


@dataclass(frozen=True)
class Measures:
    """A recording at RATE; frame i is at i / RATE seconds, all (T,).

    level_db: RMS over 30 ms in dB below full scale. tilt_db: power above 1 kHz over power below, in dB.
    f0_hz: 0 where unvoiced. speech: 0-1, somebody speaks. stress: 0-1, high on syllables that stand out.
    """

    level_db: Floats
    tilt_db: Floats
    f0_hz: Floats
    speech: Floats
    stress: Floats

    def __len__(self) -> int:
        return len(self.f0_hz)


def measures(samples: Floats, progress: Progress = silent) -> Measures:
    """Measures mono 16 kHz ``samples`` (N,)."""
    voice = prosody(samples, RATE, part(progress, 0.0, 0.6))
    tilt = tilts(samples, part(progress, 0.6, 1.0))
    n = min(len(tilt), len(voice.energy))
    return Measures(voice.loudness_db[:n], tilt[:n], voice.f0_hz[:n], voice.speech[:n], voice.stress[:n])


def tilts(samples: Floats, progress: Progress = silent) -> Floats:
    """(T,) dB of power above 1 kHz over power below, at RATE."""
    split = int(np.ceil(_SPLIT_HZ * features.FFT / features.SAMPLE_RATE))
    count, found = features.frame_count(len(samples)), []
    for first in range(0, count, _BLOCK):
        progress(first / count, "listening to the voice")
        power = features.power_of(features.spectrum(samples, first, min(first + _BLOCK, count)))
        found.append(10 * np.log10((power[:, split:].sum(1) + _FAINT) / (power[:, :split].sum(1) + _FAINT)))
    every: Floats = np.concatenate(found).astype(np.float32)
    return every
