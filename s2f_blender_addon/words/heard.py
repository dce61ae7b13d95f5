"""What was heard of the words: a line for the panel, and markers in the timeline."""

from collections.abc import Sequence
from typing import Any

from ..bake.frames import frame_rate
from ..core.script import SpokenWord

Heard = Sequence[SpokenWord]
"""Not heard where the confidence is 0."""
_NAMED = 12
"""Words that the panel names at most."""


def summary(words: Heard, notes: Sequence[str] = ()) -> str:
    """“41 of 43 words found; not heard: …” and ``notes`` about the words, or nothing where none were given."""
    if not words:
        return ""
    missing = [word.text for word in words if not word.confidence]
    told = " ".join(missing[:_NAMED]) + (" …" if len(missing) > _NAMED else "")
    found = f"{len(words) - len(missing)} of {len(words)} words found" + (f"; not heard: {told}" if missing else "")
    return ". ".join([found, *(note.rstrip(".") for note in notes)])


def mark(scene: Any, words: Heard, start_frame: float, first: float, last: float) -> int:
    """A marker where each heard word begins, second 0 being at ``start_frame``; returns how many.

    Markers of an earlier bake between frames ``first`` and ``last`` are replaced, all others stay.
    """
    clear(scene, first, last)
    rate = frame_rate(scene)
    heard = [word for word in words if word.confidence]
    for word in heard:
        scene.timeline_markers.new(f"“{word.text}”", frame=round(start_frame + word.start * rate))
    return len(heard)


def clear(scene: Any, first: float = float("-inf"), last: float = float("inf")) -> None:
    """Take away the markers of words between two frames."""
    for marker in [m for m in scene.timeline_markers if is_word(m.name) and first - 1 <= m.frame <= last + 1]:
        scene.timeline_markers.remove(marker)


def is_word(name: str) -> bool:
    """Whether a marker of this name is one of ours: its word stands in quotation marks."""
    return len(name) > 2 and name.startswith("“") and name.endswith("”")
