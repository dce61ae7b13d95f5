"""The work of ``s2f evaluate --mixed``: labelled sentences joined at several levels, heard and counted."""

from pathlib import Path
from typing import Any

import numpy as np

from model_server.audio.decode import decode
from model_server.audio.sound import Sound
from model_server.cancel import Progress, part
from model_server.engine import Engine
from model_server.evaluation.background import CASES, BehindCount, behind
from model_server.evaluation.background import tally as tally_behind
from model_server.evaluation.labels import read_labels
from model_server.evaluation.mixed import LEAST, LabelledSpeech, MixedCount, joined, tally
from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.request import Request

from .evaluation_run import pairs

SEED = 0


def mixed_figures(folder: Path, files: int, engine: Engine, fps: float, progress: Progress) -> dict[str, Any]:
    """Figures of ``files`` joined files for each folder of labelled recordings (one speaker) below ``folder``.

    Raises UserError where no folder holds enough of them.
    """
    speakers: dict[Path, list[tuple[Path, Path]]] = {}
    for sound, labels in pairs(folder, ".phn"):
        speakers.setdefault(sound.parent, []).append((sound, labels))
    enough = [found for found in speakers.values() if len(found) >= LEAST]
    if not enough:
        raise UserError(f"{folder} holds no folder with {LEAST} recordings beside .phn files to join; choose another.")
    spoken = [
        [LabelledSpeech(decode(sound).samples, read_labels(labels)) for sound, labels in found] for found in enough
    ]
    levelled = _levelled(spoken, files, engine, fps, part(progress, 0.0, 0.6))
    return levelled.figures() | _behind(spoken, engine, fps, part(progress, 0.6, 1.0)).figures()


def _levelled(
    spoken: list[list[LabelledSpeech]], files: int, engine: Engine, fps: float, progress: Progress
) -> MixedCount:
    """``files`` of each speaker's sentences, joined at several levels."""
    total = MixedCount()
    jobs = [(i, n) for i in range(len(spoken)) for n in range(files)]
    for done, (i, n) in enumerate(jobs):
        one = joined(spoken[i], np.random.default_rng((SEED, i, n)))
        track = engine.infer(
            Sound(one.samples), Request(fps=fps), part(progress, done / len(jobs), (done + 1) / len(jobs))
        )
        tally(total, track.times - track.start, mixed(track, Mix(intensity=0)), one)
    return total


def _behind(spoken: list[list[LabelledSpeech]], engine: Engine, fps: float, progress: Progress) -> BehindCount:
    """A file of each speaker, with the next one behind at every distance, and how a line may listen to it."""
    total = BehindCount()
    jobs = [(i, *case) for i in range(len(spoken) if len(spoken) > 1 else 0) for case in CASES]
    for done, (i, ear, decibels) in enumerate(jobs):
        others = spoken[(i + 1) % len(spoken)]
        one = behind(spoken[i], others, decibels, np.random.default_rng((SEED, i)))
        request = Request(fps=fps, ear=ear)
        track = engine.infer(Sound(one.samples), request, part(progress, done / len(jobs), (done + 1) / len(jobs)))
        tally_behind(total, (ear, decibels), track.times - track.start, mixed(track, Mix(intensity=0)), one)
    return total
