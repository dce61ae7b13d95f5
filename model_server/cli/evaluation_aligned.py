"""The work of ``s2f evaluate --aligner``: recordings whose words are known, against their forced alignment."""

from pathlib import Path
from typing import Any

from model_server.cancel import Progress, part
from model_server.evaluation import lips
from model_server.training.alignment.reference import reference
from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.errors import UserError

from .evaluation_run import Condition, Make, falls


def aligned_figures(
    folder: Path, aligner: Path, conditions: list[Condition], make: Make, progress: Progress
) -> dict[str, Any]:
    """Figures of the lips under each of ``conditions`` and of the reference that they were measured against.

    Raises UserError for recordings with the words as help, which are the reference, and where no words are found.
    """
    if any(condition.words for condition in conditions):
        raise UserError("--aligner takes the words for the reference; leave --words out.")
    labelled = reference(folder, aligner, part(progress, 0.0, 0.3))
    if not labelled.timed:
        raise UserError(f"The words of {folder} were not found in its recordings; is it the right {aligner.name}?")
    jobs = [(condition, *pair) for condition in conditions for pair in labelled.timed]
    counts = {condition: lips.LipCount() for condition in conditions}
    for i, (condition, sound, labels) in enumerate(jobs):
        step = part(progress, 0.3 + 0.7 * i / len(jobs), 0.3 + 0.7 * (i + 1) / len(jobs))
        track = make(condition, sound, step)
        lips.count(counts[condition], track.times - track.start, mixed(track, Mix(intensity=0)), labels)
    return {**falls({c: counts[c].figures() for c in conditions}), "reference": labelled.figures()}
