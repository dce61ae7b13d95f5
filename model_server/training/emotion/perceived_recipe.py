"""From folders to the synthetic emotional set and the perceived-emotion classifier, as ``s2f train`` runs them."""

from pathlib import Path
from typing import Any

import numpy as np

from model_server.audio.decode import decode
from model_server.audio.sound import SAMPLE_RATE
from model_server.cancel import Progress, part, silent
from model_server.talk_model import TalkModel
from model_server.training.emotion.perceived import accuracy, false_alarms, sign, train_perceived
from model_server.training.emotion.perceived_set import Labelled, Talking, make_emotional, talking, write_set
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.errors import UserError

_SECONDS = 6.0  # of each recording
_CAPTURE_SECONDS = 6.0  # captures are taught in pieces as long as the recordings
_SOUNDS = (".wav", ".flac", ".opus", ".ogg", ".mp3")


def speakers(data: Path, count: int, seed: int, progress: Progress = silent) -> list[Talking]:
    """``count`` talking tracks from recordings of neutral speech anywhere under ``data``, the same for the same seed.

    Raises UserError when there are none.
    """
    found = sorted(path for path in data.rglob("*") if path.suffix.lower() in _SOUNDS)
    if not found:
        raise UserError(f"{data} holds no recordings; give a folder with speech.")
    chosen = np.random.default_rng(seed).permutation(len(found))[:count]
    model = TalkModel.load()
    spoken = []
    for i, k in enumerate(chosen):
        progress(i / len(chosen), f"speaking {found[k].name}")
        spoken.append(talking(decode(found[k]).samples[: int(_SECONDS * SAMPLE_RATE)], found[k].stem, model))
    return spoken


def make_set(data: Path, folder: Path, count: int, each: int, seed: int, progress: Progress = silent) -> int:
    """Writes the labelled set into ``folder`` (see ``emotional_set.write_set``). Returns how many tracks it has."""
    spoken = speakers(data, count, seed, part(progress, 0.0, 0.4))
    clips = list(make_emotional(spoken, each, seed, vary=1.0))
    write_set(clips, folder, part(progress, 0.9, 1.0))
    return len(clips)


def train_and_measure(
    data: Path, captures: Path | None, out: Path, count: int, each: int, seed: int, progress: Progress = silent
) -> dict[str, Any]:
    """Trains the perceived-emotion classifier and writes it to ``out`` with its figures in the card.

    A quarter of the speakers is kept for the figures, which are on tracks of expression tables that were never taught.
    ``captures`` holds neutral captured tracks: the first three fifths teach what neutral faces do, the others count
    false alarms.
    """
    spoken = speakers(data, count, seed, part(progress, 0.0, 0.3))
    taught = max(1, len(spoken) * 3 // 4)
    clips = list(make_emotional(spoken[:taught], each, seed, vary=1.0))
    tracks = [formats.read(path) for path in sorted(captures.glob("*.csv"))] if captures else []
    known = len(tracks) * 3 // 5
    for track in tracks[:known]:
        size = round(_CAPTURE_SECONDS * track.fps)
        pieces = [track.talk[first : first + size] for first in range(0, len(track.talk) - size, size)]
        clips += [Labelled(np.clip(piece, 0, 1), 0, 0.0, 0.0, True, "capture") for piece in pieces]
    made: dict[str, Any] = {
        "id": "perceived emotion 1", "licence_track": "product", "licence": "GPL-3.0-or-later",
        "data": "our synthetic emotional set over neutral speech, captured neutral faces", "tracks": len(clips),
        "speakers": taught, "seed": seed,
    }  # fmt: skip
    train_perceived(clips, out, made, seed, progress=part(progress, 0.5, 0.8))
    held = spoken[taught:] or spoken
    figures: dict[str, Any] = {
        "our table": accuracy(list(make_emotional(held, 1, seed + 1)), out),
        "held-out tables": accuracy(list(make_emotional(held, 2, seed + 2, vary=1.0)), out),
    }
    if tracks[known:]:
        figures["false alarms"] = round(false_alarms([(t.talk, t.fps) for t in tracks[known:]], out), 4)
    sign(out, made | {"figures": figures})
    return figures
