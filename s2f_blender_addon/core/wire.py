"""Frames on a pipe: a length, a JSON header, raw little-endian arrays.

Layout: magic ``S2F1``, uint32 header bytes, uint64 payload bytes (all little-endian), the header as UTF-8 JSON, the
payload. The header's ``arrays`` lists ``{name, dtype, shape}`` in the order in which their bytes follow.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

MAGIC = b"S2F1"
PREFIX = struct.Struct("<4sIQ")
MAX_HEADER = 1 << 20
MAX_PAYLOAD = 1 << 31
DTYPES: dict[str, np.dtype[Any]] = {
    "<f4": np.dtype("<f4"),
    "<f8": np.dtype("<f8"),
    "<i2": np.dtype("<i2"),
    "<i4": np.dtype("<i4"),
}


class WireError(Exception):
    """The bytes on the pipe are no frame; the connection cannot be trusted any further."""


@dataclass(frozen=True)
class Frame:
    """``header`` is any JSON object with a ``type``; ``arrays`` maps names to arrays of a dtype in ``DTYPES``."""

    header: dict[str, Any]
    arrays: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)


def encode(frame: Frame) -> list[bytes | memoryview]:
    """The frame as buffers to write one after another. Raises WireError for a dtype that does not travel."""
    listing, buffers = [], []
    for name, array in frame.arrays.items():
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        if little.dtype.str not in DTYPES:
            raise WireError(f"arrays of type {array.dtype} do not travel")
        listing.append({"name": name, "dtype": little.dtype.str, "shape": list(little.shape)})
        buffers.append(little.tobytes())
    header = json.dumps({**frame.header, "arrays": listing}, separators=(",", ":"), allow_nan=False).encode()
    if len(header) > MAX_HEADER:
        raise WireError(f"a header of {len(header)} bytes is too long")
    return [PREFIX.pack(MAGIC, len(header), sum(map(len, buffers))) + header, *buffers]


def write(stream: BinaryIO, frame: Frame) -> None:
    """Write the whole frame and flush. Raises OSError when the other side is gone."""
    for buffer in encode(frame):
        stream.write(buffer)
    stream.flush()


def read(stream: BinaryIO) -> Frame | None:
    """The next frame, or None at a clean end. Raises WireError for anything else."""
    prefix = _exactly(stream, PREFIX.size, "a prefix", may_end=True)
    if prefix is None:
        return None
    magic, header_size, payload_size = PREFIX.unpack(prefix)
    if magic != MAGIC:
        raise WireError(f"a frame starts with {magic!r}")
    if header_size > MAX_HEADER or payload_size > MAX_PAYLOAD:
        raise WireError(f"a frame of {header_size} + {payload_size} bytes is too long")
    header = _header(_exactly(stream, header_size, "a header") or b"")
    payload = _exactly(stream, payload_size, "arrays") or b""
    return Frame(header, _arrays(header.pop("arrays", []), payload))


def _exactly(stream: BinaryIO, size: int, what: str, may_end: bool = False) -> bytes | None:
    parts: list[bytes] = []
    missing = size
    while missing:
        part = stream.read(missing)
        if not part:
            if may_end and missing == size:
                return None
            raise WireError(f"the stream ended inside {what}")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _header(raw: bytes) -> dict[str, Any]:
    try:
        header = json.loads(raw, parse_constant=_refuse)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise WireError("a header is not JSON") from error
    if not isinstance(header, dict) or not isinstance(header.get("type"), str):
        raise WireError("a header is no object with a type")
    return header


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _arrays(listing: object, payload: bytes) -> dict[str, npt.NDArray[Any]]:
    if not isinstance(listing, list):
        raise WireError("arrays are listed wrongly")
    arrays: dict[str, npt.NDArray[Any]] = {}
    start = 0
    for entry in listing:
        name, dtype, shape = _entry(entry)
        count = 1
        for side in shape:
            count *= side
        size = count * dtype.itemsize
        if start + size > len(payload):
            raise WireError(f"the array {name} is longer than its frame")
        if name in arrays:
            raise WireError(f"the array {name} comes twice")
        try:
            arrays[name] = np.frombuffer(payload, dtype, count, start).reshape(shape)
        except ValueError as error:  # sides whose product numpy cannot hold, though one of them is 0
            raise WireError(f"the array {name} has no shape") from error
        start += size
    if start != len(payload):
        raise WireError("a frame holds more bytes than its arrays")
    return arrays


def _entry(entry: object) -> tuple[str, np.dtype[Any], tuple[int, ...]]:
    if not isinstance(entry, dict):
        raise WireError("an array has no description")
    name, dtype, shape = entry.get("name"), entry.get("dtype"), entry.get("shape")
    if not isinstance(name, str) or not isinstance(dtype, str) or dtype not in DTYPES:
        raise WireError("an array has no name or an unknown type")
    if not isinstance(shape, list) or len(shape) > 8:
        raise WireError(f"the array {name} has no shape")
    if not all(type(n) is int and 0 <= n <= MAX_PAYLOAD for n in shape):
        raise WireError(f"the array {name} has no shape")
    return name, DTYPES[dtype], tuple(shape)
