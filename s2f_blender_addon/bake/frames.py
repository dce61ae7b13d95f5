"""Where the keys lie in time, and the track read there without losing a closure."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from bpy.types import Scene

from ..core.blend import sealed
from ..core.channels import REGIONS, indices
from ..core.runs import true_runs
from ..core.track import FaceTrack

Frames = npt.NDArray[np.float64]

_MOUTH = indices(REGIONS["mouth"])
_ROUNDING = 1e-6


def frame_rate(scene: object) -> float:
    """Frames a second of ``scene``: fps / fps_base, e.g. 23.976."""
    render = scene.render  # type: ignore[attr-defined]
    return float(render.fps / render.fps_base)


def speech_start(scene: Scene) -> float:
    """The frame of ``scene``, whole or not, at which second 0 of its recording is heard."""
    return float(scene.s2f.start_frame + scene.s2f.start_shift * frame_rate(scene))


def scene_frames(track: FaceTrack, rate: float, start: float, step: int = 1) -> Frames:
    """Every ``step``-th whole scene frame on which ``track`` has something to say, its second 0 being at ``start``."""
    first = np.floor(start + track.start * rate + _ROUNDING)
    last = np.ceil(start + (track.start + track.duration) * rate - _ROUNDING)
    return np.arange(first, max(first, last) + 1, step, dtype=np.float64)


def track_frames(track: FaceTrack, rate: float, start: float) -> Frames:
    """The scene frame, whole or not, of each frame of ``track``."""
    return start + track.times * rate


def on_scene_frames(track: FaceTrack, rate: float, start: float, step: int = 1) -> tuple[Frames, FaceTrack]:
    """One sample of ``track`` for every ``step``-th scene frame: (frames, track on them).

    A closure of the lips shorter than that would fall between two samples; the frame nearest to its middle
    then shows the mouth of that middle. Animators call it hitting the closure.
    """
    frames = scene_frames(track, rate, start, step)
    read = track.at((frames - start) / rate)
    if track.fps <= rate / step:
        return frames, read
    middles = _closures(track)
    if not len(middles):
        return frames, read
    nearest = (
        np.rint((start + track.times[middles] * rate - frames[0]) / step).astype(np.int64).clip(0, len(frames) - 1)
    )
    missed = sealed(read.talk)[nearest] < sealed(track.talk)[middles]
    talk = read.talk.copy()
    talk[np.ix_(nearest[missed], _MOUTH)] = track.talk[np.ix_(middles[missed], _MOUTH)]
    return frames, replace(read, talk=talk)


def _closures(track: FaceTrack) -> npt.NDArray[np.int64]:
    """The middle frame of each run in which the lips are firmly shut on purpose."""
    return np.array([(first + stop - 1) // 2 for first, stop in true_runs(sealed(track.talk) > 0.5)], np.int64)
