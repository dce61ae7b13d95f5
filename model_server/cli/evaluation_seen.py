"""The work of ``s2f evaluate`` on faces measured on video: every clip under every condition."""

from pathlib import Path
from typing import Any

from model_server.cancel import Progress, part
from model_server.evaluation.seen import SeenCount, count, read_seen
from s2f_blender_addon.core.blend import Mix, mixed

from .evaluation_run import Condition, Make


def seen_figures(folder: Path, conditions: list[Condition], make: Make, progress: Progress) -> dict[str, Any]:
    """Figures of the clips in ``folder`` under each of ``conditions``. Raises UserError where none can be read."""
    clips = read_seen(folder)
    jobs = [(condition, clip) for condition in conditions for clip in clips]
    totals = {condition: SeenCount() for condition in conditions}
    for i, (condition, clip) in enumerate(jobs):
        track = make(condition, clip.sound, part(progress, i / len(jobs), (i + 1) / len(jobs)))
        count(totals[condition], clip, track.times - track.start, mixed(track, Mix(intensity=0)))
    return {condition.name.replace("lips", "seen lips", 1): total.figures() for condition, total in totals.items()}
