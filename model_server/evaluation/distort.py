"""Worse recordings of the same words: noise, a room, a telephone line. For measuring, not for training."""

import numpy as np
import numpy.typing as npt

from model_server.audio.resample import resample
from s2f_blender_addon.core.errors import UserError

Samples = npt.NDArray[np.float32]

RATE = 16000
SNR_DB = 10.0
RT60 = 0.5
DIRECT_TO_LATE_DB = 3.0


def noise(samples: Samples, seed: int = 0) -> Samples:
    """Pink noise 10 dB below the recording's own power."""
    random = np.random.default_rng(seed)
    spectrum = np.fft.rfft(random.normal(size=max(2, len(samples))))
    pink = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), max(2, len(samples)))[
        : len(samples)
    ]
    power = float(np.mean(samples.astype(np.float64) ** 2)) if len(samples) else 0.0
    pink *= np.sqrt(power / max(1e-12, float(np.mean(pink**2)) if len(pink) else 1.0) / 10 ** (SNR_DB / 10))
    return (samples + pink).astype(np.float32)


def room(samples: Samples, seed: int = 0) -> Samples:
    """A room whose echo decays by 60 dB in 0.5 s, its sum 3 dB below the direct sound."""
    random = np.random.default_rng(seed)
    time = np.arange(int(RT60 * RATE)) / RATE
    late = random.normal(size=len(time)) * 10 ** (-3 * time / RT60)
    late[: int(0.003 * RATE)] = 0
    late *= np.sqrt(10 ** (-DIRECT_TO_LATE_DB / 10) / np.sum(late**2))
    response = late
    response[0] = 1.0
    size = 1 << int(np.ceil(np.log2(len(samples) + len(response))))
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(response, size), size)
    return wet[: len(samples)].astype(np.float32)


def telephone(samples: Samples, seed: int = 0) -> Samples:
    """As recorded at 8 kHz."""
    return resample(resample(samples, RATE, RATE // 2), RATE // 2, RATE)[: len(samples)]


DISTORTIONS = {"noise": noise, "room": room, "telephone": telephone}


def distorted(samples: Samples, how: str) -> Samples:
    """``samples`` (N,) mono at 16 kHz through one of ``DISTORTIONS``. Raises UserError for another name."""
    if how not in DISTORTIONS:
        raise UserError(f"--through {how}: the ways are {', '.join(DISTORTIONS)}.")
    return DISTORTIONS[how](samples)
