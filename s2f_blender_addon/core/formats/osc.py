"""Open Sound Control as the VMC protocol has it, to which engines listen: ``/VMC/Ext/Blend/Val`` and a name.

A frame is one or more bundles of one time, small enough for a datagram each, the last of which ends in
``/VMC/Ext/Blend/Apply``. In a file each bundle stands behind its size, as OSC 1.0 has it for streams; its time counts
from the beginning of the sound, or of the track where that begins before it.
"""

import struct
from collections.abc import Iterator

import numpy as np

from ..blend import Mix, mixed
from ..channels import CHANNELS, INDEX
from ..errors import UserError
from ..track import FaceTrack
from . import grid

VALUE, APPLY = "/VMC/Ext/Blend/Val", "/VMC/Ext/Blend/Apply"
DATAGRAM = 1400
"""Bytes of a bundle at most: what passes any network whole."""

_SIZE = struct.Struct(">i")
_BUNDLE = b"#bundle\0"
_TICKS = 1 << 32
"""Of a second in a time tag."""


def dump(track: FaceTrack, mix: Mix) -> Iterator[bytes]:
    """The track's values under ``mix``; OSC has no head rotation here."""
    return (_SIZE.pack(len(bundle)) + bundle for _, bundle in bundles(track, mix))


def bundles(track: FaceTrack, mix: Mix) -> Iterator[tuple[float, bytes]]:
    """(seconds from its beginning, one datagram) for all of the track, in order."""
    begin = min(track.start, 0.0)
    for time, row in zip((track.times - begin).tolist(), mixed(track, mix), strict=True):
        messages = [_message(VALUE, name, value) for name, value in zip(CHANNELS, row.tolist(), strict=True)]
        for part in _parts([*messages, _message(APPLY)]):
            yield time, _BUNDLE + struct.pack(">Q", round(time * _TICKS)) + part


def _message(address: str, name: str = "", value: float = 0.0) -> bytes:
    tags, data = (",sf", _text(name) + struct.pack(">f", value)) if name else (",", b"")
    message = _text(address) + _text(tags) + data
    return _SIZE.pack(len(message)) + message


def _text(text: str) -> bytes:
    data = text.encode("ascii") + b"\0"
    return data + b"\0" * (-len(data) % 4)


def _parts(messages: list[bytes]) -> Iterator[bytes]:
    part = b""
    for message in messages:
        if len(part) + len(message) + 16 > DATAGRAM:
            yield part
            part = b""
        part += message
    yield part


def parse(data: bytes, source: str, fps: float | None = None) -> FaceTrack:
    """What ``dump`` wrote, or another's VMC stream in such a file. Raises UserError for anything else."""
    try:
        rows = dict(_frames(data))
    except (struct.error, ValueError, IndexError) as error:
        raise UserError("it is no file of OSC bundles, or it is cut off.") from error
    if not rows:
        raise UserError(f"its OSC messages say nothing to {VALUE}.")
    times = np.array(sorted(rows)) / _TICKS
    values = np.array([rows[tick] for tick in sorted(rows)], np.float64)
    rate = fps or (grid.frame_rate(times, 1 / _TICKS) if len(times) > 1 else 60.0)
    if len(times) > 1 and not fps:
        values = grid.on_grid(times, values, rate)
    return FaceTrack.captured(np.clip(values, 0.0, 1.0).astype(np.float32), rate, float(times[0]), source)


def _frames(data: bytes) -> Iterator[tuple[int, list[float]]]:
    """(time in ticks, the 52 values by then), again for each bundle of one time."""
    now, names = [0.0] * len(CHANNELS), {name.lower(): k for name, k in INDEX.items()}
    at = 0
    while at < len(data):
        (size,) = _SIZE.unpack_from(data, at)
        bundle, at = data[at + 4 : at + 4 + size], at + 4 + size
        if len(bundle) < size or not bundle.startswith(_BUNDLE):
            raise ValueError("no bundle")
        (tick,) = struct.unpack_from(">Q", bundle, len(_BUNDLE))
        for name, value in _values(bundle):
            if name.lower() in names:
                now[names[name.lower()]] = value
                yield tick, now.copy()


def _values(bundle: bytes) -> Iterator[tuple[str, float]]:
    at = len(_BUNDLE) + 8
    while at < len(bundle):
        (size,) = _SIZE.unpack_from(bundle, at)
        message, at = bundle[at + 4 : at + 4 + size], at + 4 + size
        if size <= 0 or len(message) < size:
            raise ValueError("no message")
        address, rest = _read_text(message)
        tags, rest = _read_text(rest)
        if address == VALUE and tags == ",sf":
            name, rest = _read_text(rest)
            yield name, struct.unpack(">f", rest)[0]


def _read_text(data: bytes) -> tuple[str, bytes]:
    end = data.index(b"\0")
    return data[:end].decode("ascii"), data[end + 4 - end % 4 :]
