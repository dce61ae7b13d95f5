"""A slider whose keys were pushed down into the NLA editor, read as Blender plays it."""

import numpy as np
from bpy.types import FCurve, NlaStrip, Object

from ..bake import compat
from ..bake.curve_values import curve_values
from ..bake.keyed import Values


class StripCurve:
    """The F-curves at one path in the NLA strips of an object, the upper tracks over the lower ones.

    ``rest`` is the value where no strip reaches. Strips replace what is below them, whatever their blending says.
    """

    def __init__(self, strips: list[tuple[NlaStrip, FCurve]], rest: float) -> None:
        self._strips = strips
        self._rest = rest

    def values(self, frames: Values) -> Values:
        """(n,) the values at scene ``frames`` (n,)."""
        values = np.full(len(frames), self._rest)
        for strip, curve in self._strips:
            first, last, extrapolation = strip.frame_start, strip.frame_end, strip.extrapolation
            seen = (frames >= first) | (extrapolation == "HOLD")
            seen &= (frames <= last) | (extrapolation != "NOTHING")
            values[seen] = _played(strip, curve, np.clip(frames[seen], first, last))
        return values

    @property
    def placed(self) -> list[tuple[tuple[object, ...], FCurve]]:
        """Every curve, and what of its strip decides when and how it plays."""
        return [(_placing(strip, self._rest), curve) for strip, curve in self._strips]

    def range(self) -> tuple[float, float]:
        """The first and the last scene frame that a strip covers."""
        return (
            min(strip.frame_start for strip, _ in self._strips),
            max(strip.frame_end for strip, _ in self._strips),
        )  # fmt: skip


def _placing(strip: NlaStrip, rest: float) -> tuple[object, ...]:
    return (
        strip.frame_start, strip.frame_end, strip.action_frame_start, strip.action_frame_end, strip.scale, strip.repeat,
        strip.use_reverse, strip.extrapolation, rest,
    )  # fmt: skip


def strip_curve(owner: Object, path: str, rest: float) -> StripCurve | None:
    """What the NLA strips of ``owner`` say at ``path``; None where they say nothing."""
    animation = owner.animation_data
    if animation is None or not animation.use_nla:
        return None
    tracks = [track for track in animation.nla_tracks if track.is_solo] or list(animation.nla_tracks)
    found = []
    for track in tracks:
        for strip in track.strips if not track.mute else ():
            bag = compat.bag_of_strip(strip) if not strip.mute else None
            curve = bag.fcurves.find(path) if bag is not None else None
            if curve is not None and not curve.mute and not curve.is_empty:
                found.append((strip, curve))
    return StripCurve(found, rest) if found else None


def _played(strip: NlaStrip, curve: FCurve, frames: Values) -> Values:
    """(n,) the values of ``curve`` that ``strip`` shows at its ``frames``: scaled, repeated, reversed."""
    begin, end = strip.action_frame_start, strip.action_frame_end
    length, passed = end - begin, (frames - strip.frame_start) / (strip.scale or 1.0)
    if length > 0:  # a strip that ends with the action ends with its last pose, elsewhere that is the first one again
        whole = np.isclose(strip.repeat, round(strip.repeat)) & np.isclose(frames, strip.frame_end)
        passed = np.where(whole, length, passed % length)
    return curve_values(curve, end - passed if strip.use_reverse else begin + passed)
