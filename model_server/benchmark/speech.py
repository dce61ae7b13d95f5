"""Speech of any length to measure with, as people have it: several speakers in turn, loud and soft, with pauses."""

import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model_server.audio.decode import decode
from model_server.audio.sound import SAMPLE_RATE
from model_server.sample import SAMPLE
from s2f_blender_addon.core.errors import UserError

SPEAKERS = 5
SOFTEST_DB = -18.0
PAUSE = (0.1, 1.2)
"""Seconds between two recordings."""
LONGEST = 30.0
"""Seconds of a recording that are heard at a time, so that all get their turn."""
_SOUNDS = {".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".aif", ".aiff"}


def voices(folder: Path | None) -> tuple[Path, ...]:
    """Recordings of ``SPEAKERS`` people, one each, evenly from those in ``folder``; without one the sample alone.

    Raises UserError for a folder that holds no sound.
    """
    if folder is None:
        return (SAMPLE,)
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SOUNDS and path.is_file())
    if not found:
        raise UserError(f"{folder} holds no recordings; choose a folder with some, of {SPEAKERS} people at best.")
    return tuple(found[i * len(found) // SPEAKERS] for i in range(min(SPEAKERS, len(found))))


def write_speech(path: Path, seconds: float, recordings: Sequence[Path] = (SAMPLE,), seed: int = 0) -> None:
    """Write ``seconds`` of ``recordings`` in turn to ``path``, 16 kHz mono WAV: each time at another level, over faint
    noise. Another ``seed`` gives another sound. Raises UserError for a recording that cannot be read, or is silent.
    """
    spoken = [_levelled(one) for one in recordings]
    rng = np.random.default_rng(seed)
    left, turn = round(seconds * SAMPLE_RATE), 0
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        while left > 0:
            pause = np.zeros(round(rng.uniform(*PAUSE) * SAMPLE_RATE), np.float32)
            take = spoken[turn % len(spoken)] * 10 ** (rng.uniform(SOFTEST_DB, 0) / 20)
            take = np.concatenate([take, pause])[:left]
            take = take + rng.normal(0, 1e-4, len(take))
            out.writeframes((np.clip(take, -1, 1) * 32767).astype("<i2").tobytes())
            left, turn = left - len(take), turn + 1


def _levelled(recording: Path) -> npt.NDArray[np.float32]:
    samples = decode(recording).samples[: round(LONGEST * SAMPLE_RATE)]
    peak = float(np.abs(samples).max())
    if peak < 1e-4:
        raise UserError(f"{recording} is silent; choose recordings of speech.")
    return np.asarray(samples * (0.7 / peak), np.float32)
