"""The recipe of the bundled model: corpus, alignment, fitting, export; every stage goes on where it stopped."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from model_server.cancel import part
from model_server.training.plan import Plan
from s2f_blender_addon.core.errors import UserError

Report = Callable[[float, str], None]


@dataclass(frozen=True)
class Synthetic:
    """A part of the corpus that is made: ``kind`` (see ``synthesis.make``), hours, whether training may hear it."""

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
    *(Synthetic(f"dev-{code}", code, 0.05, True) for code in ("de", "fr", "es", "cmn-latn-pinyin", "ja", "hi", "ar")),
)
FACES = "facegood"
"""The part whose closures a captured face has seen; made from ``data/pairs/facegood`` with the round before."""
REAL = {"coffee": ("coffee-orders", "speech_*", "coffee"), "librispeech": ("librispeech", "*", "general")}
"""Part -> folder below ``data/speech``, files, and which language model pocketsphinx aligns it with."""


@dataclass(frozen=True)
class Round:
    """One fitting: its plan and the share of every part of the corpus in a batch."""

    plan: Plan
    shares: dict[str, float]


REAL_SHARES = {"coffee": 0.9, "librispeech": 2.2}
ROUNDS = (
    Round(Plan(steps=2200), {"flite": 1.2, "english": 0.6, "world": 1.0, "coffee": 1.2, "librispeech": 1.6}),
    Round(Plan(steps=1300), {"flite": 1.2, "english": 0.4, "world": 1.0, **REAL_SHARES}),
    Round(Plan(steps=1100, rate=1.6e-3), {"flite": 1.2, "english": 0.4, "world": 0.9, **REAL_SHARES, FACES: 0.4}),
)


@dataclass(frozen=True)
class Workspace:
    """data: the folder that holds ``speech`` and ``pairs``; work: where corpus and runs go; seed: of everything.

    scale: shrinks hours and steps alike, to try the recipe out.
    """

    data: Path
    work: Path
    seed: int = 0
    scale: float = 1.0

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

    for i, (name, (folder, _, domain)) in enumerate(REAL.items()):
        files, lines = space.files(name), space.work / f"align-{name}.jsonl"
        if not files:
            raise UserError(f"{space.data / 'speech' / folder} holds no recordings; give the data folder with --data.")
        align_folder(files, domain, lines, part(report, i / len(REAL), (i + 0.9) / len(REAL)))
        real.make(files, [lines], space.work / name, space.work / f"dev-{name}", lambda fraction, doing: None)


def fit(space: Workspace, report: Report) -> None:
    """The rounds of fitting; before each but the first, the network so far looks at the real speech's labels again."""
    from model_server.training.batches import Source
    from model_server.training.fit import fit as run
    from model_server.training.revise import revise

    ready = [made.name for made in SYNTHETIC if not made.held_out]
    if not all((space.work / name / "index.json").exists() for name in ready):
        raise UserError(f"{space.work} holds no corpus yet; run s2f train corpus and s2f train align first.")
    before: Path | None = None
    for i, round_ in enumerate(ROUNDS):
        folder, low = space.work / f"round{i}", i / len(ROUNDS)
        if not (folder / "network.safetensors").exists():
            if before is not None:
                revise(space.work, list(REAL), before, i, part(report, low, low + 0.05))
                _faces(space, before)
            parts = {_part(space.work, name, i): share for name, share in round_.shares.items()}
            sources = [Source.open(path, share) for path, share in parts.items() if path.exists()]
            step = part(report, low + 0.05, (i + 1) / len(ROUNDS))
            plan = replace(round_.plan, steps=max(1, round(round_.plan.steps * space.scale)), seed=space.seed + i)
            run(sources, plan, folder, step, before)
        before = folder


def _faces(space: Workspace, network: Path) -> None:
    """Captured takes, where there are any, labelled with the network so far and what the face shows."""
    from model_server.training import faces

    folder = space.data / "pairs" / FACES
    if any(folder.glob("*.flac")):
        faces.make(folder, network, space.work / FACES, lambda fraction, doing: None)


def _part(work: Path, name: str, round_index: int) -> Path:
    """The latest labels of a part: real ones are revised before every round."""
    revised = work / f"{name}-round{round_index}"
    return revised if revised.exists() else work / name


def export(space: Workspace, out: Path, model_id: str, report: Report) -> dict[str, dict[str, float]]:
    """The model of the last round, measured on the development parts, to ``out``. The figures go into its card."""
    from model_server.training.export import export as write
    from model_server.training.fit import load
    from model_server.training.measure import development

    last = space.work / f"round{len(ROUNDS) - 1}"
    if not (last / "network.safetensors").exists():
        raise UserError(f"{space.work} holds no trained network yet; run s2f train fit first.")
    network = load(last)
    report(0.1, "Measuring")
    figures = development(network, space.work)
    made = {**RECIPE, "seed": space.seed, "scale": space.scale, "development": figures}
    write(network, out, model_id, made)
    report(1.0, "Done")
    return figures


RECIPE: dict[str, Any] = {
    "command": "s2f train all --data DATA --work WORK",
    "data": {
        "synthetic": "espeak-ng 1.51 in 42 languages (9.5 h with flite 2.2), texts and pseudo-words of our own",
        "coffee-orders": "Picovoice speech-to-intent benchmark, Apache-2.0",
        "librispeech": "LibriSpeech ASR corpus (Panayotov et al. 2015), CC BY 4.0",
        "facegood": "FACEGOOD-Audio2Face, MIT: sizes of mouth shapes, closures of three takes",
    },
    "alignment": "pocketsphinx 5.1.1 with its own English models (BSD)",
    "rounds": [asdict(r) for r in ROUNDS],
}
