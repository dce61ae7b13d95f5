"""The sliders of a character over the shot, as the strip in the timeline shows them and as a hand there moves them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from bpy.types import FCurve, Object

from ..bake import compat, keyed
from ..bake.keyed import KEYFRAME, Keys
from ..core.emotions import EMOTIONS
from ..core.errors import UserError
from . import clips, curves
from .home import fit
from .nla import StripCurve
from .stretches import NEAREST, Floats, Frames, Stretch, retimed, scaled, stretches, swapped

_FINEST = 2000
"""Frames at which a shot is looked at, at most."""


@dataclass(frozen=True)
class ShotEmotion:
    """values (T, n) 0-1 of ``names`` at scene ``frames`` (T,)."""

    frames: Frames
    values: Floats
    names: tuple[str, ...]

    @cached_property
    def stretches(self) -> list[Stretch]:
        return stretches(self.frames, self.values, self.names)


EMPTY = ShotEmotion(np.zeros(0), np.zeros((0, 0), np.float32), ())


def animated(owner: Object) -> dict[str, FCurve | StripCurve]:
    """The sliders of ``owner`` that are animated, and what animates them."""
    names = (*EMOTIONS, *(own.name for own in owner.s2f_character.own))
    return {name: curve for name in names if (curve := curves.played_curve(owner, name)) is not None}


def signature(owner: Object, found: Mapping[str, FCurve | StripCurve]) -> object:
    """Equal while the sliders of ``owner`` stay as they are; never where modifiers play, too."""
    parts = []
    for name, curve in found.items():
        placed = curve.placed if isinstance(curve, StripCurve) else [((), curve)]
        if any(len(one.modifiers) for _, one in placed):
            return object()
        parts += [(name, how, _shape(one)) for how, one in placed]
    return owner.session_uid, tuple(parts)


def _shape(curve: FCurve) -> bytes:
    points = curve.keyframe_points
    found = np.empty((3, 2 * len(points)), np.float32)
    for row, field in zip(found, ("co", "handle_left", "handle_right"), strict=True):
        points.foreach_get(field, row)
    return found.tobytes()


def shot(found: Mapping[str, FCurve | StripCurve]) -> ShotEmotion:
    """The whole of what is animated, from the first key to the last."""
    if not found:
        return EMPTY
    spans = [curve.range() for curve in found.values()]
    first, last = (float(edge) for edge in (min(a for a, _ in spans), max(b for _, b in spans)))
    step = max(1.0, np.ceil((last - first) / _FINEST))
    frames = np.arange(first, last + step / 2, step)
    return ShotEmotion(frames, np.stack([curves.read(curve, frames) for curve in found.values()], axis=1), tuple(found))


class Held:
    """The keys of a character's sliders as they were when a hand took hold of them."""

    def __init__(self, owner: Object) -> None:
        """Raises UserError where they cannot be changed."""
        bag = curves.writable_bag(owner)
        clips.lift(owner)
        self._owner = owner
        self._keys: dict[str, Keys] = {}
        for name in animated(owner):
            curve = bag.fcurves.find(curves.slider_path(owner, name))
            if curve is not None:
                self._keys[name] = compat.read_keys(curve)
        if not self._keys:
            clips.rewrite(owner)
            raise UserError("These sliders play from the NLA editor; change them in its tweak mode.")

    def retime(self, old: tuple[float, ...], new: tuple[float, ...]) -> None:
        """All sliders: the frames ``old`` go to ``new``, see ``stretches.retimed``."""
        moving = {name: keys for name, keys in self._keys.items() if len(keyed.inside(keys, old[0], old[-1])["co"])}
        self._put({name: retimed(keys, old, new) for name, keys in moving.items()}, old[0], old[-1])

    def scale(self, stretch: Stretch, factor: float) -> None:
        """The strongest slider of ``stretch`` times ``factor`` there."""
        if stretch.name in self._keys:
            keys = scaled(self._keys[stretch.name], stretch.first, stretch.last, factor)
            self._put({stretch.name: keys}, stretch.first, stretch.last)

    def rename(self, stretch: Stretch, name: str) -> None:
        """What is felt in ``stretch`` is ``name`` instead; empty for nothing."""
        if stretch.name not in self._keys or name == stretch.name:
            return
        if not name:
            self.scale(stretch, 0.0)
            return
        bag = curves.writable_bag(self._owner)
        other = self._keys.get(name)
        if other is None:
            curve = curves.ensured_curve(bag, curves.slider_path(self._owner, name))
            rest = curves.slider_value(self._owner, name)
            edges = (stretch.first - NEAREST, stretch.first, stretch.last, stretch.last + NEAREST)
            ends = np.array([[edge, rest] for edge in edges], np.float32)
            compat.write_keys(curve, keyed.linear(ends))
            other = self._keys[name] = compat.read_keys(curve)
        end = max(float(keyed.frames_of(keys).max(initial=0.0)) for keys in self._keys.values())
        last = stretch.last
        if last < end:  # where the next one begins
            last = max(last - NEAREST, stretch.first)
        one, two = swapped(self._keys[stretch.name], other, stretch.first, last)
        self._put({stretch.name: one, name: two}, stretch.first, stretch.last)

    def put_back(self) -> None:
        """As before the hand took hold."""
        self._put(self._keys)

    def release(self) -> None:
        """The hand lets go: emotion strips lie over the sliders again."""
        clips.rewrite(self._owner)
        fit(self._owner)

    def _put(self, found: Mapping[str, Keys], first: float = 0.0, last: float = -1.0) -> None:
        """Write ``found``; keys from ``first`` to ``last`` are the animator's own from now on."""
        bag = curves.writable_bag(self._owner)
        for name, keys in found.items():
            curve = bag.fcurves.find(curves.slider_path(self._owner, name))
            if curve is None:
                continue
            times = keyed.frames_of(keys)
            kinds = np.where((times >= first) & (times <= last), KEYFRAME, keys["type"]).astype(np.intc)
            compat.write_keys(curve, {**keys, "type": kinds})
