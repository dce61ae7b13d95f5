"""Taking a line off a face again, for good or until it is written elsewhere."""

from collections.abc import Iterator

import bpy
from bpy.types import Action

from ..rigs import Character
from . import compat, record
from .keyed import no_keys
from .layer import layer_of, reach
from .owned import found_edits, take_away
from .record import WrittenCurve
from .renamed import is_moved


def erase(character: Character, line: str) -> None:
    """Take away what ``line`` has written for ``character``, edits included."""
    for action, _ in _taken_off(character, line, bare=True):
        record.forget(action, line)


def lift(character: Character, line: str, bare: bool = False) -> None:
    """Take the keys of ``line`` off ``character``; what the animator has changed of them waits for its next bake.

    ``bare``: curves on which nothing is left go, too.
    """
    for action, known in _taken_off(character, line, bare):
        known.stretches = ()
        record.save(action, line, known)


def _taken_off(character: Character, line: str, bare: bool) -> Iterator[tuple[Action, record.Record]]:
    """Each action that knows ``line``, once its keys are off, and what it knew, with all edits."""
    for action in actions_of(character, line):
        known = record.load(action, line)
        if known is None:
            continue
        bags = dict(compat.bags_in(action))
        for curve_id, was in list(known.curves.items()):
            bag = bags.get(curve_id[0])
            curve = bag.fcurves.find(curve_id[1], index=curve_id[2]) if bag is not None else None
            known.curves[curve_id] = WrittenCurve(no_keys(), found_edits(curve, was, known))
            if bag is not None and curve is not None:
                take_away(bag, curve, was, known, bare)
        yield action, known
        for owner in bpy.data.user_map(subset={action})[action]:
            owner.update_tag()
    if character.rig is not None and bare:
        reach(character.rig)


def actions_of(character: Character, line: str) -> list[Action]:
    """Those that ``line`` has written of ``character`` and that play."""
    found = [action for action in bpy.data.actions if record.knows(action, line) and _is_played(action)]
    layer = layer_of(character.rig) if character.rig is not None else None
    return found + ([layer.action] if layer is not None and record.knows(layer.action, line) else [])


def _is_played(action: Action) -> bool:
    """Whether ``action`` is the one of anybody; copies that the animator has put aside stay as they are."""
    return any(is_moved(user, action) for user in bpy.data.user_map(subset={action})[action])
