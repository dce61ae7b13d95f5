"""One request, whoever sent it, to exactly one answer."""

import platform
import traceback

import numpy as np

from model_server import VERSION
from model_server.audio.decode import decode
from model_server.audio.sound import Sound
from model_server.cancel import JobCancelled, Progress, part
from model_server.engine import Engine, starting_at
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.messages import Cancelled, Failure, Infer, Result


def perform(engine: Engine, infer: Infer, sound: Sound | None, progress: Progress) -> Result | Failure | Cancelled:
    """Run ``infer`` on ``sound``, or on the file it names; ``progress`` may raise JobCancelled."""
    try:
        if sound is None:
            sound = decode(infer.audio, part(progress, 0.0, 0.1))
        sound = sound.between(infer.start, infer.end)
        emotion = infer.keyed if len(infer.keyed) else infer.emotion
        track = engine.infer(sound, emotion, infer.seed, infer.fps, part(progress, 0.1, 1.0))
        return Result(infer.id, starting_at(track, infer.start), engine.model.notice)
    except JobCancelled:
        return Cancelled(infer.id)
    except Exception as error:  # whatever it is, the user gets a sentence and we get a report
        return failure(infer.id, error)


def failure(job: int, error: Exception) -> Failure:
    """What the user reads about ``error``, and what a bug report needs."""
    if isinstance(error, UserError):
        sentence = str(error)
    elif isinstance(error, MemoryError):
        sentence = "The model process ran out of memory; close other programs or bake a shorter range."
    else:
        sentence = f"The model process met an error of its own ({type(error).__name__}); copy the report and send it."
    return Failure(job, sentence, report(error))


def report(error: Exception) -> str:
    """Versions, machine and traceback."""
    lines = [
        f"Speech2Face {VERSION}, Python {platform.python_version()}, numpy {np.__version__}, {platform.platform()}",
        *(line.rstrip() for line in traceback.format_exception(error)),
    ]
    return "\n".join(lines)
