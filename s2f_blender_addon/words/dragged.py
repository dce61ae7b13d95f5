"""Markers of words that were dragged in the timeline: which word goes where."""

from collections.abc import Sequence

from bpy.types import Scene

from ..core.script import SpokenWord
from .heard import frame_of, marker_name


def dragged(scene: Scene, words: Sequence[SpokenWord], start_frame: float) -> list[float]:
    """The frame at which each of ``words`` is to be said, second 0 being at ``start_frame``: that of its marker.

    A marker at a word's own frame is its; of the others each word takes the nearest with its name. A word without any
    stays where it is.
    """
    expected = [start_frame + frame_of(scene, word) for word in words]
    free: dict[str, list[int]] = {}
    for marker in scene.timeline_markers:
        free.setdefault(marker.name, []).append(marker.frame)
    places: list[float | None] = [None] * len(words)
    for number, (word, frame) in enumerate(zip(words, expected, strict=True)):
        there = free.get(marker_name(word), [])
        if round(frame) in there:
            there.remove(round(frame))
            places[number] = frame
    for number, (word, frame) in enumerate(zip(words, expected, strict=True)):
        there = free.get(marker_name(word), [])
        if places[number] is None and there:
            nearest = min(there, key=lambda one: abs(one - frame))
            there.remove(nearest)
            places[number] = float(nearest)
    return [frame if place is None else place for place, frame in zip(places, expected, strict=True)]
