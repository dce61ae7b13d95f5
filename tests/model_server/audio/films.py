"""Compressed sound and films, written by FFmpeg's libraries."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

CODECS = {
    ".m4a": "aac", ".mp4": "aac", ".mov": "aac", ".mkv": "aac", ".aac": "aac", ".mp3": "mp3", ".flac": "flac",
    ".ogg": "libopus", ".opus": "libopus", ".webm": "libopus", ".ac3": "ac3", ".aiff": "pcm_s16be",
}  # fmt: skip
"""What stands in files of these endings."""

PICTURED = (".mp4", ".mov", ".mkv")
"""Endings under which there is a picture, too."""


def write_film(path: Path, samples: np.ndarray, rate: int = 48000, form: str = "") -> Path:
    """``samples`` (n,) or (n, channels) in ``path``, in the form that ``form`` or the ending of ``path`` names."""
    suffix = form or path.suffix
    channels = samples[:, None] if samples.ndim == 1 else samples
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[channels.shape[1]]
    container = {".m4a": "ipod", ".aac": "adts", ".mkv": "matroska"}.get(suffix, suffix[1:])
    with av.open(str(path), "w", format=container) as out:
        picture = out.add_stream("mpeg4", rate=25) if suffix in PICTURED else None
        sound = out.add_stream(CODECS[suffix], rate=rate, layout=layout)
        sound.bit_rate = 96_000
        if picture is not None:
            picture.width = picture.height = 16
            black = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
            out.mux((*picture.encode(black), *picture.encode(None)))
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(channels.T, np.float32), format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        even = av.AudioResampler(format=sound.format, layout=layout, rate=rate, frame_size=sound.frame_size or 4096)
        for part in (*even.resample(frame), *even.resample(None)):
            out.mux(sound.encode(part))
        out.mux(sound.encode(None))
    return path
