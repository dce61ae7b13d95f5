"""Distillation: a network learns what a larger or earlier one heard, beside the labels.

A part of the corpus gets ``teacher.npy`` (N, 44) float16 beside its ``mel.npy``: the teacher's posteriors of every
frame, of the clean sound. The student hears the same frames distorted, and learns from
(1 - a) * cross entropy(labels) + a * t^2 * KL(teacher || student), both softened by the temperature t (Hinton, Vinyals
and Dean, "Distilling the knowledge in a neural network", 2015). Frames without a label teach too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from model_server.cancel import Progress
from model_server.slots import registry
from model_server.slots.bands import Bands
from model_server.speech.backend import numpy_backend
from model_server.speech.card import Card
from model_server.speech.network import Shape
from model_server.speech.phones import BILABIAL, CLASS_INDEX, CLASSES
from model_server.speech.weights import read
from model_server.training.corpus.batches import BatchSource
from model_server.training.corpus.store import UNKNOWN, CorpusPart
from model_server.training.network.acoustic import Network, exported
from model_server.training.network.augmentation import augmented
from model_server.training.network.fit import average_colour, cast, loss_of
from model_server.training.network.loop import descend
from model_server.training.network.metrics import clip_posteriors
from model_server.training.network.plan import FitPlan, Softness
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.whole_file import whole_file

Array = npt.NDArray[np.float32]
Targets = tuple[Tensor, Tensor]
"""Classes (B, T) and a teacher's posteriors (B, T, K) of clips."""
Distort = Callable[[Tensor, Tensor, Targets], tuple[Tensor, Targets]]
"""(log powers (B, T, 80), average colour, targets) to features and the targets that belong to them."""
Hear = Callable[[npt.NDArray[np.float16]], Array]
"""(T, 80) stored log powers of one clip to (T, 44) posteriors."""

TEACHER = "teacher.npy"
LEAST = 1e-5
"""Posteriors below count as this: half precision keeps nothing smaller that matters."""


def model_file(path: Path) -> Hear:
    """The teacher in a model file of this program. Raises UserError when it is none that hears mel bands."""
    weights, notes = read(path)
    card = Card.from_metadata(notes, path)
    if registry.ENCODERS.get(card.encoder) is not Bands:
        raise UserError(f"{path} cannot teach: the corpus keeps mel bands, and it hears with {card.encoder}.")
    return _hearing(card.shape, weights)


def fitted(teacher: Network) -> Hear:
    """The teacher is a network that has just been fitted."""
    return _hearing(teacher.shape, exported(teacher))


def _hearing(shape: Shape, weights: dict[str, Array]) -> Hear:
    backend = numpy_backend(shape, weights)
    return lambda mel: clip_posteriors(mel, shape, backend, weights["average"])


def teach(folder: Path, hear: Hear, report: Progress) -> None:
    """Write ``teacher.npy`` into the part at ``folder``."""
    part = CorpusPart(folder)
    found = np.zeros((len(part.mel), len(CLASSES)), np.float16)
    for i, clip in enumerate(part.clips):
        report(i / len(part.clips), f"The teacher listens to {folder.name}")
        where = slice(clip.first, clip.first + clip.frames)
        found[where] = hear(np.asarray(part.mel[where]))
    with whole_file(folder / TEACHER) as temporary:
        np.save(temporary, found, allow_pickle=False)


@dataclass(frozen=True)
class SoftSource:
    """A part of the corpus, its teacher's posteriors (N, 44) or None where labels alone teach, its share of batches."""

    part: CorpusPart
    teacher: npt.NDArray[np.float16] | None
    share: float

    @staticmethod
    def open(folder: Path, share: float) -> "SoftSource":
        """Raises UserError when no teacher has heard this part."""
        part = CorpusPart(folder)
        if not (folder / TEACHER).exists():
            raise UserError(f"No teacher has listened to {folder} yet; run s2f train distil with --teacher.")
        teacher = np.load(folder / TEACHER, mmap_mode="r", allow_pickle=False)
        if teacher.shape != (len(part.mel), len(CLASSES)):
            raise UserError(f"{folder / TEACHER} is not of this part; delete it and run s2f train distil again.")
        return SoftSource(part, teacher, share)


