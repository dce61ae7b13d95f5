"""The map that the user edits, kept on the mesh object in the .blend file."""

from typing import Any

from .keymap import Entry, KeyMap, valid_source


def stored_map(candidate: Any) -> KeyMap | None:
    """The map saved on ``candidate``, or None when it has none and names decide."""
    saved = getattr(candidate, "s2f_map", None)
    if saved is None or not saved.edited:
        return None
    return KeyMap(
        tuple(
            Entry(e.key, e.source, e.weight, e.score, e.reason, e.family, e.on)
            for e in saved.entries
            if valid_source(e.source)
        )
    )


def store_map(candidate: Any, keymap: KeyMap) -> None:
    """Save ``keymap`` on ``candidate``; from then on names no longer decide."""
    saved = candidate.s2f_map
    saved.entries.clear()
    for entry in keymap.entries:
        item = saved.entries.add()
        item.name = entry.key
        item.key, item.source, item.weight = entry.key, entry.source, entry.weight
        item.score, item.reason, item.family, item.on = entry.score, entry.reason, entry.family, entry.on
    saved.edited = True


def forget_map(candidate: Any) -> None:
    """Drop the saved map; names decide again."""
    candidate.s2f_map.entries.clear()
    candidate.s2f_map.edited = False
