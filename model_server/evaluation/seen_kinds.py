"""What kind of closure was seen: at p, b or m, at a pause, or none of them (lips of w and r come as near in a picture).

``seen`` counts every stretch of shut lips alike. Here the phones of the clip tell them apart, so that a mouth is asked
for closures where somebody says one; what lips do in pauses is counted by itself.
"""

from dataclasses import dataclass, field

import numpy as np

from model_server.evaluation.head import Floats
from model_server.evaluation.labels import BILABIAL, Label, events
from model_server.evaluation.lips import Interval, Mask, meet, milliseconds, nearest, paused, pauses


@dataclass(frozen=True)
class Lips:
    """Whether lips are shut, frame by frame (T,), the stretches of it, and whether they are nearly shut (T,)."""

    shut: list[Interval]
    rest: Mask


@dataclass
class KindCount:
    """What has been counted over any number of clips: of each kind (seen, of these made)."""

    bilabials: int = 0
    at_bilabials: list[bool] = field(default_factory=list)
    at_pauses: list[bool] = field(default_factory=list)
    others: list[bool] = field(default_factory=list)
    in_speech: list[bool] = field(default_factory=list)
    """Of each closure that is made in speech, whether lips were seen shut."""
    meeting: list[float] = field(default_factory=list)
    parting: list[float] = field(default_factory=list)
    rest_seen: list[float] = field(default_factory=list)
    rest_made: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, float | int | None]:
        """Shares 0-1, times in ms, positive where the track is late; nothing at all where no clip was counted."""
        if not self.bilabials:
            return {}
        recall, precision = _share(self.at_bilabials) or 0.0, _share(self.in_speech) or 0.0
        return {
            "bilabials": self.bilabials,
            "bilabials_seen_shut": len(self.at_bilabials),
            "bilabial_recall": round(recall, 3),
            "bilabial_precision": round(precision, 3),
            "bilabial_f1": round(2 * recall * precision / max(1e-9, recall + precision), 3),
            "meeting_offset_ms": milliseconds(self.meeting),
            "parting_offset_ms": milliseconds(self.parting),
            "pause_closures_seen": len(self.at_pauses),
            "pause_closure_recall": _share(self.at_pauses),
            "other_closures_seen": len(self.others),
            "other_closure_recall": _share(self.others),
            "rest_seen": _share(self.rest_seen),
            "rest_made": _share(self.rest_made),
        }


def count_kinds(total: KindCount, grid: Floats, seen: Lips, made: Lips, labels: list[Label], slack: float) -> None:
    """Add one clip whose frames are at ``grid`` (T,) s, with its phones; two events meet within ``slack`` seconds."""
    truth = events(labels, BILABIAL)
    total.bilabials += len(truth)
    for event in truth:
        there = nearest(seen.shut, event, slack)
        if there is None:
            continue
        met = nearest(made.shut, event, slack)
        total.at_bilabials.append(met is not None)
        if met is not None and not paused(there, labels) and not paused(met, labels):
            total.meeting.append(met[0] - there[0])
            total.parting.append(met[1] - there[1])
    for closure in seen.shut:
        if not any(meet(closure, event, slack) for event in truth):
            kind = total.at_pauses if paused(closure, labels) else total.others
            kind.append(any(meet(one, closure, slack) for one in made.shut))
    for closure in made.shut:
        if not paused(closure, labels):
            total.in_speech.append(any(meet(closure, one, slack) for one in seen.shut))
    for core in pauses(grid, labels):
        total.rest_seen.append(float(seen.rest[core].mean()))
        total.rest_made.append(float(made.rest[core].mean()))


def _share(found: list[bool] | list[float]) -> float | None:
    return round(float(np.mean(found)), 3) if found else None
