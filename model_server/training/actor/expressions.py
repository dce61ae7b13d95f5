"""An actor's own emotions from clips of a face: how large, how fast, and which channels go together.

Every emotion is a pose at full strength and two times. Its strength over a clip is how far the face goes the way that
it goes on average, away from the actor's own neutral face; a channel's size is what that strength explains of it (least
squares), so that channels that move with it keep their proportions, left and right apart.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model_server.audio.prosody import gaussian
from model_server.cancel import Progress, part, silent
from model_server.training.actor.face_tracker import VIDEOS, WEAK, tracked
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.channels import CHANNELS, EMOTIONS, INDEX
from s2f_blender_addon.core.custom_emotion import ONSET, RELEASE, CustomEmotion, check_name, write_file
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.track import Array, FaceTrack

NEUTRAL = "neutral"
FULL = 90.0
"""Percentile of the strength over all frames that counts as full: an actor's height, not the one frame beyond it."""
LEAST = 0.04
"""A channel below this at full strength is no part of the emotion."""
CALMEST = 10.0
"""Percentile of every channel that stands for a neutral face where no neutral clip was given."""
_SMOOTHED = 0.1
_FASTEST = 95.0
SHORTEST, LONGEST = 0.1, 4.0
"""Bounds of onset and release in seconds."""
COMES, GOES = "comes", "goes"
_LOW, _HIGH = 0.35, 0.8
"""Shares of the full strength between which a clip has to pass to show how fast."""
_GAZE = tuple(name for name in CHANNELS if name.startswith("eyeLook"))
"""Where somebody looks is no part of what they feel."""


@dataclass(frozen=True)
class Learned:
    """emotion: as the user's own ones are kept. together: (52,) correlation of each channel with the strength.

    seconds: of film that it was learned from. unseen: which of its two times no clip shows: it is the usual one then.
    """

    emotion: CustomEmotion
    together: Array
    seconds: float
    unseen: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """A sentence about times that no clip shows; empty where all are seen."""
        if not self.unseen:
            return ""
        one = self.emotion
        times = {COMES: f"{COMES} ({one.onset:g} s)", GOES: f"{GOES} ({one.release:g} s)"}
        how = " and ".join(times[what] for what in self.unseen)
        return f"No clip of {one.name} shows how fast it {how}, so that is taken; film it from a neutral face and back."

    @property
    def strongest(self) -> str:
        """The channels that move most, each with its size and how far it goes with the whole."""
        order = sorted(self.emotion.channels, key=self.emotion.channels.__getitem__, reverse=True)
        return ", ".join(f"{c} {self.emotion.channels[c]:.2f} ({self.together[INDEX[c]]:.1f})" for c in order[:6])


def learn_folder(
    folder: Path, tracker: Path, out: Path, progress: Progress = silent
) -> tuple[dict[str, Learned], list[str]]:
    """Writes an emotion for each one that clips in ``folder`` show into ``out``; returns them and what is to be said.

    A clip shows what its file or its folder is named after. Raises UserError for a folder without such clips.
    """
    sources = _named_clips(folder)
    clips: dict[str, list[FaceTrack]] = {}
    every = [(name, path) for name, paths in sources.items() for path in paths]
    for i, (name, path) in enumerate(every):
        step = part(progress, i / len(every), (i + 1) / len(every))
        film = path.suffix.lower() in VIDEOS
        clips.setdefault(name, []).append(tracked(path, tracker, step) if film else formats.read(path))
    found = learned(clips)
    out.mkdir(parents=True, exist_ok=True)
    for one in found.values():
        emotion = one.emotion
        write_file(out / f"{emotion.name}.json", emotion.name, emotion.channels, emotion.onset, emotion.release)
    notes = [one.note for one in found.values() if one.note]
    if NEUTRAL not in clips:
        notes.append("No clip is called neutral, so the calmest moments of all stand for the neutral face; film one.")
    if any(path.suffix.lower() in VIDEOS for _, path in every):
        notes.append(f"The tracker hardly sees {', '.join(WEAK)}: look at these and set them by hand where they count.")
    return found, notes


def _named_clips(folder: Path) -> dict[str, list[Path]]:
    """The clips of ``folder`` by what they show."""
    known = VIDEOS | set(formats.READABLE)
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in known and path.is_file():
            label = path.parent.name if path.parent != folder else re.split(r"[\s_\-.0-9]+", path.stem, maxsplit=1)[0]
            found.setdefault(label.lower(), []).append(path)
    if not found:
        raise UserError(f"{folder} holds no clips; put videos or tracks there, named after what they show.")
    return found


