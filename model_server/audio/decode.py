"""Any sound file to a Sound, a block at a time: libsndfile where it is installed, else our own WAV reader."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from model_server.cancel import Progress, silent
from s2f_blender_addon.core.errors import UserError

from .mpeg import claims_mpeg, is_mpeg
from .sound import Sound, SoundBuilder
from .wav import NotWav, WavFile, open_wav

try:
    import soundfile
except (ImportError, OSError):  # OSError: the package is there and its library is not
    soundfile = None

BLOCK = 1 << 16


class Reader(Protocol):
    """An opened sound file: ``rate`` Hz, about ``frames`` long."""

    @property
    def rate(self) -> int: ...
    @property
    def frames(self) -> int: ...
    def blocks(self, frames: int) -> Iterator[npt.NDArray[np.float32]]:
        """(n, channels) at most ``frames`` at a time."""


def decodes() -> str:
    """``all`` where libsndfile reads files, else ``wav``."""
    return "wav" if soundfile is None else "all"


def decode(path: str | Path, progress: Progress = silent, longest: float = math.inf) -> Sound:
    """The recording in ``path``, mono at 16 kHz. Raises UserError with one sentence that names the file, also for more
    than ``longest`` seconds of it: then the rest is not decoded.
    """
    path = Path(path)
    _check(path)
    reader = _open_wav(path) if soundfile is None else _open_any(path)
    builder = SoundBuilder(reader.rate, str(path), longest)
    done = 0
    for block in reader.blocks(BLOCK):
        builder.add(block)
        done += len(block)
        progress(min(done / max(reader.frames, 1), 1.0), "Reading the sound")
    return builder.finish()


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


def _open_wav(path: Path) -> WavFile:
    try:
        return open_wav(path)
    except NotWav as error:
        raise UserError(f"{path} cannot be read without libsndfile: {error}; export it as a WAV file.") from error


class _SoundFile:
    """A Reader over libsndfile; reading it to its end closes it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened = soundfile.SoundFile(str(path))
        self.rate: int = self._opened.samplerate
        self.frames: int = self._opened.frames

    def blocks(self, frames: int) -> Iterator[npt.NDArray[np.float32]]:
        with self._opened as opened:
            try:
                while len(block := opened.read(frames, dtype="float32", always_2d=True)):
                    yield block
            except soundfile.SoundFileError as error:
                raise UserError(f"{self._path} is damaged ({_reason(error)}); export it again.") from error


def _open_any(path: Path) -> _SoundFile:
    try:
        if claims_mpeg(path) and not is_mpeg(path):
            raise UserError(f"{path} is no MP3 that can be read (no frames of sound); export the recording again.")
        return _SoundFile(path)
    except (soundfile.SoundFileError, TypeError) as error:  # TypeError: a headerless .raw, whose rate nobody knows
        reason = "it has no header" if isinstance(error, TypeError) else _reason(error)
        raise UserError(f"{path} is no sound file that can be read ({reason}); convert it to WAV or FLAC.") from error
