"""Sound of films and phones (AAC, MP4, MOV, MKV, WMA …) by FFmpeg's libraries, where PyAV is installed."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.recording import lost_end

_MISSED = 0.15
"""Seconds that may be missing at the end before anybody is told: codecs count their padding."""


_TELLS = frozenset({"matroska", "flac", "aiff", "caf", "w64"})
"""Containers whose headers tell how long their sound is; of others FFmpeg guesses it, or stumbles at the end."""

_CUT = (b"ftyp", b"wide", b"mdat")
"""What begins a film of the kind whose index is written last."""


class NoSound(Exception):
    """Why the file holds no sound that FFmpeg knows; ``sure``: it is known what the file is."""

    def __init__(self, why: str, sure: bool = False) -> None:
        super().__init__(why)
        self.sure = sure


def is_there() -> bool:
    """Whether PyAV is installed."""
    return find_spec("av") is not None


class Film:
    """A Reader of one of the streams of sound in ``path``, of which there are ``tracks``. Raises NoSound, OSError.

    notes: what was amiss when it was last read.
    """

    def __init__(self, path: Path, track: int = 0) -> None:
        import av

        av.logging.set_level(av.logging.PANIC)  # its chatter about odd files is nothing for stderr
        self._path, self._track = path, track
        self.notes: tuple[str, ...] = ()
        try:
            with av.open(str(path)) as opened:
                if not opened.streams.audio:
                    raise NoSound("there is no sound in it", sure=True)
                self.tracks = len(opened.streams.audio)
                stream = opened.streams.audio[track]
                if stream.codec_context is None:
                    raise NoSound("its sound is coded in a way that is not known")
                if not stream.rate or not stream.channels:
                    raise NoSound("its sound has no rate")
                self.rate, self.channels = int(stream.rate), int(stream.channels)
                seconds = (
                    float(stream.duration * stream.time_base) if stream.duration and stream.time_base
                    else (opened.duration or 0) / av.time_base
                )  # fmt: skip
                self.frames = round(seconds * self.rate)
                alone = stream.duration or all(other.type != "video" for other in opened.streams)
                self._tells = bool(alone and _TELLS & set(opened.format.name.split(",")))
                if next(iter(opened.decode(stream)), None) is None:
                    raise NoSound("its sound cannot be decoded")
        except (av.FFmpegError, ValueError) as error:
            with path.open("rb") as file:
                cut = file.read(8)[4:] in _CUT
            if cut:
                raise NoSound("it was cut off before its index was written", sure=True) from error
            raise NoSound(getattr(error, "strerror", None) or "its format is not known") from error

    def blocks(self, frames: int) -> Iterator[npt.NDArray[np.float32]]:
        """(n, channels) float32, as the file has them."""
        import av

        done = 0
        try:
            with av.open(str(self._path)) as opened:
                stream = opened.streams.audio[self._track]
                even = av.AudioResampler(format="fltp", layout=stream.layout, rate=self.rate)
                for decoded in opened.decode(stream):
                    for part in even.resample(decoded):
                        done += part.samples
                        yield np.ascontiguousarray(part.to_ndarray().T, np.float32)
                for part in even.resample(None):
                    done += part.samples
                    yield np.ascontiguousarray(part.to_ndarray().T, np.float32)
        except av.FFmpegError as error:
            if not done:
                raise UserError(f"{self._path} is damaged ({error.strerror}); export it again.") from error
            self.notes = (breaks_off(done / self.rate, str(error.strerror)),)
            return
        lost = self.frames - done > _MISSED * self.rate
        self.notes = (lost_end(done / self.rate, self.frames / self.rate),) if self._tells and lost else ()


def breaks_off(seconds: float, reason: str) -> str:
    """What to say of a recording that cannot be read beyond so many seconds."""
    return f"It is damaged after {seconds:.2f} s ({reason}); what stands before that was taken."