def learned(clips: Mapping[str, Sequence[FaceTrack]]) -> dict[str, Learned]:
    """What ``clips`` by emotion teach; those of NEUTRAL say what is no emotion.

    Raises UserError where nothing but neutral is there, or an emotion does not differ from it.
    """
    felt = {name: found for name, found in clips.items() if name != NEUTRAL and found}
    if not felt:
        raise UserError("There is no clip of an emotion; name files or folders after it, as angry/take1.mp4.")
    rest = rest_of(clips)
    return {name: _learned(name, tracks, rest) for name, tracks in felt.items()}


def rest_of(clips: Mapping[str, Sequence[FaceTrack]]) -> Array:
    """(52,) the neutral face: the mean of its clips, where it speaks too, else the calmest of all."""
    neutral = clips.get(NEUTRAL, ())
    every = np.concatenate([track.talk for tracks in clips.values() for track in tracks])
    if neutral:
        return np.asarray(np.concatenate([track.talk for track in neutral]).mean(0), np.float32)
    return np.asarray(np.percentile(every, CALMEST, axis=0), np.float32)


def _learned(name: str, tracks: Sequence[FaceTrack], rest: Array) -> Learned:
    away = [_away(track, rest) for track in tracks]
    every = np.concatenate(away)
    direction = np.maximum(every.mean(0), 0)
    length = float(direction @ direction)
    if length < LEAST**2:
        raise UserError(f"The clips of {name} show the same face as the neutral ones; act it more clearly.")
    strengths = [np.maximum(part @ direction / length, 0) for part in away]
    strength = np.concatenate(strengths)
    full = float(np.percentile(strength, FULL))
    size = np.clip(full * (strength @ every) / max(float(strength @ strength), 1e-9), 0, 1)
    pose = {channel: round(float(value), 3) for channel, value in zip(CHANNELS, size, strict=True) if value >= LEAST}
    onset, release, unseen = _times(strengths, [track.fps for track in tracks], full)
    seconds = sum(track.duration for track in tracks)
    title = check_name(f"My {name}" if name in EMOTIONS else name)
    return Learned(CustomEmotion(title, pose, onset, release), _together(every, strength), seconds, unseen)


def _away(track: FaceTrack, rest: Array) -> Array:
    """(T, 52) how far the face is from its neutral one, gaze left out."""
    away = track.talk - rest
    away[:, [INDEX[name] for name in _GAZE]] = 0
    return np.asarray(away, np.float32)


def _times(
    strengths: Sequence[Array], rates: Sequence[float], full: float
) -> tuple[float, float, tuple[str, ...]]:
    """(seconds from nothing to ``full``, seconds back, both at the actor's quickest pace, a twitch or two aside; which
    of them no clip shows: that is the usual one).
    """
    smooth = [gaussian(part, _SMOOTHED * fps) for part, fps in zip(strengths, rates, strict=True)]
    pace = np.concatenate([
        np.gradient(part) * fps if len(part) > 1 else np.zeros(1) for part, fps in zip(smooth, rates, strict=True)
    ])  # fmt: skip
    comes = _seconds(full, pace[pace > 0]) if any(_rises(part, full) for part in smooth) else 0.0
    goes = _seconds(full, -pace[pace < 0]) if any(_rises(part[::-1], full) for part in smooth) else 0.0
    unseen = tuple(what for what, time in ((COMES, comes), (GOES, goes)) if not time)
    return comes or ONSET, goes or RELEASE, unseen


def _rises(strength: Array, full: float) -> bool:
    """Whether ``strength`` (T,) is low at some time and high later."""
    low = np.flatnonzero(strength <= _LOW * full)
    return len(low) > 0 and bool(strength[low[0] :].max() >= _HIGH * full)


def _seconds(full: float, pace: Array) -> float:
    """Seconds to ``full`` at the quickest ``pace`` (n,) a second that is no twitch."""
    quickest = float(np.percentile(pace, _FASTEST)) if len(pace) else 0.0
    return round(float(np.clip(full / max(quickest, 1e-6), SHORTEST, LONGEST)), 2)


def _together(every: Array, strength: Array) -> Array:
    spread = every.std(0) * strength.std()
    moved = ((every - every.mean(0)) * (strength - strength.mean())[:, None]).mean(0)
    return np.asarray(np.divide(moved, spread, out=np.zeros_like(moved), where=spread > 1e-6), np.float32)
