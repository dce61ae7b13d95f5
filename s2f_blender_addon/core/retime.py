"""Words that an animator has moved in time, and the mouth that goes with them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .blend import lip_gap
from .channels import REGIONS, indices
from .script import SpokenWord
from .track import Array, FaceTrack

_MOUTH = indices(REGIONS["mouth"])
_NEAREST = 0.02
"""Seconds that stay between two words, however far one is dragged."""
_SAME_WORD = 0.15
"""Seconds by which a word may be heard elsewhere than before and still be the one that was moved."""
_PAUSE, _SHORTEST, _OPEN = 0.25, 0.15, 0.03
"""Seconds without speech that part two phrases, of the shortest phrase, and what a mouth that speaks goes beyond."""


@dataclass(frozen=True)
class MovedWord:
    """A word that was heard at ``was`` and is to be seen at ``now``, seconds of the recording."""

    text: str
    was: float
    now: float


def retimed(track: FaceTrack, moves: Sequence[MovedWord]) -> FaceTrack:
    """``track`` whose mouth says each word when it is to be seen; eyes, brows and head stay. Between two words, and to
    both ends, time is stretched evenly. Words that would pass each other stop before that.
    """
    if all(abs(move.was - move.now) < 1e-6 for move in moves):
        return track
    was, now = _anchors(track, moves)
    times = track.times
    read = track.at(times) if len(times) == 1 else _at(track, np.interp(times, now, was))
    talk, mood = track.talk.copy(), track.mood.copy()
    talk[:, _MOUTH], mood[:, _MOUTH] = read.talk[:, _MOUTH], read.mood[:, _MOUTH]
    return replace(track, talk=talk, mood=mood)


def _anchors(track: FaceTrack, moves: Sequence[MovedWord]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """(times as heard, times as seen), both rising, from the track's first to its last."""
    first, last = track.start, track.start + track.duration
    was, now = [first], [first]
    for move in sorted(moves, key=lambda one: one.was):
        if was[-1] < move.was < last:
            was.append(move.was)
            now.append(max(move.now, now[-1] + _NEAREST))
    limits = last - _NEAREST * np.arange(len(now), 0, -1)
    return np.array([*was, last]), np.array([*np.minimum(now, limits), last])


def _at(track: FaceTrack, times: npt.NDArray[np.float64]) -> FaceTrack:
    """``track`` read at any ``times``, linear between frames."""
    place = np.clip((times - track.start) * track.fps, 0, len(track.talk) - 1)
    below = np.minimum(place.astype(np.int64), len(track.talk) - 2)
    share = (place - below).astype(np.float32)[:, None]

    def read(layer: Array) -> Array:
        mixed: Array = layer[below] * (1 - share) + layer[below + 1] * share
        return mixed

    return replace(track, talk=read(track.talk), mood=read(track.mood))


def heard_anew(
    moves: Sequence[MovedWord], words: Sequence[SpokenWord]
) -> tuple[tuple[MovedWord, ...], tuple[MovedWord, ...]]:
    """(a move for each of ``words`` as a new bake has heard them, those of ``moves`` whose word is not said there)."""
    free = [move for move in moves if abs(move.was - move.now) > 1e-6]
    placed = []
    for word in (one for one in words if one.confidence):
        same = [move for move in free if move.text == word.text and abs(move.was - word.start) <= _SAME_WORD]
        move = min(same, key=lambda one: abs(one.was - word.start), default=None)
        placed.append(MovedWord(word.text, word.start, move.now if move is not None else word.start))
        if move is not None:
            free.remove(move)
    return tuple(placed), tuple(free)


def phrases(track: FaceTrack) -> tuple[SpokenWord, ...]:
    """Stretches of speech between pauses, numbered: what can be moved where nobody knows the words."""
    opened = np.abs(track.talk[:, _MOUTH]).max(axis=1) > _OPEN
    opened |= lip_gap(track.talk) < -_OPEN
    edges = np.flatnonzero(np.diff(opened.astype(np.int8), prepend=0, append=0)).reshape(-1, 2) / track.fps
    joined: list[list[float]] = []
    for first, last in edges.tolist():
        if joined and first - joined[-1][1] < _PAUSE:
            joined[-1][1] = last
        else:
            joined.append([first, last])
    long = [(first, last) for first, last in joined if last - first >= _SHORTEST]
    return tuple(
        SpokenWord(f"phrase {k}", track.start + first, track.start + last, 1.0)
        for k, (first, last) in enumerate(long, 1)
    )
