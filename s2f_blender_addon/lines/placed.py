"""Where a line lay at its latest bake, and what goes along when it goes elsewhere."""

from collections.abc import Iterator, Sequence

from bpy.types import Object, PropertyGroup, Scene

from ..bake import compat
from ..bake.frames import frame_rate
from ..bake.moved import REACH, Moved
from ..bake.sound_strip import strip_of

_SAME = 0.5
"""Frames by which a strip lies elsewhere once it was dragged."""


def placed(line: PropertyGroup) -> int:
    """The start frame of the latest bake of ``line``."""
    return int(line.placed if line.is_property_set("placed") else line.start_frame)


def shift_at(line: PropertyGroup, rate: float) -> float:
    """Frames after ``placed`` at which second 0 is, where there are ``rate`` of them a second."""
    return float(line.shift * (rate / line.rate if line.rate else 1.0))


def dragged(scene: Scene, line: PropertyGroup) -> int:
    """Frames by which the strip of ``line`` lies later than its latest bake has put it."""
    strip = strip_of(scene, line.ident) if line.track else None
    if strip is None:
        return 0
    rate = frame_rate(scene)
    later = compat.sound_zero(strip, rate) - placed(line) - shift_at(line, rate)
    return round(later) if abs(later) > _SAME + 1e-3 else 0


def moved(owner: Object, line: PropertyGroup, to: float, rate: float) -> Moved | None:
    """What it means that second 0 of ``line`` of ``owner`` is at the frame ``to`` from now on, at ``rate`` frames a
    second; None where it is there already, or was never baked.
    """
    before = line.rate or rate
    origin = placed(line) + line.shift
    if not line.track or (before == rate and abs(to - origin) < 1e-3):
        return None
    reach = REACH * before
    low, high = line.first - reach, line.last + reach
    for first, last in _others(owner.s2f_character.lines, line):
        if last <= line.first:
            low = max(low, (last + line.first) / 2)
        elif first >= line.last:
            high = min(high, (line.last + first) / 2)
    return Moved(line.ident, line.first, line.last, origin, before, to, rate, low, high)


def _others(every: Sequence[PropertyGroup], line: PropertyGroup) -> Iterator[tuple[float, float]]:
    return ((other.first, other.last) for other in every if other.baked and other.ident != line.ident)
