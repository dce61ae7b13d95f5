"""What was heard of the words: a line for the panel, and markers in the timeline."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bpy.types import Scene

from ..bake.frames import frame_rate
from ..bake.moved import Moved, whose
from ..core.script import SpokenWord

Heard = Sequence[SpokenWord]
"""Not heard where the confidence is 0."""
_MADE = "s2f_word_markers"
"""Custom property of a scene."""

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


def mark(scene: Scene, words: Heard, start_frame: float, first: float, last: float) -> int:
    """A marker where each heard word begins, second 0 being at ``start_frame``; returns how many.

    Markers of an earlier bake between frames ``first`` and ``last`` are replaced, all others stay.
    """
    clear(scene, first, last)
    made = _places(scene, words, start_frame)
    for name, frame in sorted(made, key=lambda one: one[1]):
        scene.timeline_markers.new(name, frame=frame)
    _remember(scene, _made(scene) | made)
    return len(made)


def remember(scene: Scene, words: Heard, start_frame: float, first: float, last: float) -> None:
    """The markers at ``words`` are ours, wherever they were dragged to between frames ``first`` and ``last``."""
    others = {(name, frame) for name, frame in _made(scene) if not first - 1 <= frame <= last + 1}
    _remember(scene, others | _places(scene, words, start_frame))


@contextmanager
def followed(scene: Scene, moves: Sequence[Moved]) -> Iterator[None]:
    """The markers of words, dragged or not, go where their lines go; the animator's own stay. Where the block raises,
    those that are ours are known where they were.
    """
    made = _made(scene)
    names = {name for name, _ in made}
    for marker in scene.timeline_markers if moves else ():
        if marker.name in names:
            marker.frame = _moved(marker.frame, moves)
    try:
        _remember(scene, {(name, _moved(frame, moves)) for name, frame in made})
        yield
    except BaseException:
        _remember(scene, made)
        raise


def _moved(frame: int, moves: Sequence[Moved]) -> int:
    (number,) = whose([frame], moves).tolist()
    return round(moves[number].frame(frame)) if number >= 0 else frame


def marker_name(word: SpokenWord) -> str:
    """What the marker at ``word`` is called."""
    return f"“{word.text}”"


def frame_of(scene: Scene, word: SpokenWord) -> float:
    """Frames from second 0 to where ``word`` begins."""
    return word.start * frame_rate(scene)


def _places(scene: Scene, words: Heard, start_frame: float) -> set[tuple[str, int]]:
    return {(marker_name(word), round(start_frame + frame_of(scene, word))) for word in words if word.confidence}


def clear(scene: Scene, first: float = float("-inf"), last: float = float("inf")) -> None:
    """Take away the markers of words between two frames, but for those that were moved or renamed since."""
    gone = {(name, frame) for name, frame in _made(scene) if first - 1 <= frame <= last + 1}
    for marker in [m for m in scene.timeline_markers if (m.name, m.frame) in gone]:
        scene.timeline_markers.remove(marker)
    _remember(scene, _made(scene) - gone)


def any_marked(scene: Scene) -> bool:
    """Whether there is a marker of a word that ``clear`` would take away."""
    made = _made(scene)
    return bool(made) and any((marker.name, marker.frame) in made for marker in scene.timeline_markers)


def _made(scene: Scene) -> set[tuple[str, int]]:
    """Name and frame of the markers that we made: markers carry no properties of their own from 5.0 on."""
    try:
        return {(str(name), int(frame)) for name, frame in json.loads(scene.get(_MADE, "[]"))}
    except (ValueError, TypeError):
        return set()


def _remember(scene: Scene, made: set[tuple[str, int]]) -> None:
    if made:
        scene[_MADE] = json.dumps(sorted(made))
    elif _MADE in scene:
        del scene[_MADE]
