"""What an animator does to a line besides its curves: words that are moved, blinks placed and removed, a gaze.

It is kept with the line and done to whatever the model makes of it, so that it survives every bake.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict

from bpy.types import Object, PropertyGroup, Scene

from ..core.lids import Blinks, with_blinks
from ..core.retime import MovedWord, heard_anew, phrases, retimed
from ..core.script import SpokenWord
from ..core.track import FaceTrack
from .gaze import looking

_NAMED = 5
"""Words that a sentence names at most."""


def acted(
    scene: Scene, owner: Object, target: Object, line: PropertyGroup, track: FaceTrack, start: float
) -> FaceTrack:  # fmt: skip
    """``track`` of ``line`` as the animator wants it; its second 0 is at ``start``, a frame of ``scene``."""
    return looking(scene, owner, target, by_hand(line, track), start)


def by_hand(line: PropertyGroup, track: FaceTrack) -> FaceTrack:
    """``track`` with the words and blinks of ``line`` where the animator wants them."""
    return with_blinks(retimed(track, moves_of(line)), blinks_of(line))


def keep_words(line: PropertyGroup, words: Sequence[SpokenWord], track: FaceTrack) -> str:
    """Have ``line`` remember what can be moved in it: ``words`` that were heard, else the phrases of ``track``. Moves
    of the same words stay, those of others wait until they are said again; returns a sentence about these, or "".
    """
    heard = tuple(word for word in words if word.confidence) or phrases(track)
    moves, waiting = heard_anew((*moves_of(line), *_moves(line.waiting)), heard)
    line.words = json.dumps([asdict(word) for word in heard])
    set_moves(line, moves, waiting)
    if not waiting:
        return ""
    named = ", ".join(f"“{move.text}”" for move in waiting[:_NAMED]) + (" …" if len(waiting) > _NAMED else "")
    return f"What you moved, {named}, is not said there now; it is kept, and comes back with the words."


def beyond(line: PropertyGroup, track: FaceTrack) -> str:
    """A sentence about blinks that were placed where ``track`` does not play; empty where there are none."""
    last = track.start + track.duration
    count = sum(not track.start <= moment <= last for moment in blinks_of(line).placed)
    if not count:
        return ""
    what = "A blink that you placed lies" if count == 1 else f"{count} blinks that you placed lie"
    return f"{what} outside of what the line plays now; kept for when it plays there again."


def words_of(line: PropertyGroup) -> tuple[SpokenWord, ...]:
    """What can be moved in ``line``, in seconds of its recording, as it was heard."""
    return tuple(SpokenWord(**word) for word in _list(line.words))


def moved_words(line: PropertyGroup) -> tuple[SpokenWord, ...]:
    """``words_of`` the line where they are to be seen."""
    now = {(move.text, move.was): move.now for move in moves_of(line)}
    shifts = [(word, now.get((word.text, word.start), word.start) - word.start) for word in words_of(line)]
    return tuple(SpokenWord(w.text, w.start + by, w.end + by, w.confidence) for w, by in shifts)


def moves_of(line: PropertyGroup) -> tuple[MovedWord, ...]:
    """The words of ``line`` with the times at which they are to be seen; none where nothing was moved."""
    return _moves(line.moves)


def _moves(text: str) -> tuple[MovedWord, ...]:
    return tuple(MovedWord(**move) for move in _list(text))


def set_moves(line: PropertyGroup, moves: Sequence[MovedWord], waiting: Sequence[MovedWord] | None = None) -> None:
    """Have ``line`` remember ``moves``, where any word is moved, and those that are ``waiting``, else as before."""
    if waiting is not None:
        line.waiting = json.dumps([asdict(move) for move in waiting]) if waiting else ""
    some = any(abs(move.was - move.now) > 1e-6 for move in moves)
    line.moves = json.dumps([asdict(move) for move in moves]) if some else ""


def blinks_of(line: PropertyGroup) -> Blinks:
    """The blinks that were placed in ``line``, and those that were taken away."""
    placed, removed = (_list(line.blinks) or [[], []])[:2]
    return Blinks(tuple(map(float, placed)), tuple(map(float, removed)))


def set_blinks(line: PropertyGroup, blinks: Blinks) -> None:
    """Have ``line`` remember ``blinks``."""
    line.blinks = json.dumps([blinks.placed, blinks.removed])


def copy_hand(line: PropertyGroup, other: PropertyGroup) -> None:
    """Have ``line`` remember the moved words and the blinks of ``other``."""
    line.moves, line.waiting, line.blinks = other.moves, other.waiting, other.blinks


def _list(text: str) -> list:  # type: ignore[type-arg]
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []
    return found if isinstance(found, list) else []
