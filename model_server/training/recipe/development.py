"""Networks and model files on the development parts, through the same numpy path that ships."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model_server.cancel import Progress
from model_server.evaluation.distort import DISTORTIONS
from model_server.slots.model_file import open_model
from model_server.speech.backend import numpy_backend
from model_server.speech.closures import Rule
from model_server.speech.words.context import in_context
from model_server.training.alignment.forced_alignment import read_sound
from model_server.training.corpus.store import CorpusPart, log_power
from model_server.training.network import metrics
from model_server.training.network.acoustic import Network, exported
from s2f_blender_addon.core.errors import UserError

Mel = npt.NDArray[np.float16]
Figures = dict[str, float]


def development(network: Network, work: Path) -> dict[str, Figures]:
    """Part -> figures, for every ``dev-*`` part below ``work``; weights in the half precision that ships."""
    weights = {name: array.astype("float16").astype("float32") for name, array in exported(network).items()}
    backend = numpy_backend(network.shape, weights)
    found = {}
    for folder in parts(work):
        pairs = list(metrics.heard(CorpusPart(folder), network.shape, backend, weights["average"]))
        found[folder.name] = metrics.count(pairs, Rule()).figures()
    return found


def parts(work: Path) -> list[Path]:
    """The ``dev-*`` parts below ``work``."""
    return sorted(path for path in work.glob("dev-*") if (path / "index.json").exists())


def measured(model: Path, work: Path, data: Path | None, report: Progress) -> dict[str, dict[str, Figures]]:
    """Part -> figures ``as heard`` and ``in context`` of a model file on every ``dev-*`` part below ``work``.

    Parts whose recordings are below ``data`` are also heard through noise, a room and 8 kHz, as "part, noise" and so
    on. Raises UserError when there is no such part or ``model`` is none of this program.
    """
    folders = parts(work)
    if not folders:
        raise UserError(f"{work} holds no development parts; run s2f train all, or its stages, first.")
    opened = open_model(model)
    shape, weights = opened.card.shape, opened.weights
    backend = numpy_backend(shape, weights)
    sounds = {path.name: path for path in (data / "speech").rglob("*")} if data else {}
    jobs = [(folder, through) for folder in folders for through in _ways(CorpusPart(folder), sounds)]
    found = {}
    for i, (folder, through) in enumerate(jobs):
        name = ", ".join(filter(None, (folder.name, through)))
        report(i / len(jobs), name)
        heard = [
            (metrics.clip_posteriors(mel, shape, backend, weights["average"]), label)
            for mel, label in _clips(CorpusPart(folder), through, sounds)
        ]
        words = [(in_context(phones), label) for phones, label in heard]
        pair = {"as heard": heard, "in context": words}
        found[name] = {way: metrics.count(pairs, Rule()).figures() for way, pairs in pair.items()}
    return found


def _ways(part: CorpusPart, sounds: dict[str, Path]) -> list[str]:
    return ["", *(DISTORTIONS if all(clip.name in sounds for clip in part.clips) else ())]


def _clips(part: CorpusPart, through: str, sounds: dict[str, Path]) -> Iterator[tuple[Mel, npt.NDArray[np.uint8]]]:
    """(log powers, labels) of every clip, its recording spoilt by ``through`` if that is named."""
    for clip in part.clips:
        where = slice(clip.first, clip.first + clip.frames)
        spoilt = log_power(DISTORTIONS[through](read_sound(sounds[clip.name]))) if through else part.mel[where]
        yield np.asarray(spoilt), np.asarray(part.label[where])
