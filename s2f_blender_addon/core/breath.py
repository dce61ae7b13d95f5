"""How full the lungs are: in before a phrase, out while speaking, slowly in and out in a pause."""

import numpy as np
import numpy.typing as npt

from .blend import smooth
from .retime import phrases
from .track import Array, FaceTrack

_IN = 0.6
"""Seconds of the breath before a phrase, less where the pause is shorter (Winkworth et al. 1995)."""
_EMPTY, _FULL = 0.15, 1.0
_EACH_SECOND = 0.16
"""How much of a full breath a second of speech takes."""
_REST = (0.35, 0.6)
_HALF_CYCLE = 1.9
"""Seconds of a resting breath, in or out."""
_SOFT = 0.12


def breath(track: FaceTrack) -> Array:
    """(T,) 0-1."""
    times = track.times
    end, level = float(times[0]), 0.5
    moments: list[tuple[float, float]] = [(end, level)]
    for phrase in phrases(track):
        start = max(phrase.start - min(_IN, 0.8 * max(phrase.start - end, 0.0)), end)
        moments += _resting(end, start)
        pause = phrase.start - end
        level = moments[-1][1]
        level = max(level, min(_FULL, level + pause)) if pause > 0.1 else level
        moments.append((max(phrase.start - 0.05, start), level))
        level = max(level - _EACH_SECOND * (phrase.end - phrase.start), _EMPTY)
        moments.append((phrase.end, level))
        end = phrase.end
    moments += _resting(end, float(times[-1]))
    at, values = np.array(moments, np.float64).T
    raw = np.interp(times, np.maximum.accumulate(at), values).astype(np.float32)
    soft: Array = smooth(raw[:, None], track.fps, _SOFT)[:, 0]
    return soft


def _resting(first: float, last: float) -> list[tuple[float, float]]:
    """Moments of quiet breathing between two times."""
    count = int((last - first) / _HALF_CYCLE)
    return [(first + (k + 1) * _HALF_CYCLE, _REST[(k + 1) % 2]) for k in range(count)]


def as_turn(lungs: Array, degrees: float) -> npt.NDArray[np.float64]:
    """(T,) radians by which a chest lifts that turns ``degrees`` for a full breath; half full is at rest."""
    turn: npt.NDArray[np.float64] = np.radians(degrees) * (lungs.astype(np.float64) - 0.5)
    return turn
