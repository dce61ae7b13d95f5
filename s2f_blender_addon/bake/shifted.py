"""Whether the animator has moved the keys of a line along already, as whole shots are shifted in the Dope Sheet."""

from bpy.types import Action

from ..rigs import Character
from . import compat, edits, record
from .erase import actions_of
from .keyed import Keys


def shifted_along(character: Character, line: str, by: float) -> bool:
    """Whether most keys of ``line`` lie ``by`` frames later than they were written; they are known there then."""
    known = {action: found for action in actions_of(character, line) if (found := record.load(action, line))}
    there = here = 0
    for action, what in known.items():
        for keys, written in _curves(action, what):
            there += int(edits.same(keys, _later(written, by))[0].sum())
            here += int(edits.same(keys, written)[0].sum())
    if there <= 2 * here:  # those of the same sound, said there by another line, are no sign
        return False
    for action, what in known.items():
        for curve in what.curves.values():
            curve.keys = _later(curve.keys, by)
        what.stretches = tuple((first + by, last + by) for first, last in what.stretches)
        what.origin += by
        record.save(action, line, what)
    return True


def _curves(action: Action, known: record.Record) -> list[tuple[Keys, Keys]]:
    """For each curve that moves: (its keys, those that were written)."""
    bags = dict(compat.bags_in(action))
    found = []
    for (slot, path, index), was in known.curves.items():
        curve = bags[slot].fcurves.find(path, index=index) if slot in bags else None
        if curve is not None and len(was.keys["co"]) > 3:
            found.append((compat.read_keys(curve), was.keys))
    return found


def _later(keys: Keys, by: float) -> Keys:
    keys = {name: array.copy() for name, array in keys.items()}
    for name in ("co", "handle_left", "handle_right"):
        keys[name][:, 0] += by
    return keys
