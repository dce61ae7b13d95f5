"""Random pieces of the corpus, balanced between its parts and seeded."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from model_server.training.corpus.store import UNKNOWN, CorpusPart


@dataclass(frozen=True)
class BatchSource:
    """A part of the corpus and its share of every batch."""

    part: CorpusPart
    share: float

    @staticmethod
    def open(folder: Path, share: float) -> "BatchSource":
        return BatchSource(CorpusPart(folder), share)


def crop(
    part: CorpusPart, random: np.random.Generator, frames: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """``frames`` frames from anywhere in ``part``; neighbouring utterances may meet in it, as they do in life.

    Stretched in time by up to 12 % half of the time.
    """
    stretch = random.uniform(0.88, 1.12) if random.random() < 0.5 else 1.0
    taken = round(frames * stretch)
    start = int(random.integers(0, max(1, len(part.mel) - taken)))
    mel = np.asarray(part.mel[start : start + taken], np.float32)
    label = np.asarray(part.label[start : start + taken], np.int64)
    if len(mel) < taken:
        mel = np.pad(mel, ((0, taken - len(mel)), (0, 0)), constant_values=-13.0)
        label = np.pad(label, (0, taken - len(label)), constant_values=UNKNOWN)
    if taken != frames:
        position = np.minimum(np.arange(frames) * stretch, taken - 1.001)
        low = position.astype(np.int64)
        share = (position - low).astype(np.float32)[:, None]
        mel = mel[low] * (1 - share) + mel[low + 1] * share
        label = label[np.round(position).astype(np.int64)]
    return mel, label


def batches(sources: list[BatchSource], size: int, frames: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless (B, frames, 80) log powers and (B, frames) classes."""
    random = np.random.default_rng(seed)
    shares = np.array([s.share for s in sources], np.float64)
    shares /= shares.sum()
    while True:
        picks = random.choice(len(sources), size, p=shares)
        pairs = [crop(sources[p].part, random, frames) for p in picks]
        mel = torch.from_numpy(np.stack([m for m, _ in pairs]))
        yield mel, torch.from_numpy(np.stack([c for _, c in pairs]))
