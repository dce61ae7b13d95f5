"""Bytes of a text file to text, whoever wrote it: the encoding is read from the bytes."""

import codecs
import re

from .errors import UserError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like UTF-16's mark, so it comes first
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OLD = (
    ("cp1251", "Cyrillic", "оеаинтсрвлОЕАИ"), ("koi8-r", "Cyrillic", "оеаинтсрвлОЕАИ"),
    ("cp866", "Cyrillic", "оеаинтсрвлОЕАИ"), ("cp1253", "Greek", "αοιετσνηρπςάόίέ"), ("cp1255", "Hebrew", "יוהלאתרבמש"),
    ("cp1256", "Arabic", "اليمونرتبةد"), ("cp874", "Thai", "านรอกเงยม่้ี"),
    ("shift_jis", "Japanese", "のにはをたがでてとしれさいるんっなかもうこすりまくよ、。"),
    ("euc_jp", "Japanese", "のにはをたがでてとしれさいるんっなかもうこすりまくよ、。"),
    ("gb18030", "Chinese", "的一是不了我你他们在有这那个人来到说为好吗，。？！"),
    ("big5", "Chinese", "的一是不了我你他們在有這那個人來到說為好嗎，。？！"),
    ("euc_kr", "Korean", "이다는을가의에고하지도를은한나사기로어니자그아시요"),
)  # fmt: skip
"""Encodings from before Unicode, what they write, and the letters that are most of a text in it."""

_FOREIGN, _COMMON = 0.4, 0.2
"""Share of letters beyond ASCII that a text of another writing has, and of common ones among them."""

_LOOKED_AT = 1 << 16
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1a\x1b")


def decoded(data: bytes) -> tuple[str, str]:
    """(text, a note about its encoding or ''). Raises UserError for what is no text.

    A mark at the beginning decides, then zeros in every other byte (UTF-16), then UTF-8; anything else is
    an encoding from before Unicode, which the note names.
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
    return _old(data)


def _old(data: bytes) -> tuple[str, str]:
    """The text of bytes from before Unicode, by the letters that are most common in each writing."""
    best, title, text = 0.0, "", ""
    for encoding, name, common in _OLD:
        try:
            read = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        foreign = [letter for letter in read if letter > "\x7f"]
        share = sum(letter in common for letter in foreign) / len(foreign)
        if share > best:
            best, title, text = share, f"{name} ({encoding})", read
    letters = sum(byte > 0x7F for byte in data) / max(sum(chr(byte).isalpha() or byte > 0x7F for byte in data), 1)
    if letters < _FOREIGN or best < _COMMON:
        middle = re.search(rb"[a-z][\xb3\xb9\xbf\x9c\x9f][a-z]", data)  # a digit or a mark in mid-word nowhere else
        encoding, title = ("cp1250", "Central European") if middle else ("cp1252", "Western European")
        text, title = data.decode(encoding, "replace"), f"{title} (Windows-{encoding[2:]})"
    return text, f"It is not in UTF-8; its letters were read as {title}."


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8" and len(data) % 2:  # cut in the middle of a letter
            return _strict(data[:-1], encoding)
        raise UserError("it is not a text file.") from None
