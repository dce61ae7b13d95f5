"""Teaches the network of ``emotion.word_network`` the lines and phrases that teach the linear model."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from model_server.cancel import Progress
from model_server.emotion.word_network import HASHED, numbers
from model_server.training.emotion.labelled_texts import COMMENT, FILM, FINE, OWN, LabelledText

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

WIDTH, HEARD = 64, 96
EPOCHS, BATCH, RATE, DECAY = 4, 256, 4e-3, 0.02
DROPPED, UNKNOWN = 0.35, 0.08
"""Share of numbers left out, and of words that are taken for another."""
FINER = 0.3
"""How much naming GoEmotions' own labels counts, which teaches what the classes leave out; only in training."""
FILMS = 1.5
"""How much a line of XED counts."""
_SORTED = 4096
"""Lines that are sorted by length before they are dealt into batches."""


class Teaching(nn.Module):
    """What only training has: a head for the finer labels, and what is usual in each source, which is its own."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.fine = nn.Linear(3 * HEARD, FINE)
        self.usual = nn.Embedding(1 + max(FILM, COMMENT, OWN), classes)
        nn.init.zeros_(self.usual.weight)


class WordNetwork(nn.Module):
    """Logits (B, K) of hashed words (B, L, 2), 0 where none is, and their parts (B, L, P)."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.words = nn.Embedding(HASHED, WIDTH, padding_idx=0)
        self.parts = nn.EmbeddingBag(HASHED, WIDTH, mode="mean", padding_idx=0)
        for table in (self.words, self.parts):
            nn.init.normal_(table.weight, 0, 0.1)
            table.weight.data[0] = 0
        self.near = nn.Conv1d(WIDTH, HEARD, 3, padding=1)
        self.far = nn.Conv1d(HEARD, HEARD, 3, padding=2, dilation=2)
        self.notice = nn.Linear(HEARD, 1, bias=False)
        self.out = nn.Linear(3 * HEARD, classes)
        self.drop = nn.Dropout(DROPPED)

    def forward(self, words: Tensor, parts: Tensor) -> Tensor:
        logits: Tensor = self.out(self.pooled(words, parts))
        return logits

    def pooled(self, words: Tensor, parts: Tensor) -> Tensor:
        """(B, 3 * HEARD) of each sentence."""
        there = words[:, :, 0] > 0
        spelt = self.parts(parts.flatten(0, 1)).view(*there.shape, -1)
        x = self.drop(self.words(words).sum(2) + spelt) * there[:, :, None]
        y = torch.relu(self.near(x.transpose(1, 2))) * there[:, None]
        y = ((y + torch.relu(self.far(y))) * there[:, None]).transpose(1, 2)
        notice = self.notice(y)[:, :, 0].masked_fill(~there, -1e4).softmax(1)
        greatest = y.masked_fill(~there[:, :, None], -1e4).max(1).values
        mean = y.sum(1) / there.sum(1, keepdim=True)
        found: Tensor = self.drop(torch.cat([(notice[:, :, None] * y).sum(1), greatest, mean], 1))
        return found

    def arrays(self) -> dict[str, Floats]:
        """As ``emotion.word_network`` reads them."""
        found = {"words": self.words.weight, "parts": self.parts.weight, "notice.weight": self.notice.weight.T}
        for name in ("near", "far"):
            layer = self.get_submodule(name)
            found |= {f"{name}.weight": layer.get_parameter("weight").permute(2, 1, 0)}
            found |= {f"{name}.bias": layer.get_parameter("bias")}
        found |= {"out.weight": self.out.weight.T, "out.bias": self.out.bias}
        return {name: np.ascontiguousarray(one.detach().numpy()) for name, one in found.items()}


def fitted_network(lines: Sequence[LabelledText], rarity: Floats, seed: int, progress: Progress) -> WordNetwork:
    """The network that ``lines`` teach the shares of their classes, which count as ``rarity`` (1 + E,)."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    read = [numbers(line.text) for line in lines]
    lengths = np.array([len(words) for words, _ in read])
    network, teaching = WordNetwork(len(rarity)), Teaching(len(rarity))
    every = [*network.parameters(), *teaching.parameters()]
    optimiser = torch.optim.AdamW(every, RATE, weight_decay=DECAY)
    batches = max(1, len(lines) // BATCH)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, EPOCHS * batches)
    for epoch in range(EPOCHS):
        progress(epoch / EPOCHS, f"teaching the network of words, round {epoch + 1} of {EPOCHS}")
        for chosen in _dealt(lengths, batches, rng):
            batch = [lines[k] for k in chosen]
            words, parts = padded([read[k] for k in chosen])
            words = torch.where(torch.rand(words.shape[:2])[:, :, None] < UNKNOWN, 1, words) * (words > 0)
            wrong = _wrong(network.pooled(words, parts), batch, network, teaching, torch.from_numpy(rarity))
            optimiser.zero_grad()
            wrong.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(every, 1.0)
            optimiser.step()
            pace.step()
    return network.eval()


def _wrong(
    pooled: Tensor, batch: Sequence[LabelledText], network: WordNetwork, teaching: Teaching, rarity: Tensor
) -> Tensor:
    """How far what is read in ``batch`` is from its classes, and from the finer labels where it has any."""
    goal = torch.from_numpy(np.array([line.shares for line in batch]))
    source = torch.tensor([line.source for line in batch])
    counts = 1 + (FILMS - 1) * (source == FILM).float()
    log = (network.out(pooled) + teaching.usual(source)).log_softmax(1)
    fine = torch.zeros(len(batch), FINE)
    for row, line in zip(fine, batch, strict=True):
        row[list(line.fine)] = 1
    missed = functional.binary_cross_entropy_with_logits(teaching.fine(pooled), fine, reduction="none").sum(1)
    wrong: Tensor = counts * -(goal * rarity * log).sum(1) + FINER * (source == COMMENT) * missed
    return wrong.mean()


def _dealt(lengths: Ints, batches: int, rng: np.random.Generator) -> list[Ints]:
    """Batches of lines of like length, in any order."""
    order = rng.permutation(len(lengths))
    pieces = np.array_split(order, max(1, len(order) // _SORTED))
    order = np.concatenate([piece[np.argsort(lengths[piece], kind="stable")] for piece in pieces])
    dealt = np.array_split(order, batches)
    return [dealt[k] for k in rng.permutation(batches)]


def padded(read: list[tuple[Ints, list[Ints]]]) -> tuple[Tensor, Tensor]:
    """(B, L, 2) words and (B, L, P) parts of sentences, 0 where there are none."""
    longest = max(len(words) for words, _ in read)
    most = max(len(one) for _, parts in read for one in parts)
    words, parts = (np.zeros((len(read), longest, size), np.int64) for size in (2, most))
    for row, (own, spelt) in enumerate(read):
        words[row, : len(own)] = own
        for column, one in enumerate(spelt):
            parts[row, column, : len(one)] = one
    return torch.from_numpy(words), torch.from_numpy(parts)
