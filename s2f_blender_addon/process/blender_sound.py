"""Recordings decoded by Blender (``aud``), for a model process that reads WAV alone.

``aud`` holds Python's lock while it decodes, and seeking in compressed files is off by some milliseconds. So a short
recording is decoded whole in the caller's thread, and a long one by a Blender in the background, into a WAV file.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core import launch
from ..core.errors import UserError
from ..core.private_folder import private_folder

LONGEST_HERE = 20.0
"""Seconds of sound that decode in well under a tenth of a second, so that the window does not stutter."""

BLOCK = 1 << 18
LIBSNDFILE = frozenset(".wav .wave .flac .ogg .oga .opus .mp3 .aif .aiff .aifc .au .snd .caf .w64 .rf64".split())
"""Endings of files that libsndfile reads. It has no AAC and opens no films."""

_PLAIN = (1, 3, 0xFFFE)
"""WAV formats that need no decoder: integers, floats, and either of them in an extensible header."""

_TO_WAV = (
    "import sys, aud; a, b = sys.argv[-2:]; s = aud.Sound.file(a); rate, channels = s.specs; "
    "s.write(b, int(rate), int(channels), aud.FORMAT_S16, aud.CONTAINER_WAV, aud.CODEC_PCM)"
)


def is_plain_wav(path: str) -> bool:
    """Whether ``path`` is a WAV file that the model process reads by itself."""
    try:
        with open(path, "rb") as stream:
            head = stream.read(4096)
    except OSError:
        return False
    at = head.find(b"fmt ")
    riff = head[:4] == b"RIFF" and head[8:12] == b"WAVE" and at > 0
    return riff and int.from_bytes(head[at + 8 : at + 10], "little") in _PLAIN


def open_sound(path: str) -> Any | None:
    """Blender's sound for ``path``; None where this Blender has no audio. Raises UserError for what is no sound."""
    try:
        import aud
    except ImportError:
        return None
    try:
        sound = aud.Sound.file(path)
        _ = sound.specs
    except aud.error as error:
        raise UserError(f"{path} is no sound file that Blender can read; convert it to WAV or FLAC.") from error
    return sound


def is_short(sound: Any) -> bool:
    """Whether ``sound`` may be decoded in this process."""
    return bool(0 <= sound.length <= LONGEST_HERE * sound.specs[0])


def blocks(sound: Any) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
    """(rate in Hz, (n,) mono samples) of a short ``sound``, the mean of its channels."""
    samples = np.asarray(sound.data(), np.float32)
    mono = samples.mean(axis=1, dtype=np.float32) if samples.ndim == 2 else samples
    for start in range(0, len(mono), BLOCK):
        yield int(sound.specs[0]), mono[start : start + BLOCK]


def decode_to_wav(path: str, blender: str, wanted: Callable[[], bool]) -> str:
    """Decode ``path`` with a Blender in the background into a new WAV file, and return its path.

    ``blender`` is Blender's binary, empty where Blender is a Python module. ``wanted`` is asked now and then; once it
    says no, the work is abandoned and the result is empty. Raises UserError when the file cannot be decoded.
    """
    handle, wav = tempfile.mkstemp(suffix=".wav", dir=private_folder())
    os.close(handle)
    if blender:
        start = [blender, "--background", "--factory-startup", "--python-exit-code", "3", "--python-expr", _TO_WAV]
        arguments = [*start, "--", path, wav]
    else:
        arguments = [sys.executable, *launch.ISOLATED, "-c", f"import bpy; {_TO_WAV}", path, wav]
    quiet = subprocess.DEVNULL
    done = False
    with launch.start_guarded(arguments, runs_already=True, stdout=quiet, stderr=quiet) as child:
        try:
            while wanted() and not done:
                try:
                    child.wait(timeout=0.05)
                    done = True
                except subprocess.TimeoutExpired:
                    pass
        finally:
            launch.kill_tree(child)
    if not done or child.returncode or not Path(wav).stat().st_size:
        Path(wav).unlink(missing_ok=True)
        if not done:
            return ""
        raise UserError(f"{path} is no sound file that Blender can decode; convert it to WAV or FLAC.")
    return wav
