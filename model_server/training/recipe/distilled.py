"""``s2f train distil``: a teacher listens to the corpus; a student learns from it and the labels, and is written."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from model_server.cancel import Progress, part
from model_server.slots.model_file import BUNDLED, open_model
from model_server.training.corpus.batches import BatchSource
from model_server.training.corpus.store import CorpusPart
from model_server.training.network import distil
from model_server.training.network.acoustic import Network
from model_server.training.network.causal import looks_ahead_ms, turned_causal
from model_server.training.network.export import export
from model_server.training.network.from_file import unfolded
from model_server.training.network.plan import FitPlan, Softness, shape_of
from model_server.training.recipe.development import development
from s2f_blender_addon.core.errors import UserError

PLAN = FitPlan(steps=600, batch=16, frames=400, rate=1e-3)


def train(
    work: Path,
    teacher: Path | None,
    out: Path,
    model_id: str,
    causal: bool,
    plan: FitPlan,
    softness: Softness,
    report: Progress,
    start: Path | None = None,
) -> dict[str, dict[str, float]]:
    """Write ``out``; figures of every ``dev-*`` part of ``work``. ``teacher`` is a model file, or the bundled one.

    The student starts from the model file ``start``, or from nothing; ``causal`` makes it the variant whose blocks
    look back only. All parts of ``work`` that are not for development teach; what a research model taught is for
    research. Raises UserError when there are none, or when ``start`` cannot become causal.
    """
    folders = [p.parent for p in sorted(work.glob("*/index.json")) if (p.parent / "mel.npy").exists()]
    parts = [folder for folder in folders if not folder.name.startswith("dev-")]
    if not parts:
        raise UserError(f"{work} holds no corpus yet; run s2f train corpus first.")
    if causal and start and open_model(start).card.shape.layers:
        raise UserError(f"{start} attends to what comes later and cannot become causal; start from a tcn, or nothing.")
    hear = distil.model_file(teacher or BUNDLED)
    for i, folder in enumerate(parts):
        if not (folder / distil.TEACHER).exists():
            distil.teach(folder, hear, part(report, 0.3 * i / len(parts), 0.3 * (i + 1) / len(parts)))
    sources = [distil.SoftSource.open(folder, len(CorpusPart(folder).mel) ** 0.5) for folder in parts]
    heard = [BatchSource(s.part, s.share) for s in sources]
    before = unfolded(start, heard, plan.seed) if start else Network(shape_of(plan))
    student: Network = turned_causal(before) if causal else before
    shape = student.shape
    plan = replace(
        plan, width=shape.width, dilations=shape.dilations, layers=shape.layers, keys=shape.keys, values=shape.values,
        wide=shape.wide,
    )  # fmt: skip
    name = f"{'distilled-causal' if causal else 'distilled'}{'-' + start.stem if start else ''}"
    distil.distil(student, sources, plan, work / name, softness, part(report, 0.3, 0.9))
    figures = development(student, work)
    made: dict[str, Any] = {
        "command": "s2f train distil --work WORK" + " --causal" * causal,
        "teacher": (teacher or BUNDLED).name, "share": softness.share, "temperature": softness.temperature,
        "steps": plan.steps, "seed": plan.seed, "looks_ahead_ms": looks_ahead_ms(student.shape), "development": figures,
    }  # fmt: skip
    export(student, out, model_id, made, open_model(teacher).card.licence_track)
    report(1.0, "Done")
    return figures
