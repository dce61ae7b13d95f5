"""Bytes of a text file to text, whoever wrote it: the encoding is read from the bytes."""

import codecs

from .errors import UserError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like UTF-16's mark, so it comes first
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LOOKED_AT = 1 << 16
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1a\x1b")


def decoded(data: bytes) -> tuple[str, str]:
    """(text, a note about its encoding or ''). Raises UserError for what is no text.

    A mark at the beginning decides, then zeros in every other byte (UTF-16), then UTF-8; anything else is an old
    one-byte encoding and taken for Windows' western one, which the note says.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], encoding), ""
    head = data[:_LOOKED_AT]
    if len(head) > 3 and b"\0" in head:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if odd > 0.3 * len(head) / 2 and even < 0.05 * len(head) / 2:
            return _strict(data, "utf-16-le"), ""
        if even > 0.3 * len(head) / 2 and odd < 0.05 * len(head) / 2:
            return _strict(data, "utf-16-be"), ""
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        if any(byte in _CONTROL for byte in head):
            raise UserError("it is not a text file.") from None
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text, "It is not in UTF-8; its letters were read as Western European ones (Windows-1252)."


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8" and len(data) % 2:  # cut in the middle of a letter
            return _strict(data[:-1], encoding)
        raise UserError("it is not a text file.") from None
