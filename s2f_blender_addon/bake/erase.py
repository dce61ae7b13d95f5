"""Taking a line off a face again, for good or until it is written elsewhere."""

from collections.abc import Iterator

import bpy
from bpy.types import ID, Action, Key

from ..rigs import Character
from . import compat, record
from .keyed import no_keys
from .layer import layer_of, reach
from .owned import found_edits, take_away
from .record import WrittenCurve
from .renamed import is_moved, own_action


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


def groups_of(character: Character, line: str) -> frozenset[str]:
    """The regions of the face, by the names of their groups of curves, in which ``line`` has keys."""
    found = set()
    for action in actions_of(character, line):
        known = record.load(action, line)
        bags = dict(compat.bags_in(action))
        for (slot, path, index), was in known.curves.items() if known is not None else ():
            curve = bags[slot].fcurves.find(path, index=index) if slot in bags and len(was.keys["co"]) else None
            if curve is not None and curve.group is not None:
                found.add(str(curve.group.name))
    return frozenset(found)


def _taken_off(character: Character, line: str, bare: bool) -> Iterator[tuple[Action, record.Record]]:
    """Each action that knows ``line``, once its keys are off, and what it knew, with all edits."""
    for played in actions_of(character, line):
        known = record.load(played, line)
        if known is None:
            continue
        action = _parted(character, played)
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


def _parted(character: Character, action: Action) -> Action:
    """``action``, or a copy of it where it moves the face of somebody else, too, who keeps it as it is."""
    owners = _owners(character)
    others = [user for user in _players(action) if isinstance(user, Key) and user not in owners]
    return own_action(action, owners) if others else action


def actions_of(character: Character, line: str) -> list[Action]:
    """Those that ``line`` has written of ``character`` and that play."""
    found = [action for action in bpy.data.actions if record.knows(action, line) and _is_played(action, character)]
    layer = layer_of(character.rig) if character.rig is not None else None
    return found + ([layer.action] if layer is not None and record.knows(layer.action, line) else [])


def _is_played(action: Action, character: Character) -> bool:
    """Whether ``action`` moves anything of ``character``, or of its controls; copies that the animator has put aside
    or given to somebody else stay as they are.
    """
    players, owners = _players(action), _owners(character)
    return any(user in owners or not isinstance(user, Key) for user in players)


def _players(action: Action) -> list[ID]:
    return [user for user in bpy.data.user_map(subset={action})[action] if is_moved(user, action)]


def _owners(character: Character) -> list[ID]:
    rigs = (character.rig, character.bones.armature if character.bones is not None else None)
    objects = [*(mesh.object for mesh in character.meshes), *(rig for rig in rigs if rig is not None)]
    return [*(mesh.key for mesh in character.meshes), *dict.fromkeys(objects)]
