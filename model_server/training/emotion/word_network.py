"""Teaches the network of ``emotion.word_network`` the lines and phrases that teach the linear model."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from model_server.cancel import Progress
from model_server.emotion.word_network import HASHED, numbers

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

WIDTH, HEARD = 64, 96
EPOCHS, BATCH, RATE, DECAY = 4, 256, 4e-3, 0.02
DROPPED, UNKNOWN = 0.35, 0.08
"""Share of numbers left out, and of words that are taken for another."""
_SORTED = 4096
"""Lines that are sorted by length before they are dealt into batches."""


class WordNetwork(nn.Module):
    """Logits (B, K) of hashed words (B, L), 0 where none is, and their parts (B, L, P)."""

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
        there = words > 0
        spelt = self.parts(parts.flatten(0, 1)).view(*words.shape, -1)
        x = self.drop(self.words(words) + spelt) * there[:, :, None]
        y = torch.relu(self.near(x.transpose(1, 2))) * there[:, None]
        y = ((y + torch.relu(self.far(y))) * there[:, None]).transpose(1, 2)
        notice = self.notice(y)[:, :, 0].masked_fill(~there, -1e4).softmax(1)
        greatest = y.masked_fill(~there[:, :, None], -1e4).max(1).values
        mean = y.sum(1) / there.sum(1, keepdim=True)
        pooled = torch.cat([(notice[:, :, None] * y).sum(1), greatest, mean], 1)
        logits: Tensor = self.out(self.drop(pooled))
        return logits

    def arrays(self) -> dict[str, Floats]:
        """As ``emotion.word_network`` reads them."""
        found = {"words": self.words.weight, "parts": self.parts.weight, "notice.weight": self.notice.weight.T}
        for name in ("near", "far"):
            layer = self.get_submodule(name)
            found |= {f"{name}.weight": layer.get_parameter("weight").permute(2, 1, 0)}
            found |= {f"{name}.bias": layer.get_parameter("bias")}
        found |= {"out.weight": self.out.weight.T, "out.bias": self.out.bias}
        return {name: np.ascontiguousarray(one.detach().numpy()) for name, one in found.items()}


def fitted_network(texts: list[str], target: Floats, rarity: Floats, seed: int, progress: Progress) -> WordNetwork:
    """The network that ``texts`` teach their shares ``target`` (n, K) of classes, which count as ``rarity`` (K,)."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    read = [numbers(text) for text in texts]
    lengths = np.array([len(words) for words, _ in read])
    network = WordNetwork(target.shape[1])
    optimiser = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    batches = max(1, len(texts) // BATCH)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, EPOCHS * batches)
    goal, counts = torch.from_numpy(target), torch.from_numpy(rarity)
    for epoch in range(EPOCHS):
        progress(epoch / EPOCHS, f"teaching the network of words, round {epoch + 1} of {EPOCHS}")
        for chosen in _dealt(lengths, batches, rng):
            words, parts = padded([read[k] for k in chosen])
            words = torch.where(torch.rand(words.shape) < UNKNOWN, 1, words) * (words > 0)
            wrong = -(goal[chosen] * counts * network(words, parts).log_softmax(1)).sum(1).mean()
            optimiser.zero_grad()
            wrong.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            pace.step()
    return network.eval()


def _dealt(lengths: Ints, batches: int, rng: np.random.Generator) -> list[Ints]:
    """Batches of lines of like length, in any order."""
    order = rng.permutation(len(lengths))
    pieces = np.array_split(order, max(1, len(order) // _SORTED))
    order = np.concatenate([piece[np.argsort(lengths[piece], kind="stable")] for piece in pieces])
    dealt = np.array_split(order, batches)
    return [dealt[k] for k in rng.permutation(batches)]


def padded(read: list[tuple[Ints, list[Ints]]]) -> tuple[Tensor, Tensor]:
    """(B, L) words and (B, L, P) parts of sentences, 0 where there are none."""
    longest = max(len(words) for words, _ in read)
    most = max(len(one) for _, parts in read for one in parts)
    words, parts = np.zeros((len(read), longest), np.int64), np.zeros((len(read), longest, most), np.int64)
    for row, (own, spelt) in enumerate(read):
        words[row, : len(own)] = own
        for column, one in enumerate(spelt):
            parts[row, column, : len(one)] = one
    return torch.from_numpy(words), torch.from_numpy(parts)
