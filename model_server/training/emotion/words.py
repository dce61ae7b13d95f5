"""Fits the text model that ships (``emotion.word_model``): GoEmotions and XED, and phrases of our own."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.numpy import save
from torch import Tensor
from torch.nn import functional

from model_server.cancel import Progress, part, silent
from model_server.emotion.eight_bits import eight_bits, unpacked
from model_server.emotion.known_words import filter_of, words_of
from model_server.emotion.word_features import SINGLE, SIZE, features
from model_server.emotion.word_model import CLASSES, KNOWN, NET, WordCard, judged
from model_server.training.emotion.labelled_texts import OWN, SEVEN, LabelledText, goemotions, own, xed
from model_server.training.emotion.phrases import sentences
from model_server.training.emotion.short_phrases import cries, of_dictionary, plain
from model_server.training.emotion.word_network import fitted_network
from s2f_blender_addon.core.whole_file import whole_file

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

OWN_TIMES = 4
"""How often the phrases are shown for each time that the sets are."""
TOLD = 3
"""Lines with a word from which on it is known; one phrase of our own is enough."""
EVEN, EVEN_NETWORK = 0.6, 1.0
"""Power of a class's rarity by which it counts, for the linear model and for the network."""
FREED, RAREST = 0.2, 0.01
"""Power of a class's share by which its answers are held back after the fit, and the share that the rarest is given:
people label most lines neutral or happy, which says little of the lines of a scene."""
EPOCHS, BATCH, RATE, DECAY = 4, 1024, 0.05, 5e-6
DROPPED_SINGLE, DROPPED_TOGETHER = 0.1, 0.5
TOGETHER = 0.5
"""Scale of what words together say beside single ones."""


def train_words(folder: Path, out: Path, model_id: str, seed: int = 0, progress: Progress = silent) -> dict[str, Any]:
    """Writes ``out``, taught by ``goemotions/`` and ``xed/`` in ``folder``; returns its figures on held-out lines.

    Raises UserError when the sets are not there.
    """
    progress(0.0, "reading sentences")
    taught, held = xed(folder / "xed")
    taught += goemotions(folder / "goemotions", "train")
    phrases = [own(*phrase) for phrase in (*sentences(seed), *plain(seed), *cries())]
    words = [own(*phrase) for phrase in of_dictionary([(line.text, line.shares) for line in taught], seed)]
    lines = taught + phrases * OWN_TIMES + words
    weight, bias = _fitted(lines, len(taught), seed, part(progress, 0.0, 0.2))
    rarity = _rarity(np.array([line.shares for line in taught]), EVEN_NETWORK)
    network = fitted_network(lines, rarity, seed, part(progress, 0.2, 0.9))
    arrays = eight_bits({"weight": weight, "bias": bias} | {NET + name: one for name, one in network.arrays().items()})
    arrays[KNOWN] = filter_of(_known(taught + phrases))
    read = unpacked({name: array.astype(np.float32) for name, array in arrays.items()})
    progress(0.9, "reading lines that taught nothing")
    figures = {
        "GoEmotions test": recalls(goemotions(folder / "goemotions", "test"), read),
        "XED held out": recalls(held, read),
    }
    made = {
        "data": "GoEmotions (CC BY 4.0), XED (CC BY 4.0), phrases of our own", "lines": len(taught),
        "phrases": len(phrases) + len(words), "seed": seed, "recall of seven classes": figures,
    }  # fmt: skip
    with whole_file(out) as temporary:
        temporary.write_bytes(save(arrays, {"card": WordCard(model_id, "product", "GPL-3.0-or-later", made).to_json()}))
    return figures


def recalls(lines: Sequence[LabelledText], arrays: Mapping[str, Floats]) -> dict[str, float]:
    """Recall of each of SEVEN over the lines with one label, and their mean."""
    sure = [line for line in lines if line.sure]
    truth = np.array([int(line.shares.argmax()) for line in sure])
    places = [CLASSES.index(name) for name in SEVEN]
    said = np.array([places[int(judged(line.text, arrays)[places].argmax())] for line in sure])
    each = {name: round(float((said[truth == k] == k).mean()), 3) for name, k in zip(SEVEN, places, strict=True)}
    return {"mean": round(float(np.mean(list(each.values()))), 3)} | each


def _known(lines: Sequence[LabelledText]) -> list[str]:
    """The words of which ``lines`` taught enough."""
    count = Counter[str]()
    for line in lines:
        for word in set(words_of(line.text)):
            count[word] += TOLD if line.source == OWN else 1
    return [word for word, times in count.items() if times >= TOLD]


def _fitted(lines: Sequence[LabelledText], judged: int, seed: int, progress: Progress) -> tuple[Floats, Floats]:
    """(SIZE, 1 + E) weights and (1 + E,) biases; rarity is counted over the first ``judged`` lines."""
    rng, _ = np.random.default_rng(seed), torch.manual_seed(seed)
    found = [features(line.text) for line in lines]
    target = torch.from_numpy(np.array([line.shares for line in lines]))
    rarity = torch.from_numpy(_rarity(target[:judged].numpy(), EVEN))
    scale = torch.ones(SIZE)
    scale[SINGLE:] = TOGETHER
    weight, bias = torch.zeros(SIZE, len(CLASSES), requires_grad=True), torch.zeros(len(CLASSES), requires_grad=True)
    optimiser = torch.optim.Adam([weight, bias], RATE, betas=(0.9, 0.99))
    batches = max(1, len(lines) // BATCH)
    pace = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.01, EPOCHS * batches)
    for epoch in range(EPOCHS):
        progress(epoch / EPOCHS, f"reading sentences, round {epoch + 1} of {EPOCHS}")
        for chosen in np.array_split(rng.permutation(len(lines)), batches):
            lines_now = [found[k] for k in chosen]
            logits = _logits(lines_now, weight, scale, bias, rng)
            wrong = -(target[chosen] * rarity * logits.log_softmax(1)).sum(1).mean()
            loss = wrong + DECAY * weight[np.unique(np.concatenate(lines_now))].square().sum()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            pace.step()
    share = target[:judged].mean(0).numpy() + RAREST
    freed = bias.detach().numpy() - FREED * np.log(share)
    return (weight * scale[:, None]).detach().numpy(), freed.astype(np.float32)


def _rarity(target: Floats, power: float) -> Floats:
    """(1 + E,) what each class counts, for shares ``target`` (n, 1 + E), so that the mean line counts 1."""
    count = target.sum(0) + 1500
    rarity = (count.sum() / count) ** power
    return np.asarray(rarity / (rarity * count).sum() * count.sum(), np.float32)


def _logits(found: list[Ints], weight: Tensor, scale: Tensor, bias: Tensor, rng: np.random.Generator) -> Tensor:
    """(B, 1 + E), some features of each line left out and the others raised for them."""
    kept, shares_of, starts, at = [], [], [], 0
    for line in found:
        dropped = np.where(line < SINGLE, DROPPED_SINGLE, DROPPED_TOGETHER)
        left = rng.random(len(line)) >= dropped
        kept.append(line[left])
        shares_of.append((1 / (1 - dropped[left]) / np.sqrt(len(line))).astype(np.float32))
        starts.append(at)
        at += int(left.sum())
    numbers, each = torch.from_numpy(np.concatenate(kept)), torch.from_numpy(np.concatenate(shares_of))
    each = each * scale[numbers]
    total = functional.embedding_bag(numbers, weight, torch.tensor(starts), mode="sum", per_sample_weights=each)
    return total + bias
