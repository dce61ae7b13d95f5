"""About how long a recording is, by the head of its file: enough to know whose turn it is, and nothing is decoded."""

from pathlib import Path

from model_server.audio.wav import NotWav, open_wav

BYTES = 16_000
"""A second of compressed sound, where the file does not say (128 kbit/s)."""


def length_of(path: Path) -> float:
    """Seconds of the recording in ``path``, as far as its head says, else by its size. Never raises."""
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(42)
        if head[:4] == b"fLaC" and len(head) == 42:
            return _flac(head) or size / BYTES
        if head[:4] == b"RIFF":
            wav = open_wav(path)
            return wav.frames / wav.rate
    except (OSError, NotWav, ValueError, ZeroDivisionError):
        return 0.0
    return size / BYTES


def _flac(head: bytes) -> float:
    """Of a STREAMINFO block (RFC 9639, 8.2): 20 bits of rate at bit 80, 36 bits of samples at bit 108."""
    packed = int.from_bytes(head[18:26], "big")
    rate, samples = packed >> 44, packed & ((1 << 36) - 1)
    return samples / rate if rate else 0.0
