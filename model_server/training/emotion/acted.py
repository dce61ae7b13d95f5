"""Makes the two voice emotion models: numbers of ordinary speech (product), a file learned from acting (research)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save

from model_server.audio.decode import decode
from model_server.cancel import Progress, part, silent
from model_server.emotion.acted import ActedCard, ActedModel, inputs
from model_server.emotion.functionals import Frames, frames, functionals
from model_server.emotion.labels import RAVDESS
from model_server.training.emotion.acted_nets import fit_linear, fit_net
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.whole_file import whole_file

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_LINEAR_SHARE = 0.4


@dataclass(frozen=True)
class ActedClip:
    """One recording of RAVDESS: label is an index into labels.RAVDESS; strong: its second intensity."""

    path: Path
    label: int
    strong: bool
    actor: int


def ravdess(folder: Path) -> list[ActedClip]:
    """The clips of a RAVDESS folder, by their file names (modality-channel-emotion-intensity-…-actor).

    Raises UserError when there are none.
    """
    clips = []
    for path in sorted(folder.rglob("*-*-*-*-*-*-*.*")):
        field = path.stem.split("-")
        if len(field) == 7 and all(f.isdigit() for f in field):
            clips.append(ActedClip(path, int(field[2]) - 1, field[3] == "02", int(field[6])))
    if not clips:
        raise UserError(f"{folder} holds no RAVDESS recordings (03-01-05-01-01-01-07.wav …); choose its folder.")
    return clips


def train_acted(
    folder: Path,
    out: Path,
    chosen_actors: range = range(17, 21),
    nets: int = 3,
    epochs: int = 90,
    seed: int = 0,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Trains on the actors of ``folder`` that are not in ``chosen_actors`` and writes ``out`` (safetensors).

    Returns its figures on the chosen actors: unweighted recall and the confusion matrix. The file's licence track is
    research, because the recordings are CC BY-NC-SA.
    """
    clips = ravdess(folder)
    heard = []
    for i, clip in enumerate(clips):
        progress(0.15 * i / len(clips), f"measuring {clip.path.name}")
        heard.append(frames(decode(clip.path).samples))
    taught = np.array([clip.actor not in chosen_actors for clip in clips])
    truth = np.array([clip.label for clip in clips], np.int64)
    arrays = _fitted([v for v, t in zip(heard, taught, strict=True) if t], truth[taught], nets, epochs, seed, progress)
    made = {
        "data": "RAVDESS (Livingstone and Russo 2018), CC BY-NC-SA 4.0",
        "actors": sorted({c.actor for c, t in zip(clips, taught, strict=True) if t}),
        "nets": nets, "epochs": epochs, "seed": seed,
    }  # fmt: skip
    card = ActedCard("acted voice emotion 1", "research", "CC BY-NC-SA 4.0", made, RAVDESS, nets, _LINEAR_SHARE)
    with whole_file(out) as temporary:
        temporary.write_bytes(save(arrays, {"card": card.to_json()}))
    held = [(v, int(label)) for v, label, t in zip(heard, truth, taught, strict=True) if not t]
    progress(1.0, "done")
    return unweighted_recall(ActedModel(out), held) if held else {}


def _fitted(
    heard: list[Frames], truth: Ints, nets: int, epochs: int, seed: int, progress: Progress
) -> dict[str, Floats]:
    clips = [inputs(v) for v in heard]
    joined = np.concatenate(clips)
    mean, sd = joined.mean(0), joined.std(0) + 1e-5
    sd[:80] = sd[:80].mean()
    clips = [(clip - mean) / sd for clip in clips]
    arrays = {"mean": mean, "sd": sd} | fit_linear(np.array([functionals(v) for v in heard]), truth, len(RAVDESS))
    for i in range(nets):
        step = part(progress, 0.15 + 0.85 * i / nets, 0.15 + 0.85 * (i + 1) / nets)
        arrays |= fit_net(clips, truth, len(RAVDESS), seed + i, epochs, step).arrays(f"net{i}")
    return arrays


def unweighted_recall(model: ActedModel, held: list[tuple[Frames, int]]) -> dict[str, Any]:
    """Mean recall over the classes, and the confusion matrix (truth by row), of whole clips."""
    confusion = np.zeros((len(RAVDESS), len(RAVDESS)), int)
    for voice, label in held:
        confusion[label, int(model.classify(voice).argmax())] += 1
    present = confusion.sum(1) > 0
    recall = float((np.diag(confusion)[present] / confusion.sum(1)[present]).mean())
    return {"unweighted_recall": round(recall, 4), "clips": len(held), "confusion": confusion.tolist()}
