"""``s2f train mixed``: the last round, in which a finished model learns to hear several levels and voices in one.

The model itself, hearing every recording alone and clean, is the teacher (see ``listened``); what it learns from is the
same recordings joined and spoilt (see ``mixed``).
"""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from model_server.cancel import Progress, part
from model_server.slots.model_file import BUNDLED, open_model
from model_server.speech.phones import CLASSES
from model_server.training.alignment import pseudo_labels
from model_server.training.corpus.batches import BatchSource
from model_server.training.corpus.store import CorpusPart
from model_server.training.network import distil, joined_clips
from model_server.training.network.export import export
from model_server.training.network.from_file import unfolded
from model_server.training.network.plan import FitPlan
from model_server.training.recipe import costs
from model_server.training.recipe.development import measured
from model_server.training.recipe.development import parts as parts_of
from model_server.training.recipe.rounds import MIXED, MIXED_SHARE, MIXED_SILENCE, MIXED_SOFTNESS
from model_server.training.recipe.steps import Step, Tell, hours, run
from s2f_blender_addon.core.whole_file import whole_file

HEARD_BY = "heard-by.txt"
"""In a part: the digest of the model file that heard it."""

DATA = {
    "librispeech": "LibriSpeech ASR corpus (Panayotov et al. 2015), CC BY 4.0",
    "coffee-orders": "Picovoice speech-to-intent benchmark, Apache-2.0",
    "kathleen": "rhasspy/dataset-voice-kathleen, CC0",
    "kerstin": "rhasspy/dataset-voice-kerstin, CC0",
    "speechocean762": "free for commercial and non-commercial purposes, by its README",
    "fleurs-du-mal": "LibriVox, public domain",
    "crema-d": "Contains information from CREMA-D, which is made available under the ODbL (Cao et al. 2014)",
    "facegood": "FACEGOOD-Audio2Face, MIT",
}


def train(
    data: Path, work: Path, start: Path | None, out: Path, model_id: str, plan: FitPlan, tell: Tell
) -> dict[str, dict[str, float]]:
    """Write ``out``, which goes on from the model file ``start`` (or the bundled one); figures of the ``dev-*`` parts.

    Synthetic parts of the recipe (``s2f train corpus`` or ``part``) that are in ``work`` are heard as well.
    """
    begin, found = start or BUNDLED, dict[str, dict[str, float]]()
    run(steps(data, work, lambda: begin, out, model_id, plan, found), work, tell)
    return found


def steps(
    data: Path, work: Path, begin: Callable[[], Path], out: Path, model_id: str, plan: FitPlan,
    found: dict[str, dict[str, float]],
) -> list[Step]:  # fmt: skip
    """The steps of ``train``, from the model file that ``begin`` names; its figures go into ``found``."""
    listening = sum(len(folder.recordings(data)) for folder in pseudo_labels.FOLDERS)

    def measure(report: Progress) -> None:
        ways = measured(out, work, None, report) if parts_of(work) else {}
        found.update({name: figures["as heard"] for name, figures in ways.items()})

    def last(report: Progress) -> None:
        _fit(work, begin(), out, model_id, plan, report)

    return [
        Step("what it hears before", listening * costs.TOLD, lambda report: _listen(data, work, begin(), report)),
        Step("last round", plan.steps * costs.MIXED_STEP, last),
        Step("figures", costs.MEASURED, measure),
    ]


def _listen(data: Path, work: Path, begin: Path, report: Progress) -> None:
    """The recordings as ``begin`` hears them, each alone and clean."""
    folders, by = pseudo_labels.FOLDERS, _digest(begin)
    counts = [len(folder.recordings(data)) for folder in folders]
    for i, folder in enumerate(folders):
        told = work / folder.name / HEARD_BY
        if told.exists() and told.read_text(encoding="utf-8") == by:
            continue
        step = part(report, sum(counts[:i]) / sum(counts), sum(counts[: i + 1]) / sum(counts))
        pseudo_labels.make(folder, data, begin, work / folder.name, step)
        with whole_file(told) as temporary:
            temporary.write_text(by, encoding="utf-8")


def _fit(work: Path, begin: Path, out: Path, model_id: str, plan: FitPlan, report: Progress) -> None:
    """Fit the round and write ``out``."""
    told = {folder.name for folder in pseudo_labels.FOLDERS}
    parts = {name: share for name, share in MIXED.shares.items() if (work / name / "index.json").exists()}
    sources = [
        distil.SoftSource.open(work / name, share) if name in told
        else distil.SoftSource(CorpusPart(work / name), None, share)
        for name, share in parts.items()
    ]  # fmt: skip
    network = unfolded(begin, [BatchSource(one.part, one.share) for one in sources], plan.seed)
    shape = network.shape
    plan = replace(
        plan, width=shape.width, dilations=shape.dilations, layers=shape.layers, keys=shape.keys, values=shape.values,
        wide=shape.wide,
    )  # fmt: skip
    folder = work / f"mixed-{_digest(begin)[:8]}"  # of another beginning nothing is gone on with
    distil.distil(network, sources, plan, folder, MIXED_SOFTNESS, report, joined_clips.augmented)
    assert network.head.bias is not None
    network.head.bias.data[CLASSES.index("sil") :: len(CLASSES)] += MIXED_SILENCE / MIXED_SHARE
    opened = open_model(begin)
    before = opened.card
    last = {"plan": asdict(plan), "shares": parts, "hours": {n: round(CorpusPart(work / n).hours, 2) for n in parts}}
    earlier = {key: value for key, value in before.made.items() if key != "development"}
    told_of = {
        "command": "s2f train mixed", "start": before.id, "share": MIXED_SHARE, "silence": MIXED_SILENCE, "data": DATA,
        "processor_hours": hours(work), **last,
    }  # fmt: skip
    export(network, out, model_id, {**earlier, "mixed": told_of}, before.licence_track, opened.weights, MIXED_SHARE)


def _digest(model: Path) -> str:
    return hashlib.sha256(model.read_bytes()).hexdigest()
