"""Any sound file to a Sound, a block at a time, by what it holds: our own WAV reader, libsndfile, or FFmpeg's."""

import math
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from model_server.cancel import Progress, part, silent
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.arguments import checked
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.recording import Channels, check_length, lost_end
from s2f_blender_addon.core.request import Ear

from .film import Film, NoSound, breaks_off, is_there
from .mpeg import claims_mpeg, is_mpeg, length_is_a_guess
from .sound import Sound, SoundBuilder
from .wav import NotWav, open_wav

try:
    import soundfile
except (ImportError, OSError):  # OSError: the package is there and its library is not
    soundfile = None

BLOCK = 1 << 16
_STEP = 1 << 12
"""Frames that libsndfile is asked for at a time."""
_MISSED = 0.15
"""Seconds that may be missing at the end before anybody is told: of some files libsndfile guesses the length."""


_SIZES = re.compile(r"(?:FORM|SSND|riff|Data Size)\s*: (\d+) \(should be (\d+)\)")
"""What libsndfile logs of a chunk of an AIFF, W64 or AU file that is shorter or longer than it says."""


class SoundReader(Protocol):
    """An opened sound file: ``rate`` Hz, ``channels``, about ``frames`` long; ``notes``: what was amiss so far."""

    @property
    def rate(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def frames(self) -> int: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    def blocks(self, frames: int) -> Iterator[npt.NDArray[np.float32]]:
        """(n, channels), about ``frames`` at a time; each call begins anew."""


def decodes() -> str:
    """``all`` where libsndfile reads files, else ``wav``."""
    return "wav" if soundfile is None else "all"


@checked
def decode(path: str | Path, progress: Progress = silent, longest: float = math.inf, ear: Ear = "all") -> Sound:
    """The recording in ``path``, mono at 16 kHz, as far as ``ear`` listens. Raises UserError with one sentence that
    names the file, also for more than ``longest`` seconds of it: then the rest is not decoded.
    """
    path = Path(path)
    _check(path)
    reader = _opened(path)
    sound = _heard(reader, path, progress, longest, ear)
    tracks = getattr(reader, "tracks", 1)
    for track in range(1, tracks):
        if not sound.is_silent:
            break
        other = _heard(Film(path, track), path, progress, longest, ear)
        if not other.is_silent:
            note = f"Of its {tracks} tracks of sound number {track + 1} was taken; those before it are silent."
            return replace(other, notes=(note, *other.notes))
    if tracks == 1:
        return sound
    return replace(sound, notes=(f"It has {tracks} tracks of sound; the first was taken.", *sound.notes))


def _heard(reader: SoundReader, path: Path, progress: Progress, longest: float, ear: Ear) -> Sound:
    check_length(reader.frames / max(reader.rate, 1), str(path), longest)
    weights, about_channels = None, ""
    if reader.channels > 1 or ear != "all":  # which of them speak is known at the end alone, so they are read twice
        channels = Channels(reader.channels)
        for block in _watched(reader, part(progress, 0.0, 0.5)):
            channels.add(block)
        weights, about_channels = channels.weights(ear)
        progress = part(progress, 0.5, 1.0)
    builder = SoundBuilder(reader.rate, str(path), longest, weights)
    for block in _watched(reader, progress):
        builder.add(block)
    sound = builder.finish()
    return replace(sound, notes=tuple(filter(None, (*reader.notes, about_channels, *sound.notes))))


def _watched(reader: SoundReader, progress: Progress) -> Iterator[npt.NDArray[np.float32]]:
    done = 0
    for block in reader.blocks(BLOCK):
        yield block
        done += len(block)
        progress(min(done / max(reader.frames, 1), 1.0), "Reading the sound")


def _check(path: Path) -> None:
    try:
        if path.is_dir():
            raise UserError(f"{path} is a folder; choose a sound file in it.")
        if not path.exists():
            raise UserError(f"There is no file {path}; check the path.")
        if not path.is_file():
            raise UserError(f"{path} is not a file; choose a sound file.")
        with path.open("rb") as stream:
            empty = not stream.read(1)
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        raise UserError(f"{path} cannot be opened ({_reason(error)}).") from error
    if empty:
        raise UserError(f"{path} is an empty file; export the recording again.")


def _reason(error: Exception) -> str:
    said: str = getattr(error, "strerror", None) or getattr(error, "error_string", None) or str(error)
    return said.removeprefix("Error : ").rstrip(".")


def _opened(path: Path) -> SoundReader:
    """The reader for what the file holds, whatever its ending says."""
    reasons: list[str] = []
    sure = empty = False
    for kind in (_by_ourselves, _by_libsndfile, _by_ffmpeg):
        try:
            reader = kind(path)
        except (NotWav, _NotThis) as error:
            reasons.append(str(error))
            continue
        except NoSound as error:
            reasons, sure = [*([str(error)] if error.sure else []), *reasons, str(error)], error.sure
            continue
        if reader is not None and (reader.frames or kind is _by_ffmpeg):
            return reader
        empty |= reader is not None
        if empty and kind is _by_ourselves:
            break
    if empty:
        raise UserError(f"{path} holds no sound (zero samples); choose another recording.")
    if soundfile is not None and not sure:
        reasons = reasons[1:] or reasons  # it is no WAV: libsndfile says what else is amiss
    if soundfile is None and not is_there():
        raise UserError(f"{path} cannot be read without libsndfile: {reasons[0]}; export it as a WAV file.")
    if formats.is_track(path):
        raise UserError(f"{path} is no recording but named like a track; Import Track or s2f bake put it on a face.")
    next_step = "choose or export another file" if sure else "convert it to WAV or FLAC"
    raise UserError(f"{path} is no sound file that can be read ({reasons[0]}); {next_step}.")


class _NotThis(Exception):
    """Why libsndfile does not read a file."""


def _by_ourselves(path: Path) -> SoundReader:
    return open_wav(path)


def _by_ffmpeg(path: Path) -> SoundReader | None:
    return Film(path) if is_there() else None


def _by_libsndfile(path: Path) -> SoundReader | None:
    if soundfile is None:
        return None
    if claims_mpeg(path) and not is_mpeg(path):
        raise _NotThis("no frames of sound")
    if claims_mpeg(path) and is_there() and length_is_a_guess(path):
        raise _NotThis("its length is not told")
    try:
        return _SoundFile(path)
    except TypeError as error:  # a headerless .raw, whose rate nobody knows
        raise _NotThis("it has no header") from error
    except soundfile.SoundFileError as error:
        raise _NotThis(_reason(error)) from error


class _SoundFile:
    """A Reader over libsndfile."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.notes: tuple[str, ...] = ()
        with soundfile.SoundFile(os.fsencode(path)) as opened:
            self.rate: int = opened.samplerate
            self.channels: int = opened.channels
            self.frames: int = opened.frames
            self._is_cut = _says_cut(opened.extra_info)

    def blocks(self, frames: int) -> Iterator[npt.NDArray[np.float32]]:
        with soundfile.SoundFile(os.fsencode(self._path)) as opened:
            done = 0
            while True:
                block, problem = self._read(opened, frames)
                done += len(block)
                if problem and not done:
                    raise UserError(f"{self._path} is damaged ({problem}); export it again.")
                if len(block):
                    yield block
                if problem:
                    self.notes = (breaks_off(done / self.rate, problem),)
                if problem or not len(block):
                    break
        lost = self.frames - done > _MISSED * self.rate
        if lost and not self.notes:
            self.notes = (lost_end(done / self.rate, self.frames / self.rate),)
        if self._is_cut and not self.notes:
            self.notes = (f"It ends after {done / self.rate:.2f} s before it was finished; the rest is missing.",)

    def _read(self, opened: Any, frames: int) -> tuple[npt.NDArray[np.float32], str]:
        """(a block, why there is no more); in steps, because of a step that fails nothing is kept."""
        block = np.empty((frames, self.channels), np.float32)
        at, problem = 0, ""
        try:
            while at < frames and (count := len(opened.read(out=block[at : at + _STEP]))):
                at += count
        except soundfile.SoundFileError as error:
            problem = _reason(error)
        return block[:at], problem


def _says_cut(log: str) -> bool:
    """Whether libsndfile's ``log`` of a file says that it is shorter than its chunks or its stream tell."""
    return "lacks an end-of-stream bit" in log or any(int(told) > int(there) for told, there in _SIZES.findall(log))
