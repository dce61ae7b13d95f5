"""Recorded speech as parts of the corpus: its words, aligned by the network so far.

A better network aligns better, so every round does it anew; words that nobody seems to say there teach nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt
import soundfile

from model_server.audio.resample import resample
from model_server.speech.backend import numpy_backend
from model_server.speech.words.align import UNKNOWN as UNEXPECTED
from model_server.speech.words.align import Alignment, Word, align
from model_server.speech.words.english import ways
from model_server.training import store
from model_server.training.develop import clip_posteriors
from model_server.training.network import Network, exported
from model_server.training.store import UNKNOWN, Writer, log_power

Labels = npt.NDArray[np.uint8]
Array = npt.NDArray[np.float32]
HELD_OUT_SHARE = 0.12
DOUBT = 0.08
"""Confidence of a word below which its frames stay without a label."""
LEAST_FOUND = 0.5
"""Share of a recording's words that must be found for it to teach at all."""


@dataclass(frozen=True)
class Recording:
    """A file, what is said in it, and its log band powers (T, 80)."""

    path: Path
    text: str
    mel: npt.NDArray[np.float16]


def speaker(path: Path) -> str:
    """LibriSpeech's reader, or the file itself where nobody says who speaks."""
    return path.stem.split("-")[0] if path.stem[0].isdigit() else path.stem


def held_out(path: Path) -> bool:
    """Whether this speaker belongs to the development set; decided by name, so it never changes."""
    return crc32(speaker(path).encode()) % 1000 < HELD_OUT_SHARE * 1000


def read_sound(path: Path) -> Array:
    """Mono 16 kHz samples."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(1)
    return mono if rate == 16000 else resample(mono, rate, 16000)


def recordings(files: list[Path], text: dict[str, str]) -> list[Recording]:
    """``files`` whose words are known."""
    return [Recording(path, text[path.name], log_power(read_sound(path))) for path in files if text.get(path.name)]


def labels(alignment: Alignment, frames: int) -> Labels:
    """(frames,) classes of an alignment; UNKNOWN where it is doubtful, everywhere where too few words were found."""
    sure = [word.confidence >= DOUBT for word in alignment.words]
    if np.mean(sure or [False]) < LEAST_FOUND:
        return np.full(frames, UNKNOWN, np.uint8)
    heard = [p for p in alignment.phones if p.name != UNEXPECTED and (p.word < 0 or sure[p.word])]
    return store.labels([(p.start, p.end, p.name) for p in heard], frames, UNKNOWN)


def make(
    spoken: list[Recording], network: Network, train: Path, held: Path, report: Callable[[float, str], None]
) -> None:
    """Align ``spoken`` with ``network``: the part ``train``, and ``held`` with the held-out speakers' recordings."""
    weights = exported(network)
    backend = numpy_backend(network.shape, weights)
    writers = {False: Writer(), True: Writer()}
    for i, one in enumerate(spoken):
        report(i / len(spoken), f"Aligning {one.path.name}")
        phones = clip_posteriors(one.mel, network.shape, backend, weights["average"])
        found = align(phones, [Word(token, ways(token)) for token in one.text.split()])
        label = labels(found, len(one.mel))
        writers[held_out(one.path)].add(one.mel, label, speaker(one.path), one.path.name)
    for is_held, folder in ((False, train), (True, held)):
        if writers[is_held].clips:
            writers[is_held].save(folder)
