"""The recipe of the bundled model: corpus, alignment, fitting, export; every stage goes on where it stopped."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from model_server.cancel import part

Report = Callable[[float, str], None]


@dataclass(frozen=True)
class Synthetic:
    """A part of the corpus that is made: ``kind`` (flite, english, world), hours, whether training may hear it."""

    name: str
    kind: str
    hours: float
    held_out: bool = False


SYNTHETIC = (
    Synthetic("flite", "flite", 2.5),
    Synthetic("english", "english", 2.0),
    Synthetic("world", "world", 5.0),
    Synthetic("dev-flite", "flite", 0.15, True),
    Synthetic("dev-english", "english", 0.1, True),
    Synthetic("dev-world", "world", 0.2, True),
)
REAL = {"coffee": ("coffee-orders", "speech_*", "coffee"), "librispeech": ("librispeech", "*", "general")}
"""Part -> folder below ``data/speech``, files, and which language model pocketsphinx aligns it with."""


@dataclass(frozen=True)
class Workspace:
    """data: the folder that holds ``speech`` and ``pairs``; work: where corpus and runs go; seed: of everything."""

    data: Path
    work: Path
    seed: int = 0
    scale: float = field(default=1.0)

    def files(self, part_name: str) -> list[Path]:
        folder, pattern, _ = REAL[part_name]
        return sorted((self.data / "speech" / folder).glob(pattern))


def corpus(space: Workspace, report: Report) -> None:
    """Synthetic speech with the times of its phones."""
    from model_server.training import synthesis

    for i, made in enumerate(SYNTHETIC):
        if (space.work / made.name / "index.json").exists():
            continue
        step = part(report, i / len(SYNTHETIC), (i + 1) / len(SYNTHETIC))
        synthesis.make(space.work / made.name, made.kind, made.hours * space.scale, space.seed, made.held_out, step)


def align(space: Workspace, report: Report) -> None:
    """Real speech decoded and aligned by pocketsphinx, then cut into parts for training and development."""
    from model_server.training import real
    from model_server.training.align import align_folder

    for i, (name, (_, _, domain)) in enumerate(REAL.items()):
        lines = space.work / f"align-{name}.jsonl"
        files = space.files(name)
        align_folder(files, domain, lines, part(report, i / len(REAL), (i + 0.9) / len(REAL)))
        real.make(files, [lines], space.work / name, space.work / f"dev-{name}", lambda fraction, doing: None)
