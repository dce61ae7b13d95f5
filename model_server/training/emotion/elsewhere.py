"""The same voice through other microphones, rooms, telephones and hiss: what moves then is no emotion."""

import numpy as np
import numpy.typing as npt

from model_server.audio.sound import SAMPLE_RATE
from model_server.training.corpus.offline_augmentation import codec, hum, room

Floats = npt.NDArray[np.float32]
Random = np.random.Generator

LONGEST = 6.0
"""Seconds of a clip that are heard."""
_KNOTS, _CURVE_DB, _TILT_DB = 7, 5.0, 5.0
_LOWEST_HZ = 50.0


def elsewhere(samples: Floats, random: Random) -> Floats:
    """(N,) mono 16 kHz ``samples`` as somebody else would have recorded them, at the same mean level."""
    heard = samples
    for share, step in CHAIN:
        if random.random() < share:
            heard = step(heard, random)
    level = np.sqrt(np.mean(samples**2)) / max(float(np.sqrt(np.mean(heard**2))), 1e-9)
    return np.asarray(heard * level, np.float32)


def equalised(samples: Floats, random: Random) -> Floats:
    """(N,) ``samples`` through a microphone whose response is drawn: a smooth curve over the octaves, and a tilt."""
    octaves = np.log2(np.maximum(np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE), _LOWEST_HZ) / _LOWEST_HZ)
    curve = random.normal(size=_KNOTS) * _CURVE_DB + random.normal() * _TILT_DB * np.linspace(-1, 1, _KNOTS)
    gain = 10 ** (np.interp(octaves, np.linspace(0, octaves[-1], _KNOTS), curve) / 20)
    return np.fft.irfft(np.fft.rfft(samples) * gain, len(samples)).astype(np.float32)


CHAIN = ((1.0, equalised), (0.5, room), (0.5, hum), (0.4, codec))
"""What happens to a clip on its way through a microphone, and how often."""
