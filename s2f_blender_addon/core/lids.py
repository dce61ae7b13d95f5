"""Blinks that an animator has placed or taken away, over those of a track."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .channels import INDEX
from .track import Array, FaceTrack

CLOSING, HELD, OPENING = 0.08, 0.03, 0.17
"""Seconds of a placed blink: closing takes about a third of it (Trutoiu et al. 2011)."""
_NEAR = 0.3
"""Seconds around a moment within which a blink counts as the one there."""
_BLINK, _AWAKE = 0.4, 0.1
"""How far lids come down in a blink at least, and how far they may be down beside one."""
_SIDES = ("Left", "Right")


@dataclass(frozen=True)
class Blinks:
    """placed: seconds of the recording at which lids are shut; removed: moments whose blink is taken away."""

    placed: tuple[float, ...] = ()
    removed: tuple[float, ...] = ()


def with_blinks(track: FaceTrack, blinks: Blinks) -> FaceTrack:
    """``track`` without the blinks that were removed and with those that were placed."""
    if not blinks.placed and not blinks.removed:
        return track
    talk = track.talk.copy()
    for moment in blinks.removed:
        _remove(talk, track, moment)
    for moment in blinks.placed:
        shut = _shape(track.times, moment)
        for side in _SIDES:
            lid = INDEX[f"eyeBlink{side}"]
            talk[:, lid] = np.maximum(talk[:, lid], shut)
            talk[:, INDEX[f"eyeWide{side}"]] *= 1 - shut
            talk[:, INDEX[f"eyeSquint{side}"]] *= 1 - 0.5 * shut
    return replace(track, talk=talk)


def blink_at(track: FaceTrack, moment: float) -> float | None:
    """The moment at which lids are shut in the blink of ``track`` around ``moment``; None where there is none."""
    lids = _lids(track.talk)
    peak = _peak(lids, track, moment)
    return None if peak is None else float(track.times[peak])


def _lids(talk: Array) -> Array:
    lids: Array = np.maximum(talk[:, INDEX["eyeBlinkLeft"]], talk[:, INDEX["eyeBlinkRight"]])
    return lids


def _peak(lids: Array, track: FaceTrack, moment: float) -> int | None:
    near = np.flatnonzero(np.abs(track.times - moment) <= _NEAR)
    if not len(near) or lids[near].max() < _BLINK:
        return None
    return int(near[lids[near].argmax()])


def _remove(talk: Array, track: FaceTrack, moment: float) -> None:
    lids = _lids(talk)
    peak = _peak(lids, track, moment)
    if peak is None:
        return
    first, last = peak, peak
    while first > 0 and (lids[first] > _AWAKE and lids[first - 1] <= lids[first] + 0.02):
        first -= 1
    while last < len(lids) - 1 and (lids[last] > _AWAKE and lids[last + 1] <= lids[last] + 0.02):
        last += 1
    for side in _SIDES:
        lid = INDEX[f"eyeBlink{side}"]
        talk[first : last + 1, lid] = np.linspace(talk[first, lid], talk[last, lid], last + 1 - first)


def _shape(times: npt.NDArray[np.float64], moment: float) -> Array:
    """(T,) 0-1: shut at ``moment`` and for a little after it."""
    rise = np.clip((times - moment + CLOSING) / CLOSING, 0, 1)
    fall = np.clip((moment + HELD + OPENING - times) / OPENING, 0, 1)
    share = np.minimum(rise, fall)
    return np.asarray(share * share * (3 - 2 * share), np.float32)
