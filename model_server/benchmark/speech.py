"""Speech of any length to measure with: the sample recording over and over, no two seconds alike."""

import wave
from pathlib import Path

import numpy as np

from model_server.audio.decode import decode
from model_server.audio.sound import SAMPLE_RATE
from model_server.sample import SAMPLE


def write_speech(path: Path, seconds: float, seed: int = 0) -> None:
    """Write ``seconds`` of speech and faint noise to ``path``, 16 kHz mono WAV; another sound for every ``seed``."""
    spoken = decode(SAMPLE).samples
    rng = np.random.default_rng(seed)
    left = round(seconds * SAMPLE_RATE)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        while left > 0:
            take = spoken[:left] * rng.uniform(0.3, 0.9) + rng.normal(0, 1e-3, min(left, len(spoken)))
            out.writeframes((take * 32767).astype("<i2").tobytes())
            left -= len(take)
