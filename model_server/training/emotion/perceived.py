"""Trains the classifier behind ``emotion.perceived`` on the synthetic emotional set."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.numpy import save
from torch import nn

from model_server.cancel import Progress, silent
from model_server.emotion.perceived import CLASSES, FEATURES, HOP, MIRROR, WINDOW, describe, perceive
from model_server.speech.weights import read
from model_server.training.emotion.perceived_set import FPS, Labelled
from s2f_blender_addon.core.channels import CHANNELS, indices
from s2f_blender_addon.core.whole_file import whole_file

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_HIDDEN = 96
_NOISE = 0.04  # offsets that captures have and we do not
_REST = {"eyeSquint": 0.5, "browDown": 0.2, "eyeBlink": 0.15, "mouthPress": 0.1, "mouthFrown": 0.1, "browOuterUp": 0.1,
         "mouthSmile": 0.1}  # fmt: skip
"""Most that a tracker gives a face at rest, by channel: low brows or narrow eyes of somebody's own are called so."""
_TREMBLE, _GAZE = 0.015, 0.06
"""Means of the standard deviation that a tracker adds, and of what it and looking about add at the eyes."""
_EYES = np.array([name.startswith("eye") for name in CHANNELS])
_SIDES = tuple(indices((f"{name}Left", f"{name}Right")) for name in _REST)


def train_perceived(clips: list[Labelled], out: Path, made: dict[str, Any], seed: int = 0, epochs: int = 30,
                    progress: Progress = silent) -> None:  # fmt: skip
    """Writes ``out`` (safetensors, card inside). Both sides of every face are taught."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    described, truth = windows_of(clips)
    mean, sd = described.mean(0), described.std(0) + 0.02
    net = nn.Sequential(nn.Linear(FEATURES, _HIDDEN), nn.ReLU(), nn.Dropout(0.3), nn.Linear(_HIDDEN, len(CLASSES)))
    optimiser = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=0.02)
    for epoch in range(epochs):
        order = rng.permutation(len(described))
        for chosen in np.array_split(order, max(1, len(order) // 128)):
            x = (_disturbed(described[chosen], rng) - mean) / sd
            logits = net(torch.from_numpy(np.clip(x, -6, 6)))
            loss = nn.functional.cross_entropy(logits, torch.from_numpy(truth[chosen]), label_smoothing=0.05)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        progress((epoch + 1) / epochs, f"epoch {epoch + 1} of {epochs}, loss {loss.item():.2f}")
    hidden, last = net[0], net[3]
    arrays: dict[str, Floats] = {"mean": mean, "sd": sd}
    for name, layer in (("hidden", hidden), ("out", last)):
        arrays[f"{name}.weight"] = layer.get_parameter("weight").detach().numpy().T
        arrays[f"{name}.bias"] = layer.get_parameter("bias").detach().numpy()
    _write(arrays, out, made)


def sign(model: Path, made: dict[str, Any]) -> None:
    """Gives the classifier in ``model`` another card."""
    _write(read(model)[0], model, made)


def _write(arrays: dict[str, Floats], out: Path, made: dict[str, Any]) -> None:
    exported = {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}
    with whole_file(out) as temporary:
        temporary.write_bytes(save(exported, {"card": json.dumps(made)}))


def windows_of(clips: list[Labelled]) -> tuple[Floats, Ints]:
    """(n, 156) descriptions of all windows of ``clips``, and their labels."""
    size, hop = round(WINDOW * FPS), round(HOP * FPS) * 2
    described, truth = [], []
    for clip in clips:
        for start in range(0, max(1, len(clip.values) - size + 1), hop):
            described.append(describe(clip.values[start : start + size]))
            truth.append(clip.label)
    return np.array(described, np.float32), np.array(truth, np.int64)


def _disturbed(described: Floats, rng: np.random.Generator) -> Floats:
    """Windows as another rig or capture might have them: mirrored, offset, scaled, with channels missing."""
    x = described.reshape(len(described), 3, -1).copy()
    flipped = rng.random(len(x)) < 0.5
    x[flipped] = x[flipped][:, :, MIRROR]
    offset = np.abs(rng.normal(0, _NOISE, (len(x), 1, x.shape[2]))) * (rng.random((len(x), 1, x.shape[2])) < 0.5)
    x[:, [0, 2]] += offset
    tracked = rng.random(len(x)) < 0.5
    for channels, most in zip(_SIDES, _REST.values(), strict=True):
        rest = rng.uniform(0, most, (len(x), 1)) * rng.uniform(0.8, 1.2, (len(x), 2)) * tracked[:, None]
        for moment in (0, 2):
            x[:, moment, channels] += rest
    # What trembles in a tracker, and where people look, says nothing of what they feel.
    trembling = rng.exponential(1, (len(x), x.shape[2])) * np.where(_EYES, _GAZE, _TREMBLE) * tracked[:, None]
    x[:, 1] = np.hypot(x[:, 1], trembling)
    x[:, 2] += 1.28 * trembling  # the 90th percentile of a normal distribution
    x[:, 0] += 0.5 * trembling
    x *= rng.uniform(0.8, 1.2, (len(x), 1, 1))
    x *= rng.random((len(x), 1, x.shape[2])) > 0.05
    return x.reshape(len(x), -1).astype(np.float32)


def accuracy(clips: list[Labelled], model: Path) -> dict[str, Any]:
    """Share of whole tracks that ``model`` reads as their label, and the recall of each class."""
    right = np.zeros(len(CLASSES))
    count = np.zeros(len(CLASSES))
    for clip in clips:
        count[clip.label] += 1
        right[clip.label] += CLASSES[clip.label] == perceive(clip.values, FPS, model).emotion
    recall = {name: round(float(right[i] / count[i]), 3) for i, name in enumerate(CLASSES) if count[i]}
    return {"accuracy": round(float(right.sum() / count.sum()), 4), "clips": int(count.sum()), "recall": recall}


def false_alarms(captures: list[tuple[Floats, float]], model: Path) -> float:
    """Share of windows of neutral ``captures`` (values, fps) that read as an emotion."""
    heard = np.concatenate([perceive(values, fps, model).over_time for values, fps in captures])
    return float((heard.argmax(1) != 0).mean())
