"""The strip that leads a line: that of its bakes, or the animator's own that plays its sound where the line is."""

from dataclasses import dataclass

from bpy.types import Scene

from .frames import frame_rate
from .sound_strip import LINE, OURS, SAME, HeardSound, heard_sounds, lines_of, plays_file

_PART = "s2f_part"
"""Custom property of a strip: the seconds of its sound that it played when its line was baked."""

Part = tuple[float, float]
"""Seconds of a sound from which and to which it is heard; 0 is its end."""


@dataclass(frozen=True)
class Led:
    """zero: the scene frame of second 0; part: what is heard of the sound; before: the same at the latest bake."""

    zero: float
    part: Part
    before: Part

    def is_cut(self, rate: float) -> bool:
        """Whether another part is heard than before, told in frames."""
        return any(abs(now - then) * rate > SAME for now, then in zip(self.part, self.before, strict=True))


def lead(scene: Scene, path: str, frame: float, line: str) -> None:
    """Have the strip that plays ``path`` with its second 0 at ``frame`` lead ``line`` from now on."""
    rate = frame_rate(scene)
    strips = [one for one in heard_sounds(scene) if one.strip.id_data.is_editable and not one.silent]
    there = [one for one in strips if plays_file(one, path) and abs(one.zero - frame) < SAME]
    for one in strips:
        known = lines_of(one.strip)
        if not one.strip.get(OURS) and line in known and one not in there:
            one.strip[LINE] = " ".join(other for other in known if other != line)
    for one in there:
        one.strip[LINE] = " ".join(dict.fromkeys((*lines_of(one.strip), line)))
        one.strip[_PART] = " ".join(map(repr, _heard_of(there, rate)))


def leader(scene: Scene, path: str, line: str, frame: float) -> Led | None:
    """What the strip that leads ``line``, which is of the sound ``path`` and was at ``frame``, plays now. Of copies of
    it one that is still there, so that a copy leads nothing.
    """
    strips = [one for one in heard_sounds(scene) if line in lines_of(one.strip) and plays_file(one, path)]
    if not strips:
        return None
    nearest = min(strips, key=lambda one: abs(one.zero - frame))
    same = [one for one in strips if abs(one.zero - nearest.zero) < SAME]
    part = _heard_of(same, frame_rate(scene))
    first, last = map(float, str(nearest.strip[_PART]).split()) if _PART in nearest.strip.keys() else part
    return Led(nearest.zero, part, (first, last))


def part_of(heard: HeardSound, rate: float) -> Part:
    """The seconds of its sound that ``heard`` plays, at ``rate`` frames a second."""
    first = max(heard.first - heard.zero, 0) / rate
    return first, max(heard.last - heard.zero, 0) / rate if heard.cut else 0.0


def _heard_of(pieces: list[HeardSound], rate: float) -> Part:
    """What is heard in a strip, or in the pieces that it was cut into: from the first to the last."""
    parts = [part_of(one, rate) for one in pieces]
    ends = [last for _, last in parts]
    return min(first for first, _ in parts), max(ends) if all(ends) else 0.0
