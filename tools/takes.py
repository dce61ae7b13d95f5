"""How different four takes are, and whether the lips stay right in each: on short, long, low and whispered speech.

.venv/bin/python tools/takes.py [FOLDER] [--seeds 0 1 2 3]

FOLDER holds recordings with labels of phones beside them (.phn); else those of the tests. Closures are scored against
the labels. Prints a line a kind and seed, and ends with status 1 where takes are too alike (below 0.15 on the mouth or
on the upper face) or where closure F1 differs by more than 0.01 between them.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import signal

from model_server.audio.decode import decode
from model_server.audio.sound import Sound
from model_server.engine import Engine
from model_server.evaluation.labels import Label, read_labels
from model_server.evaluation.lips import LipCount, count
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.core.takes import diversity

Array = np.ndarray
Recording = tuple[Array, list[Label]]

LABELLED = Path(__file__).parents[1] / "tests" / "data" / "lips"
TAKES, RATE, FPS = 4, 16000, 60.0
SOUNDS = (".flac", ".wav", ".opus", ".ogg")
LEAST, MOST_APART = 0.15, 0.01
SHORT = 2.0


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", nargs="?", type=Path, default=LABELLED)
    options.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3])
    given = options.parse_args()
    labelled = sorted(given.folder.glob("*.phn"))
    found = [(decode(sound_of(path)).samples, read_labels(path)) for path in labelled]
    engine, wrong = Engine(TalkModel.load()), 0
    print(f"{'':12}{'seed':>6}{'mouth':>8}{'upper':>8}   closure F1 of each take")
    for name, make in KINDS.items():
        recordings = make(found)
        for seed in given.seeds:
            mouth, upper, scores = measured(engine, recordings, seed)
            good = min(mouth, upper) >= LEAST and max(scores) - min(scores) <= MOST_APART
            wrong += not good
            told = " ".join(f"{score:.3f}" for score in scores)
            print(f"{name:12}{seed:6}{mouth:8.3f}{upper:8.3f}   {told}{'' if good else '   <- not good'}", flush=True)
    return int(wrong > 0)


def sound_of(labels: Path) -> Path:
    """The recording beside ``labels``."""
    return next(path for path in sorted(labels.parent.glob(f"{labels.stem}.*")) if path.suffix in SOUNDS)


def measured(engine: Engine, recordings: list[Recording], seed: int) -> tuple[float, float, list[float]]:
    """(least diversity of the mouth, of the upper face, closure F1 of each take over all of them)."""
    counts, apart = [LipCount() for _ in range(TAKES)], []
    for samples, labels in recordings:
        sound = Sound(samples)
        takes = [engine.infer(sound, Request(seed=seed, fps=FPS, take=take)).talk for take in range(TAKES)]
        apart.append(diversity(takes))
        for total, talk in zip(counts, takes, strict=True):
            count(total, np.arange(len(talk)) / FPS, talk, labels)
    scores = [float(total.figures()["closure_f1"] or 0) for total in counts]
    return min(one["mouth"] for one in apart), min(one["upper"] for one in apart), scores


def long(found: list[Recording]) -> list[Recording]:
    """All of them one after the other, three times."""
    samples, labels, begin = [], [], 0.0
    for sound, marks in found * 3:
        samples.append(sound)
        labels += [(start + begin, end + begin, phone) for start, end, phone in marks]
        begin += len(sound) / RATE
    return [(np.concatenate(samples), labels)]


def short(found: list[Recording]) -> list[Recording]:
    """The middle two seconds of each."""
    result = []
    for sound, labels in found:
        first = max(0.0, len(sound) / RATE / 2 - SHORT / 2)
        moved = [(max(start - first, 0), min(end - first, SHORT), phone) for start, end, phone in labels]
        inside = [label for label in moved if label[0] < label[1]]
        result.append((sound[int(first * RATE) : int((first + SHORT) * RATE)], inside))
    return result


def low(samples: Array) -> Array:
    """30 dB softer, over a room's hiss at -75 dB full scale."""
    hiss = np.random.default_rng(0).normal(size=len(samples)) * 10 ** (-75 / 20)
    return (samples * 10 ** (-30 / 20) + hiss).astype(np.float32)


def whispered(samples: Array) -> Array:
    """The same envelope of the spectrum, by a cepstral lifter, over noise: without a voice."""
    _, _, spectrum = signal.stft(samples, RATE, nperseg=512, noverlap=384)
    logs = np.log(np.abs(spectrum) + 1e-6)
    cepstrum = np.fft.irfft(logs, axis=0)
    cepstrum[30:-29] = 0
    noise = np.random.default_rng(0).normal(size=len(samples))
    _, _, breath = signal.stft(noise, RATE, nperseg=512, noverlap=384)
    shaped = np.exp(np.fft.rfft(cepstrum, axis=0).real) * breath / np.abs(breath).mean()
    _, sound = signal.istft(shaped, RATE, nperseg=512, noverlap=384)
    return np.asarray(0.3 * sound[: len(samples)], np.float32)


def with_sound(change: Callable[[Array], Array]) -> Callable[[list[Recording]], list[Recording]]:
    return lambda found: [(change(samples), labels) for samples, labels in found]


KINDS: dict[str, Callable[[list[Recording]], list[Recording]]] = {
    "as labelled": lambda found: found, "short, 2 s": short, "long": long, "low": with_sound(low),
    "whispered": with_sound(whispered),
}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
