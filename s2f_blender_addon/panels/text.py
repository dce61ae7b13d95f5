"""Sentences in a narrow sidebar."""

import textwrap
from typing import Any

_LETTER = 7.0
"""Pixels of an average letter at interface scale 1."""


def sentence(layout: Any, context: Any, text: str, icon: str = "NONE") -> None:
    """``text`` as labels, broken at the width of the sidebar; the icon stands at the first line."""
    width = context.region.width / context.preferences.system.ui_scale
    column = layout.column(align=True)
    for number, line in enumerate(textwrap.wrap(text, max(int((width - 60) / _LETTER), 16))):
        column.label(text=line, icon=icon if number == 0 else ("BLANK1" if icon != "NONE" else "NONE"))
