"""The new action of a bake: what it takes over from the old ones, and what it gets."""

from typing import Any

import bpy
import numpy as np

from ..core.track import Array
from . import compat
from .frames import Frames
from .write import GROUP, Channel, outside, write_curves


class NewAction:
    """One action for a whole character where actions have slots, else one for each data-block.

    frames (T,) are those of the values; outside of ``first`` … ``last`` an earlier bake stays. error: key reduction.
    """

    def __init__(self, name: str, frames: Frames, first: float, last: float, error: float) -> None:
        self._name = name
        self._frames = frames
        self._range = (first, last)
        self._error = error
        self._actions: list[Any] = []
        self.keys = 0

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(action.name for action in self._actions)

    def write(self, owner: Any, label: str, channels: list[Channel], values: Array) -> None:
        """Animate ``channels`` of ``owner`` with ``values`` (T, len(channels)).

        The old action of ``owner`` is kept by a fake user; its curves for other things are copied over.
        """
        bag_before = compat.bag_of(owner)
        before = list(bag_before.fcurves) if bag_before is not None else []
        old = owner.animation_data.action if owner.animation_data is not None else None
        bag = compat.assign(self._action(label), owner)
        self.keys += write_curves(bag, channels, self._frames, values, self._error)
        self._copy_over(bag, before, set(channels))
        if old is not None:
            old.use_fake_user = True
        owner.update_tag()

    def _action(self, label: str) -> Any:
        if self._actions and compat.has_slots(self._actions[0]):
            return self._actions[0]
        action = bpy.data.actions.new(f"{self._name} S2F")
        if not compat.has_slots(action):
            action.name = f"{self._name} S2F {label}"
        self._actions.append(action)
        return action

    def _copy_over(self, bag: Any, before: list[Any], written: set[Channel]) -> None:
        for curve in before:
            channel = (curve.data_path, curve.array_index)
            if channel in written:
                if np.isfinite(self._range).any():
                    self._join(bag.fcurves.find(channel[0], index=channel[1]), curve)
            elif curve.group is None or curve.group.name != GROUP:
                compat.copy_fcurve(bag, curve)

    def _join(self, new: Any, old: Any) -> None:
        """Give ``new`` the keys that ``old`` has outside of the range."""
        away = outside(compat.read_keys(old), *self._range)
        if len(away["co"]):
            fresh = compat.read_keys(new)
            compat.write_keys(new, {name: np.concatenate([fresh[name], away[name]]) for name in fresh})
