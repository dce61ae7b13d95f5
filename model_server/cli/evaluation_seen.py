"""The work of ``s2f evaluate`` on faces measured on video: every clip under every condition."""

from pathlib import Path
from typing import Any

from model_server.cancel import Progress, part
from model_server.evaluation.seen import SeenCount, count, read_seen
from model_server.training.alignment.reference import Aligner, in_hand_form
from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.script import Script
from s2f_blender_addon.core.subtitles import Cue

from .evaluation_run import Condition, Make


def seen_figures(folder: Path, conditions: list[Condition], make: Make, progress: Progress) -> dict[str, Any]:
    """Figures of the clips in ``folder`` under each of ``conditions``; the bundled model finds out when each phone of
    their words is said. Raises UserError where none can be read."""
    clips = read_seen(folder)
    by = Aligner()
    jobs = [(condition, clip) for condition in conditions for clip in clips]
    totals = {condition: SeenCount() for condition in conditions}
    for i, (condition, clip) in enumerate(jobs):
        track = make(condition, clip.sound, part(progress, i / len(jobs), (i + 1) / len(jobs)))
        said = Script(tuple(Cue(word, start, end) for start, end, word in clip.words))
        labels = in_hand_form(by.align(clip.sound, said)) if said else []
        count(totals[condition], clip, track.times - track.start, mixed(track, Mix(intensity=0)), labels)
    return {
        condition.name.replace("lips", "seen lips", 1): {**total.figures(), "aligned_by": by.id}
        for condition, total in totals.items()
    }
