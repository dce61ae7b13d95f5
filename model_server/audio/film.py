"""Sound of films and phones (AAC, MP4, MOV, MKV, WMA …) by FFmpeg's libraries, where PyAV is installed."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from s2f_blender_addon.core.errors import UserError


class NoSound(Exception):
    """Why the file holds no sound that FFmpeg knows."""


def is_there() -> bool:
    """Whether PyAV is installed."""
    return find_spec("av") is not None


class Film:
    """A Reader of the first stream of sound in ``path``. Raises NoSound, OSError."""

    def __init__(self, path: Path) -> None:
        import av

        av.logging.set_level(av.logging.PANIC)  # its chatter about odd files is nothing for stderr
        self._path = path
        try:
            with av.open(str(path)) as opened:
                if not opened.streams.audio:
                    raise NoSound("there is no sound in it")
                stream = opened.streams.audio[0]
                if not stream.rate or not stream.channels:
                    raise NoSound("its sound has no rate")
                self.rate, self.channels = int(stream.rate), int(stream.channels)
                seconds = (
                    float(stream.duration * stream.time_base) if stream.duration and stream.time_base
                    else (opened.duration or 0) / av.time_base
                )  # fmt: skip
                self.frames = round(seconds * self.rate)
                if next(iter(opened.decode(stream)), None) is None:
                    raise NoSound("its sound cannot be decoded")
        except (av.FFmpegError, ValueError) as error:
            raise NoSound(getattr(error, "strerror", None) or "its format is not known") from error

    def blocks(self, frames: int) -> Iterator[npt.NDArray[np.float32]]:
        """(n, channels) float32, as the file has them."""
        import av

        try:
            with av.open(str(self._path)) as opened:
                stream = opened.streams.audio[0]
                even = av.AudioResampler(format="fltp", layout=stream.layout, rate=self.rate)
                for decoded in opened.decode(stream):
                    for part in even.resample(decoded):
                        yield np.ascontiguousarray(part.to_ndarray().T, np.float32)
                for part in even.resample(None):
                    yield np.ascontiguousarray(part.to_ndarray().T, np.float32)
        except av.FFmpegError as error:
            raise UserError(f"{self._path} is damaged ({error.strerror}); export it again.") from error
