"""A .glb file as its JSON and the chunks behind that."""

import json
import struct

from .json_object import JsonObject

_HEADER = struct.Struct("<4sII")
_CHUNK = struct.Struct("<I4s")


def split(data: bytes) -> tuple[JsonObject, bytes]:
    """(the JSON, all chunks after it). Raises ValueError or struct.error for what is no .glb file."""
    magic, _, _ = _HEADER.unpack_from(data)
    length, kind = _CHUNK.unpack_from(data, _HEADER.size)
    begin = _HEADER.size + _CHUNK.size
    if magic != b"glTF" or kind != b"JSON":
        raise ValueError("no .glb file")
    document = json.loads(data[begin : begin + length])
    if not isinstance(document, dict):
        raise ValueError("no glTF document")
    return document, data[begin + length :]


def joined(document: JsonObject, rest: bytes) -> bytes:
    """A .glb file of a JSON and the chunks after it."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    chunk = _CHUNK.pack(len(text), b"JSON") + text
    return _HEADER.pack(b"glTF", 2, _HEADER.size + len(chunk) + len(rest)) + chunk + rest


def binary(rest: bytes) -> tuple[bytes, bytes]:
    """(the binary chunk, what lies behind it) of the chunks ``rest`` after a JSON, padded to whole words of four bytes.
    """
    if not rest:
        return b"", b""
    length, kind = _CHUNK.unpack_from(rest)
    if kind != b"BIN\0":
        return b"", rest
    begin = _CHUNK.size
    return rest[begin : begin + length], rest[begin + length :]


def with_binary(data: bytes, beyond: bytes) -> bytes:
    """The chunks after a JSON: the binary one with ``data``, and those ``beyond``."""
    data += b"\0" * (-len(data) % 4)
    return _CHUNK.pack(len(data), b"BIN\0") + data + beyond
