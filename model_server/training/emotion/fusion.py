"""Trains the gated cross-attention of ``emotion.fusion`` on pairs of voice and words, and measures it honestly."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.numpy import save
from torch import Tensor, nn

from model_server.cancel import Progress, part, silent
from model_server.emotion import listener, word_model
from model_server.emotion.fusion import CLASSES, TAPS, FusionCard, GatedFusion, away, voice_tokens, word_tokens
from model_server.emotion.mixer import DEFAULT_WEIGHTS
from model_server.training.emotion.pairs import LabelledPair, acted, synthetic
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.whole_file import whole_file

Floats = npt.NDArray[np.float32]

WIDTH = 32
_BATCH = 32
_FAR = 1e4  # seconds to a sentence that is not there


class GatedNet(nn.Module):
    """The network of ``GatedFusion.judge``, for batches."""

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        self.voice, self.words = nn.Linear(CLASSES, width), nn.Linear(len(EMOTIONS), width)
        self.query, self.key, self.value = (nn.Linear(width, width, bias=False) for _ in range(3))
        self.nothing = nn.Parameter(torch.zeros(width))
        self.nearness = nn.Parameter(torch.zeros(()))
        self.gate = nn.Linear(2 * width, width)
        self.time = nn.Conv1d(width, width, TAPS, padding=TAPS // 2)
        self.out = nn.Linear(width, CLASSES)

    def forward(self, voice: Tensor, words: Tensor, seconds: Tensor, mask: Tensor) -> Tensor:
        """(b, n, 1 + E) logits: voice (b, n, 1 + E), words (b, s, E), seconds between them (b, n, s), mask (b, n)."""
        heard = nn.functional.silu(self.voice(voice))
        read = nn.functional.silu(self.words(words))
        nothing = self.nothing.expand(len(read), 1, -1)
        keys = torch.cat([self.key(read), nothing], 1)
        values = torch.cat([self.value(read), torch.zeros_like(nothing)], 1)
        scores = self.query(heard) @ keys.mT / keys.shape[-1] ** 0.5
        scores = scores - nn.functional.pad(self.nearness.exp() * seconds, (0, 1))
        answer = scores.softmax(-1) @ values
        gate = self.gate(torch.cat([heard, answer], -1)).sigmoid()
        joined = (heard + gate * answer) * mask[..., None]
        joined = joined + nn.functional.silu(self.time(joined.mT).mT)
        logits: Tensor = self.out(joined)
        return logits

    def arrays(self) -> dict[str, Floats]:
        """Weights as ``GatedFusion`` wants them: (inputs, outputs)."""
        found = {}
        for name, value in self.state_dict().items():
            array = value.detach().numpy()
            if name == "time.weight":
                array = array.transpose(2, 1, 0)
            elif name.endswith("weight"):
                array = array.T
            found[name] = np.ascontiguousarray(array, np.float32)
        return found


def train_fusion(
    out: Path, count: int, seed: int = 0, folder: Path | None = None, epochs: int = 40, progress: Progress = silent
) -> dict[str, Any]:
    """Trains on ``count`` synthetic recordings and, where ``folder`` holds RAVDESS, its actors 1 to 16; writes ``out``.

    Returns figures on voices, words and sentences that were never taught, and on actors 17 to 20: see ``compared``.
    Acted recordings make the file's licence track research.
    """
    taught = synthetic(count, seed, progress=part(progress, 0.0, 0.4))
    held = {"synthetic": synthetic(max(count // 4, 8), seed, held=True, progress=part(progress, 0.4, 0.5))}
    if folder is not None:
        taught += acted(folder, range(1, 17), seed, part(progress, 0.5, 0.65))
        held["actors 17 to 20"] = acted(folder, range(17, 21), seed, part(progress, 0.65, 0.7))
    net = fit(taught, seed, epochs, part(progress, 0.7, 1.0))
    data = "espeak-ng with profiles of emotion, words of feeling"
    if folder is not None:
        data += ", RAVDESS actors 1-16 (Livingstone and Russo 2018), CC BY-NC-SA 4.0"
    made = {"pairs": len(taught), "seed": seed, "epochs": epochs, "data": data}
    track, licence = ("research", "CC BY-NC-SA 4.0") if folder is not None else ("product", "GPL-3.0-or-later")
    card = FusionCard("gated fusion 1", track, licence, made, listener.bundled().id, word_model.bundled().id)
    with whole_file(out) as temporary:
        temporary.write_bytes(save(net.arrays(), {"card": card.to_json()}))
    model = GatedFusion(out)
    return {name: compared(model, pairs, taught) for name, pairs in held.items() if pairs}


def fit(pairs: list[LabelledPair], seed: int, epochs: int, progress: Progress = silent) -> GatedNet:
    """Cross-entropy against the shares that each moment of each pair should have."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = GatedNet()
    rounds = max(1, len(pairs) // _BATCH)
    optimiser = torch.optim.AdamW(net.parameters(), 5e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 5e-3, epochs * rounds)
    for epoch in range(epochs):
        for chosen in np.array_split(rng.permutation(len(pairs)), rounds):
            voice, words, seconds, mask, target = batch([pairs[i] for i in chosen])
            entropy = -(target * net(voice, words, seconds, mask).log_softmax(-1)).sum(-1)
            loss = (entropy * mask).sum() / mask.sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        progress((epoch + 1) / epochs, f"epoch {epoch + 1} of {epochs}, loss {loss.item():.2f}")
    return net.eval()


def batch(pairs: Sequence[LabelledPair]) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """(voice, words, seconds, mask, target), the shorter ones filled up; sentences that are not there are far away."""
    times, most = max(len(p.heard.times) for p in pairs), max(len(p.said) for p in pairs)
    voice, target = (np.zeros((len(pairs), times, CLASSES), np.float32) for _ in range(2))
    words = np.zeros((len(pairs), most, len(EMOTIONS)), np.float32)
    seconds = np.full((len(pairs), times, most), _FAR, np.float32)
    mask = np.zeros((len(pairs), times), np.float32)
    for i, pair in enumerate(pairs):
        n, s = len(pair.heard.times), len(pair.said)
        voice[i, :n], target[i, :n], mask[i, :n] = voice_tokens(pair.heard.sliders), pair.target, 1
        words[i, :s], seconds[i, :n, :s] = word_tokens(pair.said), away(pair.heard.times, pair.said)
    return tuple(torch.from_numpy(array) for array in (voice, words, seconds, mask, target))  # type: ignore[return-value]


def compared(model: GatedFusion, held: list[LabelledPair], taught: list[LabelledPair]) -> dict[str, dict[str, float]]:
    """Unweighted recall of the strongest class, and mean slider error, of this fusion and of late fusion.

    Late fusion has no class of its own for neutral: it takes the level of evidence that tells neutral best on the
    pairs that were taught, once with the default weights and once with the weights that do best there.
    """
    rows = {"gated": _figures([model.judge(p.heard.sliders, p.heard.times, p.said) for p in held], held)}
    default = (DEFAULT_WEIGHTS["voice"], DEFAULT_WEIGHTS["words"])
    tried = [(v, w) for v in np.linspace(0, 1, 6) for w in np.linspace(0, 1, 6) if v + w]
    for name, choices in (("late, default weights", [default]), ("late, best weights", tried)):
        level, chosen = max(
            ((level, weights) for weights in choices for level in np.linspace(0.02, 0.6, 15)),
            key=lambda option: _figures([late(p, *option) for p in taught], taught)["recall"],
        )
        rows[name] = _figures([late(p, level, chosen) for p in held], held)
    rows["voice alone"] = _figures([late(p, 0.1, (1.0, 0.0)) for p in held], held)
    rows["words alone"] = _figures([late(p, 0.1, (0.0, 1.0)) for p in held], held)
    return rows


def late(pair: LabelledPair, level: float, weights: tuple[float, float]) -> Floats:
    """(n, 1 + E): the weighted sum of voice and of the sentence that is nearest, neutral as strong as ``level``."""
    words = np.zeros_like(pair.heard.sliders)
    if pair.said:
        scores = np.array([sentence.scores for sentence in pair.said])
        words = scores[away(pair.heard.times, pair.said).argmin(1)]
    total = weights[0] * pair.heard.sliders + weights[1] * words
    return np.asarray(np.concatenate([np.full((len(total), 1), level), total], axis=1), np.float32)


def _figures(judged: list[Floats], pairs: list[LabelledPair]) -> dict[str, float]:
    shares, target = np.concatenate(judged), np.concatenate([pair.target for pair in pairs])
    truth, found = target.argmax(1), shares.argmax(1)
    recalls = [float((found[truth == k] == k).mean()) for k in range(CLASSES) if (truth == k).any()]
    error = float(np.abs(np.clip(shares[:, 1:], 0, 1) - target[:, 1:]).mean())
    return {"recall": round(float(np.mean(recalls)), 3), "slider error": round(error, 3)}
