"""WAV files without a library: RIFF, RIFX and RF64, PCM of 8 to 32 bit and float, for a Python that has numpy alone.

Layout after Microsoft's "Multimedia Programming Interface and Data Specifications 1.0" and EBU Tech 3306 (RF64).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from s2f_blender_addon.core.recording import lost_end

from .mpeg import past_tag

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
UNKNOWN_SIZE = 0xFFFFFFFF
_PIPED = 0x7FFF0000
"""Sizes from here on are what programs write that do not know the size yet."""
_UNFINISHED = "Its header was never finished, so the sound was read to the end of the file."
_MISSED = 0.05
"""Seconds of sound that may be missing at the end before anybody is told."""


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
    order: str = "<"
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
                yield _samples(raw[: count * width], self.kind, self.bits, self.order).reshape(count, self.channels)
                left -= count


def open_wav(path: Path) -> WavFile:
    """Read the header. Raises NotWav, OSError."""
    with path.open("rb") as stream:
        try:
            return _parse(path, stream)
        except struct.error as error:
            raise NotWav("its header is cut short") from error


def _parse(path: Path, stream: BinaryIO) -> WavFile:
    past_tag(stream)
    form = stream.read(4)
    order = ">" if form == b"RIFX" else "<"
    _, kind = struct.unpack(f"{order}I4s", stream.read(8))
    if form not in (b"RIFF", b"RIFX", b"RF64", b"BW64") or kind != b"WAVE":
        raise NotWav("it is not a WAV file")
    form_chunk: bytes | None = None
    long_size = 0
    while True:
        head = stream.read(8)
        if not head:
            raise NotWav("its header is cut short")
        name, size = struct.unpack(f"{order}4sI", head)
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
            if not told and there and not _are_chunks(stream, there, order):  # piped, or the recorder crashed
                return replace(_described(path, form_chunk, offset, there, order), notes=(_UNFINISHED,))
            read = _described(path, form_chunk, offset, min(told, there), order)
            return read if _PIPED <= told <= UNKNOWN_SIZE else _with_lost_end(read, told)
        else:
            stream.seek(size, 1)
        if size % 2 and name != b"data":
            stream.seek(1, 1)


def _are_chunks(stream: BinaryIO, left: int, order: str) -> bool:
    """Whether the ``left`` bytes from here on are chunks, one behind the other, to the end."""
    while left >= 8:
        name, size = struct.unpack(f"{order}4sI", stream.read(8))
        if not name.isascii() or not name.decode().isprintable():
            return False
        left -= 8 + size + size % 2
        stream.seek(size + size % 2, 1)
    return -1 <= left <= 0


def _with_lost_end(read: WavFile, told: int) -> WavFile:
    """``read`` with a note where its header tells of more than there is."""
    whole = told // (read.channels * read.bits // 8)
    if not read.rate or whole - read.frames <= _MISSED * read.rate:
        return read
    return replace(read, notes=(lost_end(read.frames / read.rate, whole / read.rate),))


def _described(path: Path, form_chunk: bytes, offset: int, size: int, order: str) -> WavFile:
    kind, channels, rate, _, _, bits = struct.unpack(f"{order}HHIIHH", form_chunk[:16])
    if kind == EXTENSIBLE:
        (kind,) = struct.unpack(f"{order}H", form_chunk[24:26])
    if (kind, bits) not in {(PCM, 8), (PCM, 16), (PCM, 24), (PCM, 32), (FLOAT, 32), (FLOAT, 64)}:
        raise NotWav(f"it is stored in a way (format {kind}, {bits} bit) that needs another reader")
    if not channels:
        raise NotWav("it has no channels")
    return WavFile(path, rate, channels, kind, bits, offset, size // (channels * bits // 8), order)


def _samples(raw: bytes, kind: int, bits: int, order: str) -> npt.NDArray[np.float32]:
    if kind == FLOAT:
        return np.frombuffer(raw, f"{order}f{bits // 8}").astype(np.float32)
    if bits == 8:
        return (np.frombuffer(raw, np.uint8).astype(np.float32) - 128) / 128
    if bits == 24:
        wide = np.zeros((len(raw) // 3, 4), np.uint8)
        low = 1 if order == "<" else 0
        wide[:, low : low + 3] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        return wide.view(f"{order}i4")[:, 0].astype(np.float32) / np.float32(2**31)
    return np.frombuffer(raw, f"{order}i{bits // 8}").astype(np.float32) / np.float32(2 ** (bits - 1))
