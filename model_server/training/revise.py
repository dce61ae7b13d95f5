"""Between two rounds: the network so far doubts the labels of real speech."""

from pathlib import Path

import numpy as np

from model_server.cancel import Progress
from model_server.speech.backend import numpy_backend
from model_server.training.develop import heard
from model_server.training.fit import load
from model_server.training.network import exported
from model_server.training.real import revised
from model_server.training.store import Part, Writer


def revise(work: Path, names: list[str], network_folder: Path, round_index: int, report: Progress) -> None:
    """Write ``NAME-roundI`` beside every part of ``names``: the same sound, labels after ``real.revised``."""
    network = load(network_folder)
    weights = exported(network)
    backend = numpy_backend(network.shape, weights)
    for i, name in enumerate(names):
        if not (work / name / "index.json").exists():
            continue
        part, writer = Part(work / name), Writer()
        pairs = heard(part, network.shape, backend, weights["average"])
        for clip, (phones, label) in zip(part.clips, pairs, strict=True):
            report((i + writer.clips / len(part.clips)) / len(names), f"Looking again at {name}")
            mel = np.asarray(part.mel[clip.first : clip.first + clip.frames])
            writer.add(mel, revised(label, phones), clip.speaker, clip.name)
        writer.save(work / f"{name}-round{round_index}")
