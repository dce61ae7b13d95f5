"""``s2f train mixed``: the last round, in which a finished model learns to hear several levels and voices in one.

The model itself, hearing every recording alone and clean, is the teacher (see ``listened``); what it learns from is the
same recordings joined and spoilt (see ``mixed``).
"""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from model_server.cancel import Progress, part
from model_server.slots.model_file import BUNDLED, open_model
from model_server.training import distil, listened, mixed
from model_server.training.batches import Source
from model_server.training.export import export
from model_server.training.measure import development
from model_server.training.plan import Plan
from model_server.training.rounds import MIXED, MIXED_SOFTNESS
from model_server.training.store import Part
from model_server.training.unfold import unfolded


def train(
    data: Path, work: Path, start: Path | None, out: Path, model_id: str, plan: Plan, report: Progress
) -> dict[str, dict[str, float]]:
    """Write ``out``, which goes on from the model file ``start`` (or the bundled one); figures of the ``dev-*`` parts.

    Synthetic parts of the recipe (``s2f train corpus`` or ``part``) that are in ``work`` are heard as well.
    """
    begin = start or BUNDLED
    folders = listened.FOLDERS
    for i, folder in enumerate(folders):
        if not (work / folder.name / "index.json").exists():
            step = part(report, 0.2 * i / len(folders), 0.2 * (i + 1) / len(folders))
            listened.make(folder, data, begin, work / folder.name, step)
    parts = {name: share for name, share in MIXED.shares.items() if (work / name / "index.json").exists()}
    told = {folder.name for folder in folders}
    sources = [
        distil.SoftSource.open(work / name, share) if name in told
        else distil.SoftSource(Part(work / name), None, share)
        for name, share in parts.items()
    ]  # fmt: skip
    network = unfolded(begin, [Source(one.part, one.share) for one in sources], plan.seed)
    shape = network.shape
    plan = replace(
        plan, width=shape.width, dilations=shape.dilations, layers=shape.layers, keys=shape.keys, values=shape.values,
        wide=shape.wide,
    )  # fmt: skip
    step = part(report, 0.2, 0.98)
    distil.distil(network, sources, plan, work / "mixed", MIXED_SOFTNESS, step, mixed.augmented)
    figures = development(network, work)
    before = open_model(begin).card
    last = {"plan": asdict(plan), "shares": parts, "hours": {n: round(Part(work / n).hours, 2) for n in parts}}
    made: dict[str, Any] = {
        **before.made, "mixed": {"command": "s2f train mixed", "start": before.id, **last}, "development": figures
    }  # fmt: skip
    export(network, out, model_id, made, before.licence_track)
    report(1.0, "Done")
    return figures
