"""Sentences in a narrow sidebar."""

import textwrap
import unicodedata
from collections.abc import Iterator

import bpy
from bpy.types import Context, UILayout

_LETTER = 7.0
"""Pixels of an average letter at interface scale 1."""
_NEVER_FIRST = "、。，：）」"
"""Marks that do not begin a line."""


def sentence(layout: UILayout, context: Context, text: str, icon: str = "NONE") -> None:
    """``text``, translated, as labels, broken at the width of the sidebar; the icon stands at the first line."""
    width = context.region.width / context.preferences.system.ui_scale
    column = layout.column(align=True)
    said = bpy.app.translations.pgettext_iface(text)
    for number, line in enumerate(wrapped(said, max(int((width - 60) / _LETTER), 16))):
        column.label(
            text=line, icon=icon if number == 0 else ("BLANK1" if icon != "NONE" else "NONE"), translate=False
        )


def told(template: str, **values: object) -> str:
    """``template``, translated, with ``values`` for its names in braces."""
    return str(bpy.app.translations.pgettext_iface(template)).format(**values)


def wrapped(text: str, letters: int) -> list[str]:
    """``text`` in lines of ``letters`` at most, between words; Chinese and Japanese have none, and wider signs."""
    if not any(map(_is_wide, text)):
        return textwrap.wrap(text, letters)
    return list(_broken(text, letters))


def _is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WF"


def _broken(text: str, letters: int) -> Iterator[str]:
    line, room = "", letters
    for sign in text:
        room -= 1 + _is_wide(sign)
        if room < 0 and sign not in _NEVER_FIRST:
            yield line
            line, room = "", letters - 1 - _is_wide(sign)
        line += sign
    if line:
        yield line
