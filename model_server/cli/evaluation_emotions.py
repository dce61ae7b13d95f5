"""The work of ``s2f evaluate --emotions``: every recording without an emotion and under each of them."""

from pathlib import Path
from typing import Any

from model_server.audio.decode import decode
from model_server.cancel import Progress, part
from model_server.engine import Engine
from model_server.evaluation.labels import read_labels
from model_server.evaluation.lips import LipCount, count
from model_server.evaluation.under_emotion import INTENSITIES, EmotionCount, closures_of, tally
from model_server.face.expressions import load_expressions
from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.request import Request

from .evaluation_run import SOUNDS


def emotion_figures(folder: Path, engine: Engine, fps: float, progress: Progress) -> dict[str, Any]:
    """Figures of each emotion over the recordings below ``folder``: against .phn labels beside them, or, for one
    without, against the closures of its own neutral face. Raises UserError where there is no recording."""
    sounds = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SOUNDS)
    if not sounds:
        raise UserError(f"{folder} holds no recording ({', '.join(SOUNDS)}); choose a folder with speech.")
    table = load_expressions()
    neutral, counts = LipCount(), {name: EmotionCount() for name in table}
    for i, sound in enumerate(sounds):
        step = part(progress, i / len(sounds), (i + 1) / len(sounds))
        heard, labels = decode(sound), sound.with_suffix(".phn")
        plain = engine.infer(heard, Request(fps=fps), step)
        times, still = plain.times - plain.start, mixed(plain, Mix())
        said = read_labels(labels) if labels.exists() else closures_of(times, still, plain.talk)
        count(neutral, times, still, said)
        for name, row in table.items():
            track = engine.infer(heard, Request(fps=fps, emotion={name: 1.0}), step)
            shown = {k: mixed(track, Mix(intensity=k)) for k in (0.0, *INTENSITIES)}
            tally(counts[name], row, times, track.mood, shown, said)
    plainly = neutral.figures()
    f1 = float(plainly["closure_f1"] or 0.0)
    return {"neutral": plainly, **{f"under {name}": found.figures(f1) for name, found in counts.items()}}
