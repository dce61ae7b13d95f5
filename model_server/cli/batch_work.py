"""One row of a batch, in a process that keeps its engine from row to row."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from model_server.cancel import silent
from model_server.in_blender.shot import ShotLine
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.blend import Mix
from s2f_blender_addon.core.errors import UserError

from .manifest import Row
from .shot import bake_shot
from .speak import engine_for

if TYPE_CHECKING:
    from model_server.engine import Engine

_engines: dict[tuple[str, str], "Engine"] = {}


def one_thread_each() -> None:
    """To be called before processes are started: each of them calculates in one thread."""
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"


def make(row: Row, fps: float, model: str, device: str) -> tuple[str, list[str]]:
    """Write the output of ``row``, whole or not at all; (its digest, notes). Raises UserError."""
    from model_server.answers import speak
    from model_server.audio.decode import decode
    from model_server.emotion.keys_file import read_keys

    fps = formats.rate_of(row.out, fps)
    request = row.request(fps)
    if (model, device) not in _engines:
        _engines[model, device] = engine_for(model, device)
    engine = _engines[model, device]
    sound = decode(row.sound)
    if row.emotion_track is not None:
        request = replace(request, emotion_track=read_keys(row.emotion_track, sound.duration, fps))
    spoken = speak(engine, sound, request)
    notes = [word.text for word in spoken.words if not word.confidence]
    told = [f"not heard: {' '.join(notes)}"] if notes else []
    try:
        row.out.parent.mkdir(parents=True, exist_ok=True)
        if row.rig:
            line = ShotLine("", row.sound.stem, str(row.sound), None, dict(request.emotion), row.intensity, row.seed)
            done = bake_shot([(spoken.track, line)], row.rig, row.out, silent)
            told += done["notes"]
        else:
            formats.write(row.out, spoken.track, Mix(intensity=row.intensity))
    except OSError as error:
        raise UserError(f"{row.out}: it cannot be written ({error.strerror or error}).") from error
    return digest(row.out), told


def digest(path: Path) -> str:
    """SHA-256 of a file's content; empty where there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
