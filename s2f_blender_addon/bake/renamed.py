"""The bakes of a copied character, known by the names of its own lines from now on."""

from collections.abc import Mapping

import bpy
from bpy.types import ID, Action, Object

from ..rigs import Character
from . import compat, record
from .layer import layer_of, single


def rename_lines(character: Character, names: Mapping[str, str]) -> None:
    """Have what was written for ``character`` be known by other ``names`` of its lines, old to new.

    An action that moves somebody else, too, is copied first: the other one keeps its own.
    """
    owners: list[Object] = [mesh.key for mesh in character.meshes]
    if character.bones is not None:
        owners.append(character.bones.armature)
    moved = [owner for owner in owners if owner.animation_data is not None and owner.animation_data.action is not None]
    for action in {owner.animation_data.action for owner in moved}:
        if not any(record.knows(action, old) for old in names):
            continue
        own = own_action(action, owners)
        for old, new in names.items():
            record.rename(own, old, new)
    layer = layer_of(character.rig) if character.rig is not None else None
    if character.rig is not None and layer is not None and any(record.knows(layer.action, old) for old in names):
        own = single(character.rig)
        for old, new in names.items():
            record.rename(own.action, old, new)


def own_action(action: Action, owners: list[Object]) -> Action:
    """``action``, or a copy that ``owners`` play from now on where it moves somebody else, too."""
    if not moves_others(action, owners):
        return action
    copy = action.copy()
    for owner in owners:
        if is_moved(owner, action):
            compat.replace_action(owner, copy)
    return copy


def moves_others(action: Action, owners: list[Object]) -> bool:
    """Whether ``action`` moves anything but ``owners``."""
    users = bpy.data.user_map(subset={action})[action]
    return any(is_moved(user, action) and user not in owners for user in users)


def is_moved(user: ID, action: Action) -> bool:
    """Whether ``action`` is the one that ``user`` plays."""
    animation = getattr(user, "animation_data", None)
    return animation is not None and animation.action == action
