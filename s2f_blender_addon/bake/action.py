"""The action of a character's bakes: which one is written, and what of the animator's own goes into it."""

from collections.abc import Sequence

import bpy
from bpy.types import ID, Action

from ..core.track import Provenance
from . import compat, record
from .compat import Bag
from .parts import OwnerCurves
from .renamed import moves_others

MODEL, LICENCE_TRACK = "s2f_model", "s2f_licence_track"
"""Custom properties by which an action of ours is known: what made it, and for which use it may serve."""


class OwnAction:
    """One action for a whole character where actions have slots, else one for each data-block.

    What an earlier bake has made is written again. Anybody else's action is kept by a fake user, and its curves are
    copied over into ours; so is an action of ours that moves somebody else, too, as after copying a character.
    """

    def __init__(self, name: str, made_by: Provenance, owners: Sequence[ID]) -> None:
        self._name = name
        self._made_by = made_by
        self._owners = list(owners)
        self._actions: list[Action] = []
        self._copies: dict[Action, Action] = {}
        self.notes: list[str] = []

    @property
    def actions(self) -> tuple[Action, ...]:
        """Those that ``bag_for`` has met."""
        return tuple(self._actions)

    def bag_for(self, part: OwnerCurves) -> Bag:
        """The curves of ``part``'s owner, made where there are none; its siblings follow them from now on."""
        owner = part.owner
        bag = self._present(owner) or self._fresh(owner, part.label)
        action = owner.animation_data.action
        if action not in self._actions:
            self._actions.append(action)
        action[MODEL] = self._made_by.model or self._made_by.source
        action[LICENCE_TRACK] = self._made_by.licence_track
        for sibling in part.siblings:
            if not compat.same_curves(owner, sibling):
                compat.follow(sibling, owner)
        return bag

    def _present(self, owner: ID) -> Action | None:
        """The bag of ``owner`` in an action of ours, which is copied first where others of another character use it."""
        animation = owner.animation_data
        action = animation.action if animation is not None else None
        if action is None or not _is_ours(action) or not action.is_editable or compat.bag_of(owner) is None:
            return None
        if action in self._copies:
            compat.replace_action(owner, self._copies[action])
        elif moves_others(action, self._owners):
            copy = self._copies[action] = action.copy()
            for mate in self._owners:
                if mate.animation_data is not None and mate.animation_data.action == action:
                    compat.replace_action(mate, copy)
        return compat.bag_of(owner)

    def _fresh(self, owner: ID, label: str) -> Action:
        """A bag in our action, with the curves of the one that moves ``owner`` now."""
        before = compat.bag_of(owner)
        curves = list(before.fcurves) if before is not None else []
        old = owner.animation_data.action if owner.animation_data is not None else None
        bag = compat.assign(self._ours(label), owner)
        for curve in curves:
            compat.copy_fcurve(bag, curve)
        if old is not None and curves:
            old.use_fake_user = True
            self.notes.append(
                f"The animation that {label} had went into {owner.animation_data.action.name}; "
                f"the action {old.name} stays as it was."
            )
        return bag

    def _ours(self, label: str) -> Action:
        """The action of ours that others of the character have by now, else a new one."""
        for owner in self._owners:
            action = owner.animation_data.action if owner.animation_data is not None else None
            if action is not None and compat.has_slots(action) and _is_ours(action) and action.is_editable:
                return self._copies.get(action, action)
        action = bpy.data.actions.new(f"{self._name} S2F")
        if not compat.has_slots(action):
            action.name = f"{self._name} S2F {label}"
        action[MODEL] = self._made_by.model or self._made_by.source
        return action


def _is_ours(action: Action) -> bool:
    return action.get(MODEL) is not None or action.get(record.PROPERTY) is not None
