"""Frames on a pipe: a length, a JSON header, raw little-endian arrays.

Layout: magic ``S2F1``, uint32 header bytes, uint64 payload bytes (all little-endian), the header as UTF-8 JSON, the
payload. The header's ``arrays`` lists ``{name, dtype, shape}`` in the order in which their bytes follow. A header that
would be longer than MAX_HEADER, as of an hour of words, follows as the array LONG; the one in its place says ``long``.
"""

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from .json_object import JsonObject
from .track import AnyArray

MAGIC = b"S2F1"
PREFIX = struct.Struct("<4sIQ")
MAX_HEADER = 1 << 20
MAX_PAYLOAD = 1 << 31
MAX_LONG = 64 << 20
"""Bytes of a header that travels as an array."""

_PIECE = 1 << 20

LONG = "…"
DTYPES: dict[str, np.dtype[Any]] = {
    "<f4": np.dtype("<f4"),
    "<f8": np.dtype("<f8"),
    "<i2": np.dtype("<i2"),
    "<i4": np.dtype("<i4"),
    "|u1": np.dtype("|u1"),
}


class WireError(Exception):
    """The bytes on the pipe are no frame; the connection cannot be trusted any further."""


@dataclass(frozen=True)
class Frame:
    """``header`` is any JSON object with a ``type``; ``arrays`` maps names to arrays of a dtype in ``DTYPES``."""

    header: JsonObject
    arrays: Mapping[str, AnyArray] = field(default_factory=dict)


def encode(frame: Frame) -> list[bytes | memoryview]:
    """The frame as buffers to write one after another. Raises WireError for a dtype that does not travel."""
    listing: list[dict[str, Any]] = []
    buffers: list[bytes | memoryview] = []
    for name, array in frame.arrays.items():
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        if little.dtype.str not in DTYPES:
            raise WireError(f"arrays of type {array.dtype} do not travel")
        listing.append({"name": name, "dtype": little.dtype.str, "shape": list(little.shape)})
        buffers.append(np.ascontiguousarray(little).reshape(-1).view(np.uint8).data)
    header = _json({**frame.header, "arrays": listing})
    if len(header) > MAX_LONG:
        raise WireError(f"a header of {len(header)} bytes is too long")
    if len(header) > MAX_HEADER:
        long = _json(frame.header)
        listing.append({"name": LONG, "dtype": "|u1", "shape": [len(long)]})
        buffers.append(long)
        header = _json({"type": frame.header["type"], "long": True, "arrays": listing})
    return [PREFIX.pack(MAGIC, len(header), sum(map(len, buffers))) + header, *buffers]


def _json(header: Mapping[str, object]) -> bytes:
    return json.dumps(header, separators=(",", ":"), allow_nan=False).encode()


def write(stream: IO[bytes], frame: Frame) -> None:
    """Write the whole frame and flush. Raises OSError when the other side is gone."""
    for buffer in encode(frame):
        stream.write(buffer)
    stream.flush()


def read(stream: IO[bytes]) -> Frame | None:
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
    payload = _filled(stream, payload_size)
    arrays = _arrays(header.pop("arrays", []), payload)
    if header.get("long") is True:
        long = arrays.pop(LONG, None)
        if long is None or long.nbytes > MAX_LONG:
            raise WireError("a long header is missing or too long")
        header = _header(long.tobytes())
    return Frame(header, arrays)


def _exactly(stream: IO[bytes], size: int, what: str, may_end: bool = False) -> bytes | None:
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


def _filled(stream: IO[bytes], size: int) -> npt.NDArray[np.uint8]:
    """(size,) bytes that may be written to: whoever parses a frame uses its arrays where they lie."""
    found, done = np.empty(size, np.uint8), 0
    while done < size:
        piece = stream.read(min(size - done, _PIECE))
        if not piece:
            raise WireError("the stream ended inside arrays")
        found[done : done + len(piece)] = np.frombuffer(piece, np.uint8)
        done += len(piece)
    return found


def _header(raw: bytes) -> JsonObject:
    try:
        header = json_of(raw)
    except (ValueError, RecursionError) as error:
        raise WireError("a header is not JSON") from error
    if not isinstance(header, dict) or not isinstance(header.get("type"), str):
        raise WireError("a header is no object with a type")
    return header


def json_of(raw: bytes) -> Any:
    """What the JSON in ``raw`` says. Raises ValueError or RecursionError for what is none, and for what no field holds:
    NaN, 1e999, integers beyond 63 bits, half a letter (a lone surrogate).
    """
    found = json.loads(raw, parse_constant=_refuse, parse_float=_float, parse_int=_int)
    if b"\\ud" in raw.lower():
        json.dumps(found, ensure_ascii=False).encode()
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _refuse(text)  # 1e999
    return number


def _int(text: str) -> int:
    number = int(text)
    if abs(number) >> 63:
        _refuse(text)
    return number


def _arrays(listing: object, payload: npt.NDArray[np.uint8]) -> dict[str, AnyArray]:
    if not isinstance(listing, list):
        raise WireError("arrays are listed wrongly")
    arrays: dict[str, AnyArray] = {}
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