def soft_crop(
    source: SoftSource, random: np.random.Generator, frames: int
) -> tuple[Array, npt.NDArray[np.int64], Array]:
    """As ``batches.crop``, with the teacher's posteriors (frames, 44): zeros without one, or where the part ended."""
    stretch = random.uniform(0.88, 1.12) if random.random() < 0.5 else 1.0
    taken = min(round(frames * stretch) + 2, len(source.part.mel))
    start = int(random.integers(0, len(source.part.mel) - taken + 1))
    where = slice(start, start + taken)
    position = np.arange(frames) * stretch
    inside = position <= taken - 1
    low = np.minimum(position.astype(np.int64), max(0, taken - 2))
    share = np.clip(position - low, 0, 1).astype(np.float32)[:, None]

    def read_at(values: npt.NDArray[np.float16], outside: float) -> Array:
        piece = np.asarray(values[where], np.float32)
        found = piece[low] * (1 - share) + piece[np.minimum(low + 1, taken - 1)] * share
        return np.where(inside[:, None], found, np.float32(outside))

    label = np.asarray(source.part.label[where], np.int64)[np.minimum(np.round(position).astype(np.int64), taken - 1)]
    heard = np.zeros((frames, len(CLASSES)), np.float32) if source.teacher is None else read_at(source.teacher, 0.0)
    return read_at(source.part.mel, -13.0), np.where(inside, label, UNKNOWN), heard


def soft_batches(
    sources: list[SoftSource], size: int, frames: int, seed: int
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Endless (B, frames, 80) log powers, (B, frames) classes and (B, frames, 44) the teacher's posteriors."""
    random = np.random.default_rng(seed)
    shares = np.array([s.share for s in sources], np.float64)
    shares /= shares.sum()
    while True:
        picks = random.choice(len(sources), size, p=shares)
        crops = [soft_crop(sources[p], random, frames) for p in picks]
        mel, label, teacher = (torch.from_numpy(np.stack(column)) for column in zip(*crops, strict=True))
        yield mel, label, teacher


def distillation_loss(logits: Tensor, label: Tensor, teacher: Tensor, weights: Tensor, softness: Softness) -> Tensor:
    """The loss above of (B, T, K) logits; ``weights`` (K,) are the classes' in the cross entropy.

    Frames where ``teacher`` (B, T, K) sums to nothing and those labelled UNKNOWN are left out of its half each.
    """
    t = softness.temperature
    soft = (teacher.clamp_min(LEAST)).log() / t
    target = torch.log_softmax(soft, -1)
    guess = torch.log_softmax(logits / t, -1)
    known = (teacher.sum(-1) > 0.5).float()
    divergence = ((target.exp() * (target - guess)).sum(-1) * known).sum() / known.sum().clamp_min(1)
    hard = loss_of(logits, label, weights) if bool((label != UNKNOWN).any()) else logits.sum() * 0
    return (1 - softness.share) * hard + softness.share * t * t * divergence


def alone(mel: Tensor, average: Tensor, targets: Targets) -> tuple[Tensor, Targets]:
    """Every clip distorted by itself."""
    return augmented(mel, mel.roll(1, 0), average), targets


def distil(
    network: Network,
    sources: list[SoftSource],
    plan: FitPlan,
    folder: Path,
    softness: Softness,
    report: Progress,
    distort: Distort = alone,
) -> None:
    """Train ``network`` on ``sources`` into ``folder``; ``fit.load`` and ``export`` read what it leaves there."""
    torch.manual_seed(plan.seed)
    weights = torch.ones(len(CLASSES))
    weights[[CLASS_INDEX[name] for name in BILABIAL]] = plan.bilabial_weight
    if not network.average.any():
        network.average.copy_(average_colour([BatchSource(s.part, s.share) for s in sources], plan.seed))

    def losses(done: int) -> Callable[[], Tensor]:
        source = soft_batches(sources, plan.batch, plan.frames, plan.seed + 1000 * done)

        def next_loss() -> Tensor:
            mel, label, teacher = next(source)
            with torch.no_grad():
                heard, (label, teacher) = distort(mel, network.average, (label, teacher))
            with cast():
                logits = network(heard)
            return distillation_loss(logits.float(), label, teacher, weights, softness)

        return next_loss

    descend(network, plan, folder, losses, report, network.paces())
