"""A head for a foreign encoder: what makes posteriors of phones from its hidden states, trained on our corpus.

The encoder is frozen: it hears every utterance once, and its hidden states become a part of the corpus in place of mel
bands (see ``slots.hidden_states``). The head is the acoustic network, small: the encoder has context.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save
from torch import Tensor

from model_server.audio.decode import decode
from model_server.cancel import Progress, part, silent
from model_server.slots.hidden_states import HiddenStates
from model_server.speech import acoustics
from model_server.speech.backend import numpy_backend
from model_server.speech.card import Card
from model_server.speech.closures import Rule
from model_server.speech.network import Shape
from model_server.speech.phones import CLASSES
from model_server.training.corpus import synthesis
from model_server.training.corpus.batches import BatchSource, batches
from model_server.training.corpus.features import Arrays, Features
from model_server.training.corpus.store import CorpusPart, CorpusWriter
from model_server.training.network import metrics
from model_server.training.network.acoustic import Network, exported
from model_server.training.network.fit import loss_of
from model_server.training.network.loop import descend
from model_server.training.network.plan import FitPlan
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.whole_file import whole_file

TRACKS = ("product", "research")
PLAN = FitPlan(steps=1500, batch=16, frames=400, rate=1e-3, width=128, dilations=(1, 2, 4))
NOISE = 0.1
"""Of a hidden state's scatter, added while training: frozen features are soon learnt by heart."""
KINDS = ("flite", "english", "world")
HELD_SHARE = 0.1


@dataclass(frozen=True)
class Licence:
    """What the user says of the encoder's licence: ``track`` decides where the model may be used, ``name`` is kept."""

    track: str
    name: str


def hear(encoder: HiddenStates, folder: Path, kind: str, hours: float, seed: int, held: bool, report: Progress) -> None:
    """Write ``hours`` of synthetic speech as the encoder hears it into ``folder``."""
    writer, wanted = CorpusWriter(), hours * 3600 * 100
    speech = synthesis.utterances(kind, seed, held)
    while writer.frames < wanted:
        said = next(speech)
        states = encoder.states(said.samples).astype(np.float16)
        writer.add(_folded(states, len(said.label)), said.label, said.speaker, f"{kind}-{writer.clips}")
        report(min(1.0, writer.frames / wanted), f"{kind}: {writer.frames / 360000:.2f} h heard")
    writer.save(folder)


def hear_again(
    encoder: HiddenStates, labelled: Path, recordings: dict[str, Path], folder: Path, features: Features,
    report: Progress,
) -> None:  # fmt: skip
    """Write the recordings of the part ``labelled`` as the encoder hears them, with that part's labels; ``features``
    keeps what it heard.
    """
    known, writer = CorpusPart(labelled), CorpusWriter()
    kind, maker = encoder.settings["kind"], encoder.settings["sha256"]
    for i, clip in enumerate(known.clips):
        report(i / len(known.clips), f"{labelled.name}: {clip.name}")
        label, path = np.asarray(known.label[clip.first : clip.first + clip.frames]), recordings[clip.name]
        samples = decode(path).samples
        hear = partial(_states, encoder, samples)
        states = features.of(path, samples, kind, maker, hear)["states"].astype(np.float16)
        writer.add(_folded(states, len(label)), label, clip.speaker, clip.name)
    writer.save(folder)


def _states(encoder: HiddenStates, samples: np.ndarray[Any, Any]) -> Arrays:
    return {"states": encoder.states(samples).astype(np.float16)}


