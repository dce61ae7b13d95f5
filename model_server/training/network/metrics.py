"""The figures that decide between models, on voices and readers kept out of training.

Closures are counted as ``evaluation.lips`` counts them, but on the decoded intervals, before any face is shaped.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from model_server.audio import features, running
from model_server.cancel import silent
from model_server.speech import acoustics
from model_server.speech.backend import Backend
from model_server.speech.closures import Rule, bilabial, closures
from model_server.speech.network import Shape
from model_server.speech.phones import BILABIAL, CLASS_INDEX
from model_server.training.corpus.store import UNKNOWN, CorpusPart
from s2f_blender_addon.core.runs import true_runs

Array = npt.NDArray[np.float32]
SLACK, PAUSE = 0.02, 0.06

Interval = tuple[float, float]


@dataclass
class Count:
    """wanted, hit: bilabials; closed, right: predicted closures in speech; offsets: of centres, seconds."""

    wanted: int = 0
    hit: int = 0
    closed: int = 0
    right: int = 0
    offsets: list[float] = field(default_factory=list)
    known: int = 0
    correct: int = 0

    @property
    def f1(self) -> float:
        recall, precision = self.hit / max(1, self.wanted), self.right / max(1, self.closed)
        return 2 * recall * precision / max(1e-9, recall + precision)

    def figures(self) -> dict[str, float]:
        offsets = np.array(self.offsets or [0.0]) * 1000
        return {
            "closure_f1": round(self.f1, 3),
            "recall": round(self.hit / max(1, self.wanted), 3),
            "precision": round(self.right / max(1, self.closed), 3),
            "bilabials": self.wanted,
            "centre_offset_ms": round(float(np.median(offsets)), 1),
            "centre_iqr_ms": round(float(np.subtract(*np.percentile(offsets, [75, 25]))), 1),
            "frames_right": round(self.correct / max(1, self.known), 3),
        }


def clip_posteriors(mel: npt.NDArray[np.float16], shape: Shape, backend: Backend, average: Array) -> Array:
    """(T, K) posteriors of one clip's stored log powers (T, 80)."""
    power = np.exp(np.asarray(mel, np.float32))
    return acoustics.posteriors(running.heard(power, average)[0], shape, backend, silent)


def heard(
    part: CorpusPart, shape: Shape, backend: Backend, average: Array
) -> Iterator[tuple[Array, npt.NDArray[np.uint8]]]:
    """(posteriors (T, K), labels (T,)) of every clip."""
    for clip in part.clips:
        where = slice(clip.first, clip.first + clip.frames)
        yield clip_posteriors(part.mel[where], shape, backend, average), np.asarray(part.label[where])


def count(pairs: list[tuple[Array, npt.NDArray[np.uint8]]], rule: Rule) -> Count:
    """Closures of all ``pairs`` against their labels."""
    total, rate = Count(), float(features.RATE)
    columns = [CLASS_INDEX[name] for name in BILABIAL]
    for phones, label in pairs:
        known = label != UNKNOWN
        total.known += int(known.sum())
        total.correct += int((phones.argmax(1) == label)[known].sum())
        # A frame stands for the 10 ms around it.
        truth = [((a - 0.5) / rate, (b - 0.5) / rate) for a, b in true_runs(np.isin(label, columns))]
        quiet = np.zeros(len(label), bool)
        for a, b in true_runs((label == CLASS_INDEX["sil"]) | ~known):
            quiet[max(0, a - round(PAUSE * rate)) : b + round(PAUSE * rate)] = True
        found = closures(bilabial(phones), rate, rule)
        in_pause = [bool(quiet[max(0, int(np.ceil(a * rate))) : int(b * rate) + 1].any()) for a, b in found]
        _events(total, truth, found, in_pause)
    return total


def _events(total: Count, truth: list[Interval], found: list[Interval], in_pause: list[bool]) -> None:
    def meets(closure: Interval, event: Interval) -> bool:
        return closure[0] < event[1] + SLACK and closure[1] > event[0] - SLACK

    for event in truth:
        total.wanted += 1
        near = [i for i, closure in enumerate(found) if meets(closure, event)]
        if near:
            total.hit += 1
            best = max(near, key=lambda i: min(found[i][1], event[1]) - max(found[i][0], event[0]))
            if not in_pause[best]:
                total.offsets.append(sum(found[best]) / 2 - sum(event) / 2)
    for closure, pause in zip(found, in_pause, strict=True):
        if not pause:
            total.closed += 1
            total.right += any(meets(closure, event) for event in truth)
