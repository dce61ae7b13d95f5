"""Any sound file to a Sound, a block at a time, by what it holds: libsndfile, our own WAV reader, or FFmpeg's."""

import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from model_server.cancel import Progress, part, silent
from s2f_blender_addon.core.arguments import checked
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.recording import Channels, check_length
from s2f_blender_addon.core.request import Ear

from .film import Film, NoSound, is_there
from .mpeg import claims_mpeg, is_mpeg
from .sound import Sound, SoundBuilder
from .wav import NotWav, open_wav

try:
    import soundfile
except (ImportError, OSError):  # OSError: the package is there and its library is not
    soundfile = None

BLOCK = 1 << 16


class SoundReader(Protocol):
    """An opened sound file: ``rate`` Hz, ``channels``, about ``frames`` long."""

    @property
    def rate(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def frames(self) -> int: ...
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
    check_length(reader.frames / max(reader.rate, 1), str(path), longest)
    notes: tuple[str, ...] = getattr(reader, "notes", ())
    weights = None
    if reader.channels > 1 or ear != "all":  # which of them speak is known at the end alone, so they are read twice
        channels = Channels(reader.channels)
        for block in _watched(reader, part(progress, 0.0, 0.5)):
            channels.add(block)
        weights, note = channels.weights(ear)
        notes += (note,) if note else ()
        progress = part(progress, 0.5, 1.0)
    builder = SoundBuilder(reader.rate, str(path), longest, weights, notes)
    for block in _watched(reader, progress):
        builder.add(block)
    return builder.finish()


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
    for kind in (_by_libsndfile, _by_ourselves, _by_ffmpeg):
        try:
            reader = kind(path)
        except (NotWav, NoSound, _NotThis) as error:
            reasons.append(str(error))
            continue
        if reader is not None and (reader.frames or kind is _by_ffmpeg):
            return reader
        if reader is not None:
            reasons.insert(0, "zero samples")
    raise UserError(_sentence(path, [reason for reason in reasons if reason]))


class _NotThis(Exception):
    """Why libsndfile does not read a file."""


def _sentence(path: Path, reasons: list[str]) -> str:
    if reasons[:1] == ["zero samples"]:
        return f"{path} holds no sound (zero samples); choose another recording."
    if soundfile is None and not is_there():
        return f"{path} cannot be read without libsndfile: {reasons[0]}; export it as a WAV file."
    return f"{path} is no sound file that can be read ({reasons[0]}); convert it to WAV or FLAC."


def _by_ourselves(path: Path) -> SoundReader:
    return open_wav(path)


def _by_ffmpeg(path: Path) -> SoundReader | None:
    return Film(path) if is_there() else None


def _by_libsndfile(path: Path) -> SoundReader | None:
    if soundfile is None:
        return None
    if claims_mpeg(path) and not is_mpeg(path):
        raise _NotThis("no frames of sound")
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
        with soundfile.SoundFile(os.fsencode(path)) as opened:
            self.rate: int = opened.samplerate
            self.channels: int = opened.channels
            self.frames: int = opened.frames

    def blocks(self, frames: int) -> Iterator[npt.NDArray[np.float32]]:
        with soundfile.SoundFile(os.fsencode(self._path)) as opened:
            try:
                while len(block := opened.read(frames, dtype="float32", always_2d=True)):
                    yield block
            except soundfile.SoundFileError as error:
                raise UserError(f"{self._path} is damaged ({_reason(error)}); export it again.") from error
