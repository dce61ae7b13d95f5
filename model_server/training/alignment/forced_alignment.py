"""Speech whose words are known as parts of the corpus: the network so far finds out when each phone is said.

A better network aligns better, so every round does it anew; words that nobody seems to say there teach nothing.
"""

import json
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
from model_server.training.corpus import store
from model_server.training.corpus.store import UNKNOWN, CorpusWriter, log_power
from model_server.training.network.acoustic import Network, exported
from model_server.training.network.metrics import clip_posteriors

Labels = npt.NDArray[np.uint8]
Array = npt.NDArray[np.float32]
HELD_OUT_SHARE = 0.12
DOUBT = 0.08
"""Confidence of a word below which its frames stay without a label."""
LEAST_FOUND = 0.5
"""Share of a recording's words that must be found for it to teach at all."""


@dataclass(frozen=True)
class Recording:
    """A file, the words that are said in it, its log band powers (T, 80), and who speaks."""

    path: Path
    words: tuple[Word, ...]
    mel: npt.NDArray[np.float16]
    speaker: str


def speaker(path: Path) -> str:
    """LibriSpeech's reader, or the file itself where nobody says who speaks."""
    return path.stem.split("-")[0] if path.stem[0].isdigit() else path.stem


def held_out(path: Path) -> bool:
    """Whether this speaker belongs to the development set; decided by name, so it never changes."""
    return held_out_speaker(speaker(path))


def held_out_speaker(name: str) -> bool:
    """As ``held_out``, of a speaker whose name is known."""
    return crc32(name.encode()) % 1000 < HELD_OUT_SHARE * 1000


def read_sound(path: Path) -> Array:
    """Mono 16 kHz samples."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(1)
    return mono if rate == 16000 else resample(mono, rate, 16000)


def recordings(files: list[Path], text: dict[str, str]) -> list[Recording]:
    """``files`` whose English words are known."""
    return [
        Recording(
            path, tuple(Word(token, ways(token)) for token in text[path.name].split()), log_power(read_sound(path)),
            speaker(path),
        )
        for path in files if text.get(path.name)
    ]  # fmt: skip


def spoken(listed: Path) -> list[Recording]:
    """The recordings that lie beside ``listed`` and are known to the phone (``kokoro_part.SPOKEN``)."""
    rows = [json.loads(line) for line in listed.read_text(encoding="utf-8").splitlines()]
    return [
        Recording(
            listed.parent / row["file"], tuple(Word(way, (tuple(way.split()),)) for way in row["phones"]),
            log_power(read_sound(listed.parent / row["file"])), row["speaker"],
        )
        for row in rows
    ]  # fmt: skip


def sure_words(alignment: Alignment) -> list[bool]:
    """Which words were found in the sound; none of them where too few were."""
    sure = [word.confidence >= DOUBT for word in alignment.words]
    return sure if np.mean(sure or [False]) >= LEAST_FOUND else [False] * len(sure)


def labels(alignment: Alignment, frames: int) -> Labels:
    """(frames,) classes of an alignment; UNKNOWN where it is doubtful, everywhere where too few words were found."""
    sure = sure_words(alignment)
    if not any(sure):
        return np.full(frames, UNKNOWN, np.uint8)
    heard = [p for p in alignment.phones if p.name != UNEXPECTED and (p.word < 0 or sure[p.word])]
    return store.labels([(p.start, p.end, p.name) for p in heard], frames, UNKNOWN)


def make(spoken: list[Recording], network: Network, out: Path, report: Callable[[float, str], None]) -> None:
    """Write the part ``out``: ``spoken`` with the times that ``network`` finds; nothing where there are none."""
    weights = exported(network)
    backend = numpy_backend(network.shape, weights)
    writer = CorpusWriter()
    for i, one in enumerate(spoken):
        report(i / len(spoken), f"Aligning {one.path.name}")
        phones = clip_posteriors(one.mel, network.shape, backend, weights["average"])
        writer.add(one.mel, labels(align(phones, one.words), len(one.mel)), one.speaker, one.path.name)
    if writer.clips:
        writer.save(out)
