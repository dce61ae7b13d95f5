"""``s2f train fusion``: the set, the fitting, the file and its figures; every stage goes on where it stopped."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model_server.cancel import Progress, part
from model_server.slots.fused import FusionShape
from model_server.training.actor.captures import pairs, split
from model_server.training.corpus.features import Features
from model_server.training.network.plan import FitPlan
from model_server.training.slots import fusion_fit, fusion_measure, fusion_set, own_set
from model_server.training.slots.fusion_set import Performed
from s2f_blender_addon.core.errors import UserError

ENTRIES = {"concat": False, "film-gru": True}
"""Name on the card, and whether the emotion is encoded over time."""
PLAN = FitPlan(steps=1500, batch=16, frames=200, rate=1.5e-3)
WIDTH, HIDDEN = 128, 48


@dataclass(frozen=True)
class SpeakerSource:
    """Where speakers come from. ours: the data folder of this program, with speech/ and pairs/; else captures of the
    user's in a folder or a list, whose licence track the user knows, and whose ``features`` are kept.
    """

    data: str
    recordings: int
    licence_track: str = "research"
    features: Features = field(default_factory=Features)

    @property
    def ours(self) -> bool:
        return (Path(self.data) / "speech").is_dir()

    def speakers(self, seed: int, held: bool, report: Progress) -> list[Performed]:
        """Those to learn from, or those that training never sees."""
        if self.ours:
            count = max(2, self.recordings // 5) if held else self.recordings
            return fusion_set.performed(Path(self.data), count, seed, held, report)
        learn, kept_out = split(pairs(self.data), seed)
        found = kept_out if held else learn
        return own_set.performed(found, self.features, report) if found else []

    def terms(self) -> tuple[str, str, str]:
        """(licence track, licence, what the card says of the data)."""
        if self.ours:
            return "product", "GPL-3.0-or-later", DATA
        return self.licence_track, "as the captures'", "captures of the user's own, expressions of our table added"


DATA = (
    "LibriSpeech (CC BY 4.0) and Picovoice coffee orders (Apache-2.0) with the mouth of our rules, "
    "FACEGOOD-Audio2Face takes (MIT) with their own, expressions of our table added to both"
)


def train(
    entry: str, source: SpeakerSource, work: Path, out: Path, model_id: str, each: int, plan: FitPlan, report: Progress,
    read_back: float = 0.0,
) -> dict[str, Any]:  # fmt: skip
    """Write the model file ``out``; its figures, which are also in its card. ``read_back`` as ``fusion_fit.fit``.

    Raises UserError for an unknown entry, and for a folder ``work`` that holds the set of other data.
    """
    if entry not in ENTRIES:
        raise UserError(f"There is no fusion {entry!r} to train; choose {' or '.join(ENTRIES)}.")
    folder, origin = work / "fusion-set", work / "fusion-set" / "data.txt"
    if (folder / "index.json").exists():
        if origin.exists() and origin.read_text("utf-8") != source.data:
            raise UserError(f"{work} holds the set of {origin.read_text('utf-8')}; give another folder with --work.")
    else:
        speakers = source.speakers(plan.seed, False, part(report, 0.0, 0.15))
        fusion_set.make(speakers, each, plan.seed, folder, part(report, 0.15, 0.2))
        origin.write_text(source.data, "utf-8")
    found = fusion_set.FusionSet(folder)
    shape = FusionShape(ENTRIES[entry], found.identities, WIDTH, hidden=HIDDEN)
    run = work / (f"fusion-{entry}-read-back-{read_back:g}" if read_back else f"fusion-{entry}")
    network = fusion_fit.fit(found, shape, plan, run, part(report, 0.2, 0.9), read_back)
    licence_track, licence, data = source.terms()
    made: dict[str, Any] = {
        "command": f"s2f train fusion {entry} --data DATA --work WORK", "data": data,
        "tracks": len(found.clips), "hours": round(len(found.heard) / 50 / 3600, 2), "seed": plan.seed,
        "steps": plan.steps, **({"read_back": read_back} if read_back else {}),
    }  # fmt: skip
    fusion_fit.export(network, out, model_id, made, licence_track, licence)
    held = source.speakers(plan.seed, True, part(report, 0.9, 0.95))
    figures = fusion_measure.measure(out, held, plan.seed) if held else {}
    fusion_fit.export(network, out, model_id, made | {"figures": figures}, licence_track, licence)
    report(1.0, "Done")
    return figures
