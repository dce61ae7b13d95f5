"""Recorded speech as parts of the corpus: aligned labels, and a second look by the network itself.

Self-training here means doubt: where a confident network contradicts a label (the words were guessed, and often
wrong), the frame is forgotten, or takes the network's class when it is surer still.
"""

from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt
import soundfile

from model_server.audio.resample import resample
from model_server.speech.phones import BILABIAL, CLASS_INDEX, from_arpabet
from model_server.training.align import Phone, rows
from model_server.training.store import UNKNOWN, Writer, labels, log_power

Labels = npt.NDArray[np.uint8]
HELD_OUT_SHARE = 0.12
EARLY = 0.01
"""Seconds by which pocketsphinx begins p, b and m before flite does in flite's own speech (median of 96: 11 ms)."""
LEAST_SCORE = -30.0
"""pocketsphinx's log score a frame below which its words do not fit the sound at all."""


def speaker(path: Path) -> str:
    """LibriSpeech's reader, or the file itself where nobody says who speaks."""
    return path.stem.split("-")[0] if path.stem[0].isdigit() else path.stem


def held_out(path: Path) -> bool:
    """Whether this speaker belongs to the development set; decided by name, so it never changes."""
    return crc32(speaker(path).encode()) % 1000 < HELD_OUT_SHARE * 1000


def segments(phones: list[Phone]) -> list[tuple[float, float, str]]:
    """CMU phones to classes; diphthongs are cut in two, bilabials begin where the lips meet."""
    found: list[tuple[float, float, str]] = []
    for start, end, name in phones:
        classes = from_arpabet(name)
        late = min(EARLY, (end - start) / 4) if classes[0] in BILABIAL and found else 0.0
        if late:
            found[-1] = (found[-1][0], start + late, found[-1][2])
        cuts = np.linspace(start + late, end, len(classes) + 1)
        found += [(float(a), float(b), c) for a, b, c in zip(cuts[:-1], cuts[1:], classes, strict=True)]
    return found


def read_sound(path: Path) -> npt.NDArray[np.float32]:
    """Mono 16 kHz samples."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(1)
    return mono if rate == 16000 else resample(mono, rate, 16000)


def make(
    files: list[Path], alignment: list[Path], train: Path, held: Path, report: Callable[[float, str], None]
) -> None:
    """Write aligned ``files`` to the part ``train`` and those of held-out speakers to ``held``.

    A file whose words were not found is kept with unknown labels in ``train``: a network may label it later.
    """
    found = {row["file"]: row for path in alignment if path.exists() for row in rows(path)}
    writers = {False: Writer(), True: Writer()}
    for i, path in enumerate(files):
        report(i / len(files), path.name)
        mel = log_power(read_sound(path))
        row = found.get(path.name)
        label = np.full(len(mel), UNKNOWN, np.uint8)
        if row is not None and row["phones"] and row["score"] > LEAST_SCORE:
            label = labels(segments(row["phones"]), len(mel))
        elif held_out(path):
            continue
        writers[held_out(path)].add(mel, label, speaker(path), path.name)
    for is_held, folder in ((False, train), (True, held)):
        if writers[is_held].clips:
            writers[is_held].save(folder)


def revised(label: Labels, phones: npt.NDArray[np.float32], doubt: float = 0.6, sure: float = 0.9) -> Labels:
    """Labels (T,) after a look at the network's posteriors (T, K).

    Where it gives the label less than 5 % and another class ``sure`` or more, that class; where it is at least
    ``doubt`` sure of another class, unknown. Unknown labels become the class it is at least 0.8 sure of. Bilabials
    against anything else are decided on the sum over p, b and m.
    """
    best, top = phones.argmax(1), phones.max(1)
    lips = [CLASS_INDEX[name] for name in BILABIAL]
    own = phones[np.arange(len(label)), np.minimum(label, phones.shape[1] - 1)]
    both = np.isin(label, lips) & np.isin(best, lips)
    result = label.copy()
    result[(best != label) & (top >= doubt) & ~both & (own < 0.2)] = UNKNOWN
    take = (best != label) & (top >= sure) & ~both & (own < 0.05)
    result[take] = best[take]
    blank = label == UNKNOWN
    result[blank] = np.where(top[blank] >= 0.8, best[blank], UNKNOWN)
    return result
