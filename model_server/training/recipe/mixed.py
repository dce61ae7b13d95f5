"""``s2f train mixed``: the last round, in which a finished model learns to hear several levels and voices in one.

The model itself, hearing every recording alone and clean, is the teacher (see ``listened``); what it learns from is the
same recordings joined and spoilt (see ``mixed``).
"""

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
from model_server.training.recipe.development import measured
from model_server.training.recipe.development import parts as parts_of
from model_server.training.recipe.rounds import MIXED, MIXED_SHARE, MIXED_SILENCE, MIXED_SOFTNESS

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
    data: Path, work: Path, start: Path | None, out: Path, model_id: str, plan: FitPlan, report: Progress
) -> dict[str, dict[str, float]]:
    """Write ``out``, which goes on from the model file ``start`` (or the bundled one); figures of the ``dev-*`` parts.

    Synthetic parts of the recipe (``s2f train corpus`` or ``part``) that are in ``work`` are heard as well.
    """
    begin = start or BUNDLED
    folders = pseudo_labels.FOLDERS
    for i, folder in enumerate(folders):
        if not (work / folder.name / "index.json").exists():
            step = part(report, 0.2 * i / len(folders), 0.2 * (i + 1) / len(folders))
            pseudo_labels.make(folder, data, begin, work / folder.name, step)
    parts = {name: share for name, share in MIXED.shares.items() if (work / name / "index.json").exists()}
    told = {folder.name for folder in folders}
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
    step = part(report, 0.2, 0.98)
    distil.distil(network, sources, plan, work / "mixed", MIXED_SOFTNESS, step, joined_clips.augmented)
    assert network.head.bias is not None
    network.head.bias.data[CLASSES.index("sil") :: len(CLASSES)] += MIXED_SILENCE / MIXED_SHARE
    opened = open_model(begin)
    before = opened.card
    last = {"plan": asdict(plan), "shares": parts, "hours": {n: round(CorpusPart(work / n).hours, 2) for n in parts}}
    earlier = {key: value for key, value in before.made.items() if key != "development"}
    told_of = {
        "command": "s2f train mixed", "start": before.id, "share": MIXED_SHARE, "silence": MIXED_SILENCE, "data": DATA,
        **last,
    }  # fmt: skip
    export(network, out, model_id, {**earlier, "mixed": told_of}, before.licence_track, opened.weights, MIXED_SHARE)
    found = measured(out, work, None, part(report, 0.98, 1.0)) if parts_of(work) else {}
    report(1.0, "Done")
    return {name: ways["as heard"] for name, ways in found.items()}
