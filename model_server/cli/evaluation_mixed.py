"""The work of ``s2f evaluate --mixed``: labelled sentences joined at several levels, heard and counted."""

from pathlib import Path
from typing import Any

import numpy as np

from model_server.audio.decode import decode
from model_server.audio.sound import Sound
from model_server.cancel import Progress, part
from model_server.engine import Engine
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
    total = MixedCount()
    for i, found in enumerate(enough):
        sentences = [LabelledSpeech(decode(sound).samples, read_labels(labels)) for sound, labels in found]
        for n in range(files):
            done = i * files + n
            one = joined(sentences, np.random.default_rng((SEED, i, n)))
            step = part(progress, done / (len(enough) * files), (done + 1) / (len(enough) * files))
            track = engine.infer(Sound(one.samples), Request(fps=fps), step)
            tally(total, track.times - track.start, mixed(track, Mix(intensity=0)), one)
    return total.figures()
