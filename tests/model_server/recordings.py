"""Recordings as animators have them, and files that are none."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

RNG = np.random.default_rng(5)
SPEECH = (np.sin(np.arange(48000) * 0.05) * np.linspace(0, 0.5, 48000)).astype(np.float32)


def wav_bytes(path: Path, samples: np.ndarray = SPEECH, rate: int = 48000, subtype: str = "PCM_16") -> bytes:
    soundfile.write(path, samples, rate, subtype=subtype, format="WAV")
    return path.read_bytes()


def with_one(value: float) -> np.ndarray:
    samples = SPEECH.copy()
    samples[1000] = value
    return samples


BAD: dict[str, Callable[[Path], object]] = {
    "empty": lambda p: p.write_bytes(b""),
    "random bytes": lambda p: p.write_bytes(RNG.bytes(20_000)),
    "header cut in RIFF": lambda p: p.write_bytes(wav_bytes(p)[:10]),
    "header cut in fmt": lambda p: p.write_bytes(wav_bytes(p)[:30]),
    "header cut before data": lambda p: p.write_bytes(wav_bytes(p)[:36]),
    "folder": lambda p: p.mkdir(),
    "missing": lambda p: None,
    "zero samples": lambda p: wav_bytes(p, SPEECH[:0]),
    "NaN": lambda p: wav_bytes(p, with_one(np.nan), subtype="FLOAT"),
    "infinity": lambda p: wav_bytes(p, with_one(np.inf), subtype="FLOAT"),
    "text": lambda p: p.write_text("Dear diary, today I recorded nothing.\n" * 20),
    "no channels": lambda p: p.write_bytes(wav_bytes(p)[:22] + b"\0\0" + wav_bytes(p)[24:]),
    "a rate of 4 GHz": lambda p: p.write_bytes(wav_bytes(p)[:24] + struct.pack("<I", 2**32 - 1) + wav_bytes(p)[28:]),
}
"""Kinds of bad input, and what makes one at a path."""

GOOD: dict[str, tuple[np.ndarray, int, float]] = {
    "ten samples.wav": (SPEECH[:10], 48000, 4 / 16000),
    "one sample.wav": (SPEECH[:1], 192000, 1 / 16000),
    "silence.wav": (np.zeros(48000, np.float32), 48000, 1.0),
    "six channels.wav": (np.stack([SPEECH] * 6, axis=1), 48000, 1.0),
    "telephone.flac": (SPEECH[:8000], 8000, 1.0),
    "hires.wav": (np.repeat(SPEECH, 4), 192000, 1.0),
    "music.mp3": (SPEECH, 48000, 1.0),
    "game.ogg": (SPEECH, 48000, 1.0),
    "mac.aiff": (SPEECH, 48000, 1.0),
    "Aufnahme für Zoë 录音.wav": (SPEECH, 48000, 1.0),
}
"""Recordings that must work: name, samples, rate in Hz, seconds at 16 kHz."""
