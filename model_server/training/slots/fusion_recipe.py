"""``s2f train fusion``: the set, the fitting, the file and its figures; every stage goes on where it stopped."""

from pathlib import Path
from typing import Any

from model_server.cancel import Progress, part
from model_server.slots.fused import FusionShape
from model_server.training.network.plan import Plan
from model_server.training.slots import fusion_fit, fusion_measure, fusion_set
from s2f_blender_addon.core.errors import UserError

ENTRIES = {"concat": False, "film-gru": True}
"""Name on the card, and whether the emotion is encoded over time."""
PLAN = Plan(steps=1500, batch=16, frames=200, rate=1.5e-3)
WIDTH, HIDDEN = 128, 48


def train(
    entry: str,
    data: Path,
    work: Path,
    out: Path,
    model_id: str,
    recordings: int,
    each: int,
    plan: Plan,
    report: Progress,
) -> dict[str, Any]:
    """Write the model file ``out``; its figures, which are also in its card. Raises UserError for an unknown entry."""
    if entry not in ENTRIES:
        raise UserError(f"There is no fusion {entry!r} to train; choose {' or '.join(ENTRIES)}.")
    folder = work / "fusion-set"
    if not (folder / "index.json").exists():
        speakers = fusion_set.performed(data, recordings, plan.seed, False, part(report, 0.0, 0.15))
        fusion_set.make(speakers, each, plan.seed, folder, part(report, 0.15, 0.2))
    found = fusion_set.FusionSet(folder)
    shape = FusionShape(ENTRIES[entry], found.identities, WIDTH, hidden=HIDDEN)
    network = fusion_fit.fit(found, shape, plan, work / f"fusion-{entry}", part(report, 0.2, 0.9))
    made: dict[str, Any] = {
        "command": f"s2f train fusion {entry} --data DATA --work WORK",
        "data": "LibriSpeech (CC BY 4.0) and Picovoice coffee orders (Apache-2.0) with the mouth of our rules, "
        "FACEGOOD-Audio2Face takes (MIT) with their own, expressions of our table added to both",
        "tracks": len(found.clips), "hours": round(len(found.heard) / 50 / 3600, 2), "seed": plan.seed,
        "steps": plan.steps,
    }  # fmt: skip
    fusion_fit.export(network, out, model_id, made)
    held = fusion_set.performed(data, max(2, recordings // 5), plan.seed, True, part(report, 0.9, 0.95))
    figures = fusion_measure.measure(out, held, plan.seed)
    fusion_fit.export(network, out, model_id, made | {"figures": figures})
    report(1.0, "Done")
    return figures
