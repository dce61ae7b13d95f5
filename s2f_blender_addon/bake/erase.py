"""Taking a line off a face again."""


from bpy.types import Action

from ..rigs import Character
from . import compat, record
from .layer import layer_of, reach
from .write import take_away


def erase(character: Character, line: str) -> None:
    """Take away what ``line`` has written for ``character``, edits included."""
    owners = [mesh.key for mesh in character.meshes]
    if character.bones is not None:
        owners.append(character.bones.armature)
    done: list[Action] = []
    for owner in owners:
        bag = compat.bag_of(owner)
        action = owner.animation_data.action if bag is not None else None
        known = record.load(action, line) if action is not None else None
        if bag is None or known is None:
            continue
        slot = compat.slot_handle(owner)
        for curve_id in [each for each in known.curves if each[0] == slot]:
            curve = bag.fcurves.find(curve_id[1], index=curve_id[2])
            if curve is not None:
                take_away(bag, curve, known, curve_id)
        owner.update_tag()
        done.append(action)
    layer = layer_of(character.rig) if character.rig is not None else None
    known = record.load(layer.action, line) if layer is not None else None
    if character.rig is not None and layer is not None and known is not None:
        for curve_id in list(known.curves):
            curve = layer.bag.fcurves.find(curve_id[1], index=curve_id[2])
            if curve is not None:
                take_away(layer.bag, curve, known, curve_id)
        record.forget(layer.action, line)
        reach(character.rig)
    for action in done:
        record.forget(action, line)
