"""Recordings decoded by Blender (``aud``), for a model process that reads WAV alone.

``aud`` holds Python's lock while it decodes, and seeking in compressed files is off by some milliseconds. So a short
recording is decoded whole in the caller's thread, and a long one by a Blender in the background, into a WAV file.
"""

import os
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from ..core import launch, patient
from ..core.errors import UserError
from ..core.private_folder import private_folder
from ..core.recording import LONGEST, Channels, check_length, lost_end

if TYPE_CHECKING:
    import aud

LONGEST_HERE = 20.0
"""Seconds of sound that decode in well under a tenth of a second, so that the window does not stutter."""

_MOST_BYTES = int(LONGEST * 192_000 * 2 * 2)
"""Of a decoded recording whose header does not tell how long it is: stereo at the highest rate."""

BLOCK = 1 << 18
_BEGIN = (b"RIFF", b"RIFX", b"RF64", b"BW64", b"fLaC", b"OggS", b".snd", b"caff", b"riff", b"FORM")
"""How files begin that libsndfile reads. It has no AAC and opens no films."""

_PLAIN, _EXTENSIBLE = (1, 3), 0xFFFE
"""WAV formats that need no decoder, integers and floats; and the header that tells the format further on."""

_TELL = (b"fLaC", b"FORM", b"RIFF", b"RF64")
"""How files begin whose headers tell how long their sound is; of others FFmpeg guesses it, or counts the pictures."""

_MISSED = 0.15
"""Seconds that may be missing at the end before anybody is told: codecs count their padding."""

_TO_WAV = """
import sys, wave, aud
source, target = sys.argv[-2:]
sound = aud.Sound.file(source)
rate, channels = sound.specs
try:
    sound.write(target, int(rate), int(channels), aud.FORMAT_S16, aud.CONTAINER_WAV, aud.CODEC_PCM)
except aud.error:  # raised at the end of many compressed files, after all of it has been written
    with wave.open(target) as written:
        if written.getnframes() < 0.97 * sound.length - 0.1 * rate:
            raise
"""

def is_plain_wav(path: str) -> bool:
    """Whether ``path`` is a WAV file that the model process reads by itself."""
    try:
        with open(path, "rb") as stream:
            head = stream.read(4096)
    except OSError:
        return False
    at = head.find(b"fmt ")
    riff = head[:4] in (b"RIFF", b"RIFX") and head[8:12] == b"WAVE" and at > 0
    order: Literal["little", "big"] = "big" if head[:4] == b"RIFX" else "little"
    kind = int.from_bytes(head[at + 8 : at + 10], order)
    return riff and (int.from_bytes(head[at + 32 : at + 34], order) if kind == _EXTENSIBLE else kind) in _PLAIN


def missing_end(path: str, sound: "aud.Sound", seconds: float) -> str:
    """What to say where ``seconds`` were decoded of the ``sound`` in ``path``, and it should be longer; else ''."""
    with open(path, "rb") as stream:
        head = stream.read(12)
    told = float(sound.length / max(sound.specs[0], 1))
    tells = head.startswith(_TELL) or head[4:] == b"ftypM4A "
    return lost_end(seconds, told) if tells and told - seconds > _MISSED else ""


def libsndfile_reads(path: str) -> bool:
    """Whether what ``path`` holds, whatever its ending, is a kind of file that libsndfile reads."""
    try:
        with open(path, "rb") as stream:
            head = stream.read(10)
            if head[:3] == b"ID3" and len(head) == 10:
                stream.seek(10 + sum((byte & 0x7F) << 7 * (3 - i) for i, byte in enumerate(head[6:10])))
                head = stream.read(4)
    except OSError:
        return False
    mpeg = len(head) > 1 and head[0] == 0xFF and head[1] >= 0xE0 and head[1] & 0x06 != 0  # AAC has no layer
    return mpeg or head.startswith(_BEGIN)


def open_sound(path: str) -> "aud.Sound | None":
    """Blender's sound for ``path``; None where this Blender has no audio. Raises UserError for what is no sound."""
    try:
        import aud
    except ImportError:
        return None
    try:
        sound = aud.Sound.file(path)
        rate, _ = sound.specs
    except aud.error as error:
        raise UserError(f"{path} is no sound file that Blender can read; convert it to WAV or FLAC.") from error
    check_length(sound.length / max(rate, 1), path)
    return sound


def seconds_in(wav: str) -> float:
    """How long the sound in a WAV file is that Blender has written."""
    with wave.open(wav) as written:
        seconds: float = written.getnframes() / max(written.getframerate(), 1)
        return seconds


def is_short(sound: "aud.Sound") -> bool:
    """Whether ``sound`` may be decoded in this process."""
    return bool(0 <= sound.length <= LONGEST_HERE * sound.specs[0])


def mono(sound: "aud.Sound", ear: str = "all") -> tuple[int, npt.NDArray[np.float32], str]:
    """(rate in Hz, (n,) samples of what speaks, what to say about its channels or '') of a short ``sound``.

    ``ear``: which channels are heard, see ``core.request.Ear``.
    """
    samples = np.asarray(sound.data(), np.float32)
    if samples.ndim == 1:
        samples = samples[:, None]
    channels = Channels(samples.shape[1])
    channels.add(samples)
    weights, note = channels.weights(ear)
    return int(sound.specs[0]), samples @ weights, note


def blocks(samples: npt.NDArray[np.float32]) -> Iterator[npt.NDArray[np.float32]]:
    """``samples`` in pieces for the pipe."""
    for start in range(0, len(samples), BLOCK):
        yield samples[start : start + BLOCK]


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
                if Path(wav).stat().st_size > _MOST_BYTES:
                    break
                try:
                    child.wait(timeout=0.05)
                    done = True
                except subprocess.TimeoutExpired:
                    pass
        finally:
            launch.kill_tree(child)
    if not done or child.returncode or not Path(wav).stat().st_size:
        patient.delete(wav)
        if not done and not wanted():
            return ""
        raise UserError(f"{path} is no sound file that Blender can decode; convert it to WAV or FLAC.")
    return wav
