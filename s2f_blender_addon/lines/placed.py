"""Where a line lay at its latest bake, what has become of its strip, and what goes along when it goes elsewhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bpy.types import Object, PropertyGroup, Scene

from ..bake.frames import frame_rate
from ..bake.led import Part, leader
from ..bake.moved import REACH, Moved
from ..bake.sound_strip import SAME, HeardSound, lines_of
from ..user_path import absolute


def placed(line: PropertyGroup) -> int:
    """The start frame of the latest bake of ``line``."""
    return int(line.placed if line.is_property_set("placed") else line.start_frame)


def shift_at(line: PropertyGroup, rate: float) -> float:
    """Frames after ``placed`` at which second 0 is, where there are ``rate`` of them a second."""
    return float(line.shift * (rate / line.rate if line.rate else 1.0))


@dataclass(frozen=True)
class Strip:
    """What has become of the strip of a line since its latest bake. later: frames by which it was dragged; part: the
    seconds of the sound that it plays by now, where these are others.
    """

    later: int = 0
    part: Part | None = None


def strip_now(scene: Scene, line: PropertyGroup) -> Strip:
    """What the animator has made of the strip that leads ``line``."""
    rate = frame_rate(scene)
    before = placed(line) + shift_at(line, rate)
    led = leader(scene, absolute(line.audio_path), line.ident, before) if line.track and line.audio_path else None
    if led is None:
        return Strip()
    later = led.zero - before
    return Strip(round(later) if abs(later) > SAME + 1e-3 else 0, led.part if led.is_cut(rate) else None)


def led_by(scene: Scene, owner: Object, heard: HeardSound) -> list[str]:
    """The names of the lines of ``owner`` that the strip ``heard`` leads; a copy of the strip leads none."""
    rate = frame_rate(scene)
    found = []
    for line in [one for one in owner.s2f_character.lines if one.ident in lines_of(heard.strip)]:
        before = placed(line) + shift_at(line, rate)
        led = leader(scene, absolute(line.audio_path), line.ident, before)
        if led is not None and abs(led.zero - heard.zero) < SAME:
            found.append(str(line.ident))
    return found


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
