"""WAV files without a library: RIFF and RF64, PCM of 8 to 32 bit and float, for a Python that has numpy alone.

Layout after Microsoft's "Multimedia Programming Interface and Data Specifications 1.0" and EBU Tech 3306 (RF64).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
UNKNOWN_SIZE = 0xFFFFFFFF
_UNFINISHED = "Its header was never finished, so the sound was read to the end of the file."


class NotWav(Exception):
    """Why the bytes are no WAV file that this reader knows."""


@dataclass(frozen=True)
class WavFile:
    """Where the samples of ``path`` are and how they are stored."""

    path: Path
    rate: int
    channels: int
    kind: int
    bits: int
    offset: int
    frames: int
    notes: tuple[str, ...] = ()

    def blocks(self, frames: int) -> Iterator[npt.NDArray[np.float32]]:
        """(n, channels) float32 at most ``frames`` at a time, full scale ±1."""
        width = self.channels * self.bits // 8
        left = self.frames
        with self.path.open("rb") as stream:
            stream.seek(self.offset)
            while left > 0:
                raw = stream.read(min(left, frames) * width)
                count = len(raw) // width
                if not count:
                    return
                yield _samples(raw[: count * width], self.kind, self.bits).reshape(count, self.channels)
                left -= count


def open_wav(path: Path) -> WavFile:
    """Read the header. Raises NotWav, OSError."""
    with path.open("rb") as stream:
        try:
            return _parse(path, stream)
        except struct.error as error:
            raise NotWav("its header is cut short") from error


def _parse(path: Path, stream: BinaryIO) -> WavFile:
    form, whole, kind = struct.unpack("<4sI4s", stream.read(12))
    if form not in (b"RIFF", b"RF64", b"BW64") or kind != b"WAVE":
        raise NotWav("it is not a WAV file")
    form_chunk: bytes | None = None
    long_size = 0
    while True:
        head = stream.read(8)
        if not head:
            raise NotWav("its header is cut short")
        name, size = struct.unpack("<4sI", head)
        if name == b"ds64":
            long_size = struct.unpack("<QQ", stream.read(size)[:16])[1]
        elif name == b"fmt ":
            form_chunk = stream.read(size)
        elif name == b"data":
            if form_chunk is None:
                raise NotWav("its header does not say how it is stored")
            offset = stream.tell()
            there = path.stat().st_size - offset
            told = long_size if size == UNKNOWN_SIZE and long_size else size
            if not told and there and (whole == UNKNOWN_SIZE or whole <= offset - 8):  # piped, or the recorder crashed
                return replace(_described(path, form_chunk, offset, there), notes=(_UNFINISHED,))
            return _described(path, form_chunk, offset, min(told, there))
        else:
            stream.seek(size, 1)
        if size % 2 and name != b"data":
            stream.seek(1, 1)


def _described(path: Path, form_chunk: bytes, offset: int, size: int) -> WavFile:
    kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", form_chunk[:16])
    if kind == EXTENSIBLE:
        (kind,) = struct.unpack("<H", form_chunk[24:26])
    if (kind, bits) not in {(PCM, 8), (PCM, 16), (PCM, 24), (PCM, 32), (FLOAT, 32), (FLOAT, 64)}:
        raise NotWav(f"it is stored in a way (format {kind}, {bits} bit) that needs another reader")
    if not channels:
        raise NotWav("it has no channels")
    return WavFile(path, rate, channels, kind, bits, offset, size // (channels * bits // 8))


def _samples(raw: bytes, kind: int, bits: int) -> npt.NDArray[np.float32]:
    if kind == FLOAT:
        return np.frombuffer(raw, f"<f{bits // 8}").astype(np.float32)
    if bits == 8:
        return (np.frombuffer(raw, np.uint8).astype(np.float32) - 128) / 128
    if bits == 24:
        wide = np.zeros((len(raw) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        return wide.view("<i4")[:, 0].astype(np.float32) / np.float32(2**31)
    return np.frombuffer(raw, f"<i{bits // 8}").astype(np.float32) / np.float32(2 ** (bits - 1))
