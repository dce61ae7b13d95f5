"""Is this MPEG audio at all? libsndfile takes any bytes that end in .mp3, and its decoder chatters on stderr.

Frame headers after ISO/IEC 11172-3 section 2.4.2.3 and ISO/IEC 13818-3 (half sample rates); ID3v2.4 section 3.1.
"""

from pathlib import Path
from typing import BinaryIO

SUFFIXES = (".mp3", ".mp2", ".mp1", ".mpga", ".mpeg")
_COUNTED = (b"Xing", b"Info", b"VBRI")
"""What a first frame holds that tells how many follow."""
SEARCHED = 8192
"""Bytes after the tag in which the first frame must begin."""

_ONE, _TWO, _THREE = 3, 2, 1  # how layers are coded
_KBITS = {
    (True, _ONE): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, _TWO): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, _THREE): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, _ONE): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, _TWO): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, _THREE): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def claims_mpeg(path: Path) -> bool:
    """Whether libsndfile would hand the file to its MPEG decoder. Raises OSError."""
    with path.open("rb") as stream:
        tagged = past_tag(stream)
        head = stream.read(4)
    if tagged and head in (b"RIFF", b"RIFX", b"fLaC", b"FORM"):  # before which libsndfile passes over a tag
        return False
    synchronised = len(head) > 1 and head[0] == 0xFF and head[1] >= 0xE0
    return path.suffix.lower() in SUFFIXES or tagged or synchronised


def is_mpeg(path: Path) -> bool:
    """Whether frames that belong together stand where the sound should begin. Raises OSError."""
    with path.open("rb") as stream:
        past_tag(stream)
        while (raw := stream.read(SEARCHED)) and not raw.strip(b"\0"):
            pass  # padding after the tag
        raw += stream.read(SEARCHED)
    return any(_frames(raw, start) for start in range(min(SEARCHED, len(raw) - 4)))


def length_is_a_guess(path: Path) -> bool:
    """Whether frames take different numbers of bits and nothing at the beginning tells how many there are, so that
    libsndfile, which counts all like the first, reads a part only. Raises OSError.
    """
    with path.open("rb") as stream:
        past_tag(stream)
        begin = stream.tell()
        raw = stream.read(2 * SEARCHED)
        at = next((at for at in range(min(SEARCHED, len(raw) - 4)) if _frames(raw, at)), None)
        if at is None:
            return False
        first = raw[at : at + 4]
        frame = raw[at : at + frame_length(first)]
        if any(mark in frame for mark in _COUNTED):
            return False
        stream.seek(begin + at)
        while length := frame_length(header := stream.read(4)):
            if header[2] >> 4 != first[2] >> 4:
                return _akin(first, header)
            stream.seek(length - 4, 1)
    return False


def past_tag(stream: BinaryIO) -> bool:
    """Go to what stands behind an ID3 tag at the beginning; whether there is one."""
    tag = stream.read(10)
    there = tag[:3] == b"ID3" and len(tag) == 10
    stream.seek(10 + _syncsafe(tag[6:10]) if there else 0)
    return there


def _frames(raw: bytes, start: int) -> bool:
    """Whether three frames of a kind follow one another from ``start``; the bytes may end after two."""
    first = raw[start : start + 4]
    for count in range(3):
        header = raw[start : start + 4]
        if len(header) < 4 and count == 2:
            return True
        if not frame_length(header) or not _akin(first, header):
            return False
        start += frame_length(header)
    return True


def frame_length(header: bytes) -> int:
    """Bytes of the frame that these four begin, or 0 when they begin none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] < 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    rate, kbits, padding = header[2] >> 2 & 3, header[2] >> 4, header[2] >> 1 & 1
    if version == 1 or layer == 0 or rate == 3 or kbits in (0, 15):
        return 0
    bits = 1000 * _KBITS[version == 3, layer][kbits - 1]
    hertz = _RATES[version][rate]
    if layer == _ONE:
        return (12 * bits // hertz + padding) * 4
    return (72 if layer == _THREE and version != 3 else 144) * bits // hertz + padding


def _akin(one: bytes, other: bytes) -> bool:
    """Same version, layer and rate."""
    return one[1] & 0x1E == other[1] & 0x1E and one[2] & 0x0C == other[2] & 0x0C


def _syncsafe(size: bytes) -> int:
    return sum((byte & 0x7F) << 7 * (3 - i) for i, byte in enumerate(size))