def _folded(states: np.ndarray[Any, np.dtype[np.float16]], frames: int) -> np.ndarray[Any, np.dtype[np.float16]]:
    """(frames, D / 2) at 100 Hz of (T, D) at 50 Hz."""
    return states.reshape(-1, states.shape[1] // 2)[:frames]


def fit(sources: list[BatchSource], size: int, plan: FitPlan, folder: Path, report: Progress) -> Network:
    """A head on hidden states of ``size`` numbers, trained into ``folder``; goes on where it stopped."""
    torch.manual_seed(plan.seed)
    network = Network(Shape(len(CLASSES), plan.width, size // 2, stem=3, dilations=plan.dilations), dropout=0.1)
    if not network.average.any():
        network.average.copy_(next(batches(sources, 64, 200, plan.seed))[0].clamp_min(-12).mean((0, 1)))

    def losses(done: int) -> Callable[[], Tensor]:
        source = batches(sources, plan.batch, plan.frames, plan.seed + 1000 * done)

        def next_loss() -> Tensor:
            states, label = next(source)
            states = states - network.average
            states = states + NOISE * states.std() * torch.randn_like(states)
            return loss_of(network(states), label, torch.ones(len(CLASSES)))

        return next_loss

    descend(network, plan, folder, losses, report)
    return network


def measured(network: Network, held: CorpusPart) -> dict[str, float]:
    """Closures and frames of utterances kept out of training, through the numpy path."""
    weights = exported(network)
    backend = numpy_backend(network.shape, weights)
    pairs = []
    for clip in held.clips:
        where = slice(clip.first, clip.first + clip.frames)
        states = np.asarray(held.mel[where], np.float32) - weights["average"]
        pairs.append((acoustics.posteriors(states, network.shape, backend, silent), np.asarray(held.label[where])))
    return metrics.count(pairs, Rule()).figures()


def train(
    folder: Path,
    licence: Licence,
    data: Path | None,
    work: Path,
    hours: float,
    out: Path,
    model_id: str,
    plan: FitPlan,
    features: Features,
    report: Progress,
) -> dict[str, dict[str, float]]:
    """Write a model file that hears with the encoder in ``folder``; its figures on speech kept out of training.

    ``hours`` of synthetic speech of every kind teach, and every part of ``work`` whose recordings are below ``data``.
    Raises UserError when there is no encoder, or torch or transformers are missing.
    """
    if licence.track not in TRACKS:
        raise UserError(f"The licence track is {' or '.join(TRACKS)}, not {licence.track!r}; see its licence.")
    encoder = HiddenStates.from_folder(folder)
    space = work / f"head-{encoder.settings['sha256'][:8]}"
    for i, kind in enumerate(KINDS):
        for name, share, held in ((kind, 1.0, False), (f"dev-{kind}", HELD_SHARE, True)):
            if not (space / name / "index.json").exists():
                step = part(report, 0.3 * i / len(KINDS), 0.3 * (i + 1) / len(KINDS))
                hear(encoder, space / name, kind, hours * share, plan.seed, held, step)
    recordings = {p.name: p for p in (data / "speech").rglob("*")} if data else {}
    for labelled in sorted(p.parent for p in work.glob("*/mel.npy")):
        known = (labelled / "index.json").exists() and all(c.name in recordings for c in CorpusPart(labelled).clips)
        if known and not (space / labelled.name / "index.json").exists():
            hear_again(encoder, labelled, recordings, space / labelled.name, features, part(report, 0.3, 0.5))
    folders = sorted(p.parent for p in space.glob("*/index.json"))
    sources = [BatchSource.open(f, len(CorpusPart(f).mel) ** 0.5) for f in folders if not f.name.startswith("dev-")]
    network = fit(sources, encoder.settings["size"], plan, space / "run", part(report, 0.5, 0.95))
    figures = {f.name: measured(network, CorpusPart(f)) for f in folders if f.name.startswith("dev-")}
    made = {
        "command": "s2f train head --encoder FOLDER",
        "steps": plan.steps,
        "seed": plan.seed,
        "development": figures,
    }
    export(network, encoder, licence, out, model_id, made)
    report(1.0, "Done")
    return figures


def export(
    network: Network, encoder: HiddenStates, licence: Licence, out: Path, model_id: str, made: dict[str, Any]
) -> None:
    """The head as a model file; the encoder stays where it is, and the card says where and which."""
    card = Card(
        model_id, licence.track, licence.name, network.shape, made=made, encoder="transformers",
        encoder_settings=encoder.settings,
    )  # fmt: skip
    arrays = {name: np.ascontiguousarray(array.astype(np.float16)) for name, array in exported(network).items()}
    with whole_file(out) as temporary:
        temporary.write_bytes(save(arrays, {"card": card.to_json()}))
